/** Long work on one thread lets the event loop take its turn: timers, clicks, requests, a cancellation. */

/** Milliseconds of work between two turns of the event loop, about. */
const mostWork = 8;

let lastTurn = 0;

/** Whether work on this thread has gone on for so long that the event loop should have a turn. */
export function isYieldDue(): boolean {
  return Date.now() - lastTurn > mostWork;
}

/** The last turn that somebody waits for. */
let waiting: Promise<void> = Promise.resolve();

/** Waits until the event loop has had a turn. Whoever else waits gets one of his own: all at once would be long work again. */
export async function yieldToEventLoop(): Promise<void> {
  await (waiting = waiting.then(nextTurn));
  lastTurn = Date.now();
}

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

interface Host {
  readonly setImmediate?: (then: () => void) => void;
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port };
}

/** Timers would wait for milliseconds: browsers delay those that follow each other. */
const nextTurn: () => Promise<void> = (() => {
  const { setImmediate, MessageChannel: Channel } = globalThis as unknown as Host;
  if (setImmediate) return () => new Promise<void>((resolve) => setImmediate(resolve));
  return () =>
    new Promise<void>((resolve) => {
      const { port1, port2 } = new Channel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    });
})();
