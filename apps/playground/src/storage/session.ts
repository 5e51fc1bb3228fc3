/**
 * What a tab works on, kept every two seconds in private storage (IndexedDB), so that work of a tab that was closed goes on in the next.
 * Each tab has a session of its own and holds a lock of its name (Web Locks) while it lives: a session without a lock is abandoned.
 */
import { createStore, del, entries, get, set, type UseStore } from 'idb-keyval';
import type { Structure } from '@mace/core/structure';
import type { DynamicsFrame } from '../engine/messages.js';
import type { Setup } from '../share/setup.js';

/** Raised when what is kept changes: sessions of other versions are dropped. */
const version = 3;
const mostAbandoned = 5;
/** Milliseconds; older ones are dropped. */
const oldest = 30 * 24 * 3600 * 1000;

/** What is needed to go on. */
export interface Work {
  readonly name: string;
  readonly structure: Structure;
  /** How many structures its file has; they are not kept. */
  readonly frames: number;
  readonly setup: Setup;
  /** The last frame of dynamics, with its momenta, where the structure is of dynamics. */
  readonly frame: DynamicsFrame | null;
  /** What ran when this was kept. */
  readonly running: 'relax' | 'dynamics' | null;
}

export interface Session extends Work {
  readonly version: number;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly date: number;
}

/** The session of this tab. */
export interface OwnSession {
  /** @throws DOMException where the storage is full or absent */
  keep(work: Work): Promise<void>;
  drop(): Promise<void>;
}

/** Begins the session of this tab; other tabs see that it lives. */
export async function beginSession(): Promise<OwnSession> {
  const id = crypto.randomUUID();
  await new Promise<void>((resolve, reject) => {
    // Held until the tab ends.
    const held = navigator.locks.request(lockOf(id), () => {
      resolve();
      return new Promise<never>(() => {});
    });
    held.catch(reject);
  });
  return {
    keep: (work) => set(id, { ...work, version, id, date: Date.now() } satisfies Session, store()),
    drop: () => del(id, store()),
  };
}

/** Sessions of tabs that were closed, the newest first; what is too old or of another version is dropped. */
export async function abandonedSessions(): Promise<Session[]> {
  const [all, { held = [] }] = await Promise.all([entries<string, Session>(store()), navigator.locks.query()]);
  const living = new Set(held.map(({ name }) => name));
  const found = all.map(([, session]) => session).filter(({ id }) => !living.has(lockOf(id)));
  const good = found
    .filter((one) => one.version === version && Date.now() - one.date < oldest)
    .sort((a, b) => b.date - a.date);
  const kept = good.slice(0, mostAbandoned);
  await Promise.all(found.filter((one) => !kept.includes(one)).map(({ id }) => del(id, store())));
  return kept;
}

/** Takes an abandoned session out of the storage. @returns null where another tab was faster */
export async function takeSession(id: string): Promise<Session | null> {
  return await navigator.locks.request(lockOf(id), { ifAvailable: true }, async (lock) => {
    if (!lock) return null;
    const session = (await get<Session>(id, store())) ?? null;
    await del(id, store());
    return session;
  });
}

const lockOf = (id: string): string => `mace-playground session ${id}`;

let opened: UseStore | null = null;
function store(): UseStore {
  return (opened ??= createStore('mace-playground', 'sessions'));
}
