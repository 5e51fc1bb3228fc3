/** Keeps the work of this tab, and offers that of tabs that were closed. */
import { effect, signal } from '@preact/signals';
import { runDynamics } from '../actions/dynamics.js';
import { notice } from '../actions/notices.js';
import { relax } from '../actions/relax.js';
import { gallery } from '../files/gallery.js';
import { setupOfNow } from '../share/setup.js';
import { takeShared } from '../share/take-shared.js';
import { activity, current, frame, live, shown } from '../state.js';
import { abandonedSessions, beginSession, takeSession, type OwnSession, type Session, type Work } from './session.js';
import { whyNotStored } from './why-not-stored.js';

/** Milliseconds between two writes. */
const every = 2000;

/** Work of tabs that were closed, the newest first. */
export const offered = signal<readonly Session[]>([]);
/** Why the work of this tab is not kept. */
export const unkept = signal<string | null>(null);

/** Keeps what there is at this moment. */
export let keepNow: () => Promise<void> = async () => {};

/** Begins to keep; where the browser keeps nothing that is said once, and the page goes on. */
export async function keepWork(): Promise<void> {
  try {
    const session = await beginSession();
    offered.value = await abandonedSessions();
    // The lock of a page that has just been reloaded may go a moment later.
    setTimeout(() => void look(), 1500);
    follow(session);
  } catch (error) {
    sayUnkept(error);
  }
}

/** Goes on with the work of a closed tab: what ran runs again from where it was, dynamics with their momenta. */
export async function goOn({ id }: Session): Promise<void> {
  const session = await takeSession(id).catch(() => null);
  await look();
  if (!session) {
    notice('run', 'note', 'This work is gone: another tab has gone on with it, or has discarded it.');
    return;
  }
  await takeShared(session);
  if (session.frames > 1)
    notice('structure', 'note', `The file had ${session.frames} structures, of which this one was kept.`);
  frame.value = session.frame;
  if (session.running === 'relax') await relax();
  else if (session.running && session.frame) await runDynamics(session.frame);
}

export async function discard({ id }: Session): Promise<void> {
  await takeSession(id).catch(() => null);
  await look();
}

async function look(): Promise<void> {
  offered.value = await abandonedSessions().catch(() => []);
}

function follow(session: OwnSession): void {
  let isChanged = false;
  let isKept = false;
  let writing: Promise<void> | null = null;
  effect(() => {
    void [shown.value, live.value, frame.value, activity.value?.kind, setupOfNow()];
    isChanged = true;
  });
  const write = async (): Promise<void> => {
    isChanged = false;
    const work = workOfNow();
    if (!work && !isKept) return;
    isKept = work !== null;
    await (work ? session.keep(work) : session.drop());
  };
  keepNow = async () => {
    await writing;
    writing = write().catch((error: unknown) => {
      clearInterval(timer);
      sayUnkept(error);
    });
    await writing;
    writing = null;
  };
  const timer = setInterval(() => {
    if (isChanged && !writing) void keepNow();
  }, every);
}

/** @returns null where nothing was done that would be missed */
function workOfNow(): Work | null {
  if (!shown.value) return null;
  const kind = activity.value?.kind;
  const running = kind === 'relax' || kind === 'dynamics' ? kind : null;
  const structure = current.value!;
  if (!running && !frame.value && gallery.some((one) => one.structure === structure)) return null;
  const { name, frames = [] } = shown.value;
  return { name, structure, setup: setupOfNow(), frame: frame.value, running, frames: frames.length };
}

function sayUnkept(error: unknown): void {
  unkept.value = `What you do here is lost should this tab be closed: ${whyNotStored(error)}. Export what you need.`;
}
