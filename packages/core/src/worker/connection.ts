/** The outside of a port: questions are numbered, answers find theirs; one connection for all calculators of a worker. */
import type { Cancellation } from '../backend/index.js';
import { DeviceError, DisposedError, UnsupportedError } from '../errors.js';
import { unpackError } from './errors-across.js';
import { watchLifeline } from './lifeline.js';
import { isMarked, mark, protocol, type Ask, type CalculatorState, type Reply, type Request } from './messages.js';
import { listen, type Port } from './port.js';

/** What of a call stays outside. */
export interface Watch {
  readonly cancellation?: Cancellation | undefined;
  readonly profile?: ((kernel: string, seconds: number) => void) | undefined;
}

export interface AskOptions {
  readonly watch?: Watch;
  /** The `prepare` whose structures are run, which goes on being watched under its number. */
  readonly prepared?: number;
  /** Buffers that nobody needs any more outside. */
  readonly transfer?: readonly ArrayBuffer[];
}

export interface Answer<T> {
  /** Of the question, and of what it made. */
  readonly number: number;
  readonly value: T;
  readonly state: CalculatorState | null;
}

interface Waiting {
  readonly method: string;
  readonly watch: Watch | undefined;
  readonly watchNumber: number;
  settle(outcome: Answer<unknown> | Error): void;
}

/** Ends inside what nobody outside can reach any more. */
export const forgotten = new FinalizationRegistry<() => void>((end) => end());

const connections = new WeakMap<Port, Connection>();

/** Milliseconds between two looks at a cancellation. */
const lookEvery = 10;

export class Connection {
  /** Random: two copies of this package may use one port. */
  readonly #name = `${Math.random()}`;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ready: Promise<void>;
  #isReady: (error?: Error) => void = () => {};
  #next = 0;
  #calculators = 0;
  /** Why nothing is asked any more. */
  #refusal: ((method: string) => Error) | undefined;
  #stop: () => void = () => {};
  /** Stops waiting for the end of the worker. */
  #stopWatching: Promise<() => void> | undefined;

  /** The one of a worker, when it answers. @throws DeviceError */
  static async to(port: Port): Promise<Connection> {
    let connection = connections.get(port);
    if (!connection) connections.set(port, (connection = new Connection(port)));
    connection.#calculators++;
    await connection.#ready;
    return connection;
  }

  /** What waits for a worker is refused, and what comes; whoever connects anew begins anew. */
  static end(port: Port): void {
    const connection = connections.get(port);
    if (!connection) return;
    connections.delete(port);
    connection.#stop();
    connection.#refuse((method) => new DisposedError(`${method}: the calculator was disconnected from its worker.`));
  }

  private constructor(readonly port: Port) {
    let isReady = false;
    this.#ready = new Promise((resolve, reject) => {
      this.#isReady = (error) => {
        isReady ||= !error;
        if (error) reject(error);
        else resolve();
      };
    });
    this.#stop = listen(port, {
      message: (message) => this.#take(message),
      lost: (why) => this.#lose(why),
      failed: (why) => {
        if (!isReady) this.#lose(`it failed: ${why}`);
      },
    });
    this.#post({ kind: 'hello' });
  }

  get isLost(): boolean {
    return this.#refusal !== undefined;
  }

  /** One calculator fewer: without any, nothing is listened to, and a port holds no program. */
  leave(): void {
    this.#calculators--;
    this.#stopWhenIdle();
  }

  async ask<T>(of: number | null, ask: Ask, { watch, prepared, transfer = [] }: AskOptions = {}): Promise<Answer<T>> {
    const { method } = ask;
    if (this.#refusal) throw this.#refusal(method);
    const number = this.#next++;
    const watchNumber = prepared ?? number;
    const watched = watch && {
      number: watchNumber,
      aborted: watch.cancellation?.aborted ?? false,
      profile: watch.profile !== undefined,
    };
    this.#post({ kind: 'question', number, of, ask, watched: watched ?? null }, transfer);
    const stopLooking = this.#lookAt(watchNumber, watch?.cancellation);
    return new Promise((resolve, reject) => {
      const settle = (outcome: Answer<unknown> | Error): void => {
        stopLooking();
        this.#waiting.delete(number);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome as Answer<T>);
        this.#stopWhenIdle();
      };
      this.#waiting.set(number, { method, watch, watchNumber, settle });
    });
  }

  /** Ends what was made by a question. */
  release(number: number): void {
    if (!this.#refusal) this.#post({ kind: 'release', number });
  }

  #post(request: Request, transfer: readonly ArrayBuffer[] = []): void {
    try {
      this.port.postMessage({ mark, connection: this.#name, ...request }, [...transfer]);
    } catch (error) {
      if (request.kind !== 'question') throw error;
      const { method, ...given } = request.ask;
      const what = uncrossable(given, '') ?? `what it was given cannot be copied (${String(error)})`;
      throw new UnsupportedError(
        'option',
        `${method} in a worker: ${what}. Only data cross to a worker; leave it out, or compute in this thread with createCalculator.`,
        { cause: error },
      );
    }
  }

  #take(message: unknown): void {
    if (!isMarked(message) || (message.connection !== null && message.connection !== this.#name)) return;
    const reply = message as unknown as Reply;
    if (reply.kind === 'ready') void this.#meet(reply.protocol, reply.lock);
    else if (reply.kind === 'ended') this.#lose(reply.why);
    else if (reply.kind === 'profile') this.#profile(reply.number, reply.kernel, reply.seconds);
    else if (reply.kind === 'answer') {
      const { number, error, value, state } = reply;
      this.#waiting.get(number)?.settle(error ? unpackError(error) : { number, value, state });
    }
  }

  async #meet(other: number, lock: string | null): Promise<void> {
    if (other === protocol) {
      if (lock !== null) this.#stopWatching ??= watchLifeline(lock, () => this.#lose('it has ended'));
      await this.#stopWatching;
      this.#isReady();
    } else this.#lose(`it speaks version ${other}, and this side version ${protocol}: take one version of @mace/core`);
  }

  #profile(watchNumber: number, kernel: string, seconds: number): void {
    const waiting = [...this.#waiting.values()].find((one) => one.watchNumber === watchNumber);
    try {
      waiting?.watch?.profile?.(kernel, seconds);
    } catch (error) {
      // As in one thread: what a callback throws ends the call.
      this.#post({ kind: 'cancel', number: watchNumber });
      waiting!.settle(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #lookAt(number: number, cancellation: Cancellation | undefined): () => void {
    if (!cancellation) return () => {};
    const timer = timers.setInterval(() => {
      if (!cancellation.aborted) return;
      timers.clearInterval(timer);
      if (!this.#refusal) this.#post({ kind: 'cancel', number });
    }, lookEvery);
    return () => timers.clearInterval(timer);
  }

  #lose(why: string): void {
    this.#refuse(
      (method) =>
        new DeviceError('lost', `${method}: the worker is lost: ${why}. Start another one and connect to it.`),
    );
  }

  #refuse(refusal: (method: string) => Error): void {
    if (this.#refusal) return;
    this.#refusal = refusal;
    void this.#stopWatching?.then((stop) => stop());
    this.#isReady(refusal('connectCalculator'));
    for (const { method, settle } of [...this.#waiting.values()]) settle(refusal(method));
  }

  #stopWhenIdle(): void {
    // A worker that is lost stays known as such.
    if (this.#calculators > 0 || this.#waiting.size > 0 || this.#refusal) return;
    this.#stop();
    void this.#stopWatching?.then((stop) => stop());
    connections.delete(this.port);
  }
}

/** The first function or symbol in something, with the way to it. */
function uncrossable(value: unknown, path: string, seen = new Set<unknown>()): string | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') return `${path} is a ${typeof value}`;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) return undefined;
  seen.add(value);
  for (const [name, one] of value instanceof Map ? value : Object.entries(value)) {
    const found = uncrossable(one, path === '' ? String(name) : `${path}.${String(name)}`, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

const timers = globalThis as unknown as {
  setInterval(look: () => void, milliseconds: number): unknown;
  clearInterval(timer: unknown): void;
};
