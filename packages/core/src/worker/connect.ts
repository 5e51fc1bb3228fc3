/** The outside: a calculator that computes in a worker and is used as any other. */
import type { Cancellation, RealArray } from '../backend/index.js';
import type {
  BindOptions,
  Calculator,
  EvaluateOptions,
  InputOptions,
  PreparedStructures,
  Result,
  System,
} from '../calculator/index.js';
import { snapshotOf } from '../calculator/snapshot.js';
import { DisposedError, UnsupportedError } from '../errors.js';
import type { MaceModel } from '../model/index.js';
import type { Structure } from '../structure/index.js';
import { Connection, forgotten, type AskOptions, type Watch } from './connection.js';
import { buffersOf, type Ask, type CalculatorState, type ConnectOptions, type SystemState } from './messages.js';
import type { Port } from './port.js';
import { RemoteSystem } from './remote-system.js';

export type { ConnectOptions } from './messages.js';

/**
 * A calculator in a worker that has called, or will call, `serveCalculator`. What calls are given is copied as they are made. Dispose
 * of the calculator when it is not needed any more. A worker that ends refuses what waits for it (DeviceError, `lost`): in Node, and in
 * pages of https or localhost; elsewhere a page is not told, so call `disconnectCalculators` before you end one.
 *
 * @param worker - a `Worker`, or an end of a channel to where calculators are served
 * @throws what `createCalculator` throws, BackendUnavailableError for a name that is not served, UnsupportedError for what cannot
 * cross, DeviceError where the worker ends
 */
export async function connectCalculator(worker: Port, options: ConnectOptions): Promise<Calculator> {
  if (typeof options.backend !== 'string')
    throw new UnsupportedError(
      'option',
      "connectCalculator: the backend is made in the worker and cannot cross to it. Hand it to serveCalculator there, and give its name here: backend: 'wasm'.",
    );
  const connection = await Connection.to(worker);
  try {
    const ask: Ask = { method: 'create', options };
    const { number, value, state } = await connection.ask<{ backend: string }>(null, ask);
    const { model, precision = 'f64', tables = false } = options;
    const calculator = new RemoteCalculator(connection, number, model, value.backend, precision, tables, state!);
    const end = releaseOf(connection, number);
    const forget = (): void => {
      end();
      connection.leave();
    };
    forgotten.register(calculator, forget, calculator);
    return calculator;
  } catch (error) {
    connection.leave();
    throw error;
  }
}

/**
 * Refuses what waits for the calculators of a worker, and what is asked of them later, with DisposedError; without a word to the worker,
 * which may be at work on it: end it. Where there is time for it, dispose of the calculators.
 */
export function disconnectCalculators(worker: Port): void {
  Connection.end(worker);
}

interface PreparedState extends Omit<PreparedStructures, 'run' | 'cost' | 'dispose'> {
  readonly cost: ReturnType<PreparedStructures['cost']>;
}

class RemoteCalculator implements Calculator {
  #state: CalculatorState;
  #isDisposed = false;

  constructor(
    readonly connection: Connection,
    readonly number: number,
    readonly model: MaceModel,
    readonly backend: string,
    readonly precision: 'f64' | 'f32',
    readonly tables: boolean,
    state: CalculatorState,
  ) {
    this.#state = state;
  }

  get device(): string {
    return this.#state.device;
  }

  /** As the last answer said. */
  memory(): CalculatorState['memory'] {
    return this.#state.memory;
  }

  async evaluate(structure: Structure, options: EvaluateOptions = {}): Promise<Result> {
    return (await this.evaluateAll([structure], options))[0]!;
  }

  async evaluateAll(structures: readonly Structure[], options: EvaluateOptions = {}): Promise<Result[]> {
    const taken = structures.map(snapshotOf);
    const [rest, watch] = apart(options);
    const ask: Ask = { method: 'evaluateAll', structures: taken, options: rest };
    return (await this.ask<Result[]>(this.number, ask, { watch, transfer: buffersOf(taken) })).value;
  }

  async prepare(structures: readonly Structure[], options: EvaluateOptions = {}): Promise<PreparedStructures> {
    const taken = structures.map(snapshotOf);
    const [rest, watch] = apart(options);
    const ask: Ask = { method: 'prepare', structures: taken, options: rest };
    const { number, value } = await this.ask<PreparedState>(this.number, ask, { watch, transfer: buffersOf(taken) });
    const again: AskOptions = { watch, prepared: number };
    const run = async (): Promise<Result[]> => (await this.ask<Result[]>(number, { method: 'run' }, again)).value;
    const end = releaseOf(this.connection, number);
    forgotten.register(run, end);
    return { ...value, cost: () => value.cost, run, dispose: end };
  }

  async bind(structures: readonly Structure[], options: BindOptions = {}): Promise<System> {
    const taken = structures.map(snapshotOf);
    const { number, value } = await this.ask<SystemState>(this.number, { method: 'bind', structures: taken, options });
    const system = new RemoteSystem(this, number, taken, value);
    forgotten.register(system, releaseOf(this.connection, number));
    return system;
  }

  async hessian(
    structure: Structure,
    options: InputOptions & { readonly cancellation?: Cancellation } = {},
  ): Promise<Float64Array> {
    const taken = snapshotOf(structure);
    const [rest, watch] = apart(options);
    const ask: Ask = { method: 'hessian', structure: taken, options: rest };
    return (await this.ask<Float64Array>(this.number, ask, { watch, transfer: buffersOf(taken) })).value;
  }

  async hessianVector(structure: Structure, vector: Float64Array, options: InputOptions = {}): Promise<Float64Array> {
    const [taken, along] = [snapshotOf(structure), vector.slice()];
    const ask: Ask = { method: 'hessianVector', structure: taken, vector: along, options };
    return (await this.ask<Float64Array>(this.number, ask, { transfer: buffersOf([taken, along]) })).value;
  }

  async setParameters(weights: Readonly<Record<string, RealArray>>): Promise<void> {
    const taken = Object.fromEntries(Object.entries(weights).map(([name, values]) => [name, values.slice()]));
    const ask: Ask = { method: 'setParameters', weights: taken };
    await this.ask(this.number, ask, { transfer: buffersOf(taken) });
  }

  async peak(): Promise<number | null> {
    return (await this.ask<number | null>(this.number, { method: 'peak' })).value;
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    const { connection } = this;
    const disposing = connection.isLost ? undefined : this.ask(this.number, { method: 'dispose' });
    this.#isDisposed = true;
    forgotten.unregister(this);
    try {
      await disposing;
    } catch (error) {
      // Of a worker that ended meanwhile nothing is left.
      if (!connection.isLost) throw error;
    } finally {
      connection.leave();
    }
  }

  /** Asks the calculator, or what was made with it; and keeps what it tells of itself. */
  async ask<T>(of: number, ask: Ask, options?: AskOptions): Promise<{ readonly number: number; readonly value: T }> {
    if (this.#isDisposed) throw new DisposedError('use after dispose: calculator.');
    const answer = await this.connection.ask<T>(of, ask, options);
    this.#state = answer.state ?? this.#state;
    return answer;
  }
}

/** Holds nothing that is used outside. */
function releaseOf(connection: Connection, number: number): () => void {
  return () => connection.release(number);
}

/** Options as data, and what of them stays outside. */
function apart<T extends Watch>(options: T): [Omit<T, 'cancellation' | 'profile'>, Watch] {
  const { cancellation, profile, ...rest } = options;
  return [rest, { cancellation, profile }];
}
