/**
 * The threads of this program: all backends share them, as many as the largest asks for, one job at a time. Twelve calculators on two
 * cores have two threads, not two dozen.
 */
import { startThread, type Hearing, type Thread } from './thread.js';

/** Who hears from the threads while there is a job. */
let listener: Hearing | undefined;
let threads: Thread[] = [];
const users = new Set<object>();
let last: Promise<unknown> = Promise.resolve();

export function useThreads(user: object): void {
  users.add(user);
}

/** The last to leave stops them. */
export function leaveThreads(user: object): void {
  if (users.delete(user) && users.size === 0) stopThreads();
}

/** Does one job after the other; nobody else has the threads meanwhile. */
export function alone<T>(job: () => Promise<T>): Promise<T> {
  const result = last.then(job);
  last = result.catch(() => {});
  return result;
}

/** As many as are wanted, started where they are missing, which tell `hearing` and nobody else. */
export function threadsFor(count: number, hearing: Hearing): readonly Thread[] {
  listener = hearing;
  const own: Hearing = {
    received: (message) => listener?.received(message),
    crashed: (cause) => (listener ? listener.crashed(cause) : stopThreads()),
  };
  while (threads.length < count) threads.push(startThread(own));
  return threads.slice(0, count);
}

export function hearNothing(): void {
  listener = undefined;
}

/** Frees what the threads have of some code. */
export function forget(id: number): void {
  for (const thread of threads) if (thread.opened.delete(id)) thread.post({ kind: 'close', id });
}

/** The next job starts new ones. */
export function stopThreads(): void {
  for (const thread of threads) thread.stop();
  threads = [];
}
