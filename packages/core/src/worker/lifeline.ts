/**
 * How a page learns that a worker has ended, by `terminate()` too, of which no event tells: the worker holds a lock of the origin as long
 * as it lives, and who waits for that lock gets it then. Web Locks are there in pages of https and of localhost.
 */

/** A lock that this thread holds. */
export interface Lifeline {
  /** Its name, once it is held; null where the browser refuses locks to this origin. */
  readonly held: Promise<string | null>;
  release(): void;
}

/** Holds a lock; undefined where there are none. */
export function holdLifeline(): Lifeline | undefined {
  const locks = locksOfHere();
  if (!locks) return undefined;
  const name = `mace-calculator ${Math.random()} ${Math.random()}`;
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const held = new Promise<string | null>((resolve) => {
    const taken = (): Promise<void> => {
      resolve(name);
      return released;
    };
    locks.request(name, {}, taken).catch(() => resolve(null));
  });
  return { held, release };
}

/** Calls `ended` when nobody holds the lock any more, unless what it gives is called before; waits from when it gives that. */
export async function watchLifeline(name: string, ended: () => void): Promise<() => void> {
  const locks = locksOfHere();
  // A worker of another origin holds it where this page cannot see it.
  const { held = [] } = (await locks?.query().catch(() => undefined)) ?? {};
  if (!locks || !held.some((one) => one.name === name)) return () => {};
  const controller = new host.AbortController();
  // Who waits no more is told so by an error.
  locks.request(name, { signal: controller.signal }, async () => ended()).catch(() => {});
  return () => controller.abort();
}

interface Locks {
  request(name: string, options: { readonly signal?: unknown }, held: () => Promise<void>): Promise<void>;
  query(): Promise<{ readonly held?: readonly { readonly name?: string }[] }>;
}

const host = globalThis as unknown as {
  readonly navigator?: { readonly locks?: Locks };
  readonly AbortController: new () => { readonly signal: unknown; abort(): void };
};

function locksOfHere(): Locks | undefined {
  return host.navigator?.locks;
}
