/** The inside: calculators of a worker, which answer what comes through its port. */
import type { BackendDefinition, Cancellation } from '../backend/index.js';
import {
  createCalculator,
  type Calculator,
  type PreparedStructures,
  type System,
  type SystemArrays,
} from '../calculator/index.js';
import { BackendUnavailableError, DisposedError, UnsupportedError } from '../errors.js';
import { packError, type PackedError } from './errors-across.js';
import { holdLifeline } from './lifeline.js';
import {
  buffersOf,
  isMarked,
  mark,
  protocol,
  type Ask,
  type Places,
  type Reply,
  type Request,
  type SystemState,
} from './messages.js';
import { listen, type Port } from './port.js';

/** What may be connected to, by name: definitions, or what makes one. */
export type ServedBackends = Readonly<Record<string, () => BackendDefinition>> | readonly BackendDefinition[];

const taken = new WeakSet<Port>();

/**
 * Lets `connectCalculator` outside compute in this thread.
 *
 * @param port - `self` in a worker of a page, `parentPort` of `node:worker_threads`, or an end of a channel
 * @param backends - `{ wasm }` or `[wasm()]`
 */
export function serveCalculator(port: Port, backends: ServedBackends): void {
  if (taken.has(port))
    throw new UnsupportedError(
      'option',
      'serveCalculator: this port is served already. Hand all backends to one call.',
    );
  taken.add(port);
  const connections = new Map<string, Served>();
  const post = (connection: string | null, reply: Reply): void =>
    port.postMessage({ mark, connection, ...reply }, reply.kind === 'answer' ? buffersOf(reply.value) : []);
  // In Node the outside is told of the end of a worker.
  const lifeline = port.on ? undefined : holdLifeline();
  const ready = (connection: string | null, lock: string | null = null): void =>
    post(connection, { kind: 'ready', protocol, lock });
  const meet = (connection: string | null): void => {
    if (lifeline) void lifeline.held.then((lock) => ready(connection, lock));
    else ready(connection);
  };
  listen(port, {
    message: (message) => {
      if (!isMarked(message) || message.connection === null) return;
      const { connection } = message;
      let served = connections.get(connection);
      if (!served) connections.set(connection, (served = new Served(backends, (reply) => post(connection, reply))));
      const request = message as unknown as Request;
      if (request.kind === 'hello') meet(connection);
      else served.take(request);
    },
    lost: (why) => {
      post(null, { kind: 'ended', why });
      for (const served of connections.values()) served.end();
      connections.clear();
      lifeline?.release();
    },
  });
  // For those who asked before anybody listened.
  meet(null);
}

/** A calculator, or what was made with it. */
interface Held {
  readonly calculator: Calculator;
  readonly prepared?: PreparedStructures;
  readonly system?: System;
}

/** What of a call is decided outside. */
interface Watching {
  readonly cancellation: Cancellation;
  readonly profile?: (kernel: string, seconds: number) => void;
}

/** All that one connection has made. */
class Served {
  readonly #held = new Map<number, Held>();
  readonly #flags = new Map<number, { aborted: boolean }>();
  #isOver = false;

  constructor(
    readonly backends: ServedBackends,
    readonly post: (reply: Reply) => void,
  ) {}

  take(request: Exclude<Request, { kind: 'hello' }>): void {
    if (request.kind === 'cancel') this.#cancel(request.number);
    else if (request.kind === 'release') this.#release(request.number);
    else void this.#answer(request);
  }

  end(): void {
    this.#isOver = true;
    for (const { calculator } of this.#held.values()) void calculator.dispose();
    this.#held.clear();
  }

  async #answer(question: Request & { kind: 'question' }): Promise<void> {
    const { number, of } = question;
    const before = of === null ? undefined : this.#held.get(of);
    const tell = (outcome: { value?: unknown; error?: PackedError }): void => {
      const { calculator } = before ?? this.#held.get(number) ?? {};
      const state = calculator ? { device: calculator.device, memory: calculator.memory() } : null;
      this.post({ kind: 'answer', number, ...outcome, state });
    };
    try {
      tell({ value: await this.#do(question) });
    } catch (error) {
      tell({ error: packError(error) });
    } finally {
      if (!this.#held.has(number)) this.#flags.delete(number);
    }
  }

  /** Begins at once, so that calls take effect in the order in which they were made. */
  #do({ number, of, ask, watched }: Request & { kind: 'question' }): Promise<unknown> {
    if (ask.method === 'create') return this.#create(number, ask);
    const held = this.#held.get(of!);
    if (!held) throw new DisposedError(`use after dispose: ${ask.method} of what is no more.`);
    const watching = watched ? this.#watch(watched.number, watched.aborted, watched.profile) : {};
    return this.#call(number, held, ask, watching);
  }

  async #create(number: number, { options }: Ask & { method: 'create' }): Promise<unknown> {
    const calculator = await createCalculator({ ...options, backend: definitionOf(this.backends, options.backend) });
    if (this.#isOver) await calculator.dispose();
    else this.#held.set(number, { calculator });
    return { backend: calculator.backend };
  }

  async #call(number: number, { calculator, prepared, system }: Held, ask: Ask, watching: Partial<Watching>) {
    switch (ask.method) {
      case 'evaluateAll':
        return calculator.evaluateAll(ask.structures, { ...ask.options, ...watching });
      case 'prepare': {
        const made = await calculator.prepare(ask.structures, { ...ask.options, ...watching });
        this.#held.set(number, { calculator, prepared: made });
        const { atoms, edges, parts, withTables } = made;
        return { atoms, edges, parts, withTables, cost: made.cost() };
      }
      case 'bind': {
        const made = await calculator.bind(ask.structures, ask.options);
        this.#held.set(number, { calculator, system: made });
        return stateOf(made);
      }
      case 'hessian':
        return calculator.hessian(ask.structure, { ...ask.options, ...watching });
      case 'hessianVector':
        return calculator.hessianVector(ask.structure, ask.vector, ask.options);
      case 'setParameters':
        return calculator.setParameters(ask.weights);
      case 'peak':
        return calculator.peak();
      case 'dispose':
        return this.#disposeOf(calculator);
      case 'run':
        return prepared!.run();
      case 'compute': {
        const { cancellation } = watching;
        const options = { into: arraysFor(ask.into), ...(cancellation && { cancellation }) };
        const arrays = await moved(system!, ask.places).compute(options);
        return { arrays, lists: system!.lists };
      }
      case 'replace':
        await moved(system!, ask.places).replace(ask.structures);
        return stateOf(system!);
      case 'reorder':
        await moved(system!, ask.places).reorder();
        return stateOf(system!);
      default:
        throw new TypeError(`serveCalculator: ${ask.method} is no method.`);
    }
  }

  #watch(number: number, aborted: boolean, profile: boolean): Watching {
    const cancellation = this.#flags.get(number) ?? { aborted };
    cancellation.aborted = aborted;
    this.#flags.set(number, cancellation);
    if (!profile) return { cancellation };
    const tell = (kernel: string, seconds: number): void => this.post({ kind: 'profile', number, kernel, seconds });
    return { cancellation, profile: tell };
  }

  /** Of a calculator with all that was made with it. */
  #disposeOf(calculator: Calculator): Promise<void> {
    for (const [other, held] of this.#held) if (held.calculator === calculator) this.#held.delete(other);
    return calculator.dispose();
  }

  #cancel(number: number): void {
    const flag = this.#flags.get(number);
    if (flag) flag.aborted = true;
  }

  #release(number: number): void {
    const held = this.#held.get(number);
    this.#held.delete(number);
    this.#flags.delete(number);
    held?.prepared?.dispose();
    held?.system?.dispose();
    if (held && !held.prepared && !held.system) void this.#disposeOf(held.calculator);
  }
}

function definitionOf(backends: ServedBackends, name: string): BackendDefinition {
  const isList = (all: ServedBackends): all is readonly BackendDefinition[] => Array.isArray(all);
  const found = isList(backends)
    ? backends.find((one) => one.name === name)
    : Object.hasOwn(backends, name) && backends[name]!();
  if (found) return found;
  const names = isList(backends) ? backends.map((one) => one.name) : Object.keys(backends);
  throw new BackendUnavailableError(
    `connectCalculator: the worker serves no backend ${name}; it serves ${names.join(', ') || 'none'}. Name one of these, or hand it to serveCalculator in the worker.`,
  );
}

function stateOf({ offsets, order, skin, lists }: System): SystemState {
  return { offsets, order, skin, lists };
}

/** With the atoms where they are outside. */
function moved(system: System, { positions, cells }: Places): System {
  system.update(positions, cells);
  return system;
}

function arraysFor(into: Readonly<Record<string, unknown>>): Partial<SystemArrays> {
  const made = Object.entries(into).map(([name, given]) => [
    name,
    typeof given === 'number' ? new Float64Array(given) : (given as readonly unknown[])[0],
  ]);
  return Object.fromEntries(made) as Partial<SystemArrays>;
}
