/**
 * What passes between a calculator outside and its worker. Things inside (calculators, prepared structures, systems) are named by the
 * number of the question that made them; questions of one connection are numbered through.
 */
import type { Backend } from '../backend/index.js';
import type { BindOptions, CalculatorOptions, EvaluateOptions, InputOptions, System } from '../calculator/index.js';
import type { Structure } from '../structure/index.js';
import type { PackedError } from './errors-across.js';

/** Changes with what is said here: both sides have to be of one kind. */
export const protocol = 1;

/** Other messages may go through the same port. */
export const mark = 'mace-calculator';

export interface ConnectOptions extends Omit<CalculatorOptions, 'backend'> {
  /** The name under which the worker serves it. */
  readonly backend: string;
}

/** Where the atoms of a system are, as it is known outside; asked only while no structures are being replaced. */
export interface Places {
  readonly positions: Float64Array;
  readonly cells: Float64Array;
}

export type Ask =
  | { readonly method: 'create'; readonly options: ConnectOptions }
  | {
      readonly method: 'evaluateAll' | 'prepare';
      readonly structures: readonly Structure[];
      readonly options: EvaluateOptions;
    }
  | { readonly method: 'bind'; readonly structures: readonly Structure[]; readonly options: BindOptions }
  | { readonly method: 'hessian'; readonly structure: Structure; readonly options: InputOptions }
  | {
      readonly method: 'hessianVector';
      readonly structure: Structure;
      readonly vector: Float64Array;
      readonly options: InputOptions;
    }
  | { readonly method: 'setParameters'; readonly weights: Readonly<Record<string, Float64Array | Float32Array>> }
  | { readonly method: 'peak' | 'dispose' | 'run' }
  | {
      readonly method: 'compute';
      readonly places: Places;
      /** Lengths of the caller's arrays, which stay outside; what is no Float64Array comes as it is, in a list, to be refused. */
      readonly into: Readonly<Record<string, unknown>>;
    }
  | { readonly method: 'replace'; readonly places: Places; readonly structures: ReadonlyMap<number, Structure> }
  | { readonly method: 'reorder'; readonly places: Places };

/** What of a call goes on outside: under the number of the call, or of the `prepare` whose structures it runs. */
export interface Watched {
  readonly number: number;
  readonly aborted: boolean;
  readonly profile: boolean;
}

/** From outside. */
export type Request =
  | { readonly kind: 'hello' }
  | {
      readonly kind: 'question';
      readonly number: number;
      /** The thing that is asked; null for `create`. */
      readonly of: number | null;
      readonly ask: Ask;
      readonly watched: Watched | null;
    }
  | { readonly kind: 'cancel'; readonly number: number }
  /** Nobody asks this thing any more. */
  | { readonly kind: 'release'; readonly number: number };

/** From inside. */
export type Reply =
  /** `lock`: held by the thread inside as long as it lives, where there are locks. */
  | { readonly kind: 'ready'; readonly protocol: number; readonly lock: string | null }
  | {
      readonly kind: 'answer';
      readonly number: number;
      readonly value?: unknown;
      readonly error?: PackedError;
      readonly state: CalculatorState | null;
    }
  /** Nothing is answered any more. */
  | { readonly kind: 'ended'; readonly why: string }
  | { readonly kind: 'profile'; readonly number: number; readonly kernel: string; readonly seconds: number };

/** What a system tells of itself where it was made anew. */
export type SystemState = Pick<System, 'offsets' | 'order' | 'skin' | 'lists'>;

/** What a calculator tells of itself with each answer. */
export interface CalculatorState {
  readonly device: string;
  readonly memory: ReturnType<Backend['memory']>;
}

/** `connection` is the connection's own name; null is for all. */
export type Marked<T> = T & { readonly mark: typeof mark; readonly connection: string | null };

export function isMarked(message: unknown): message is Marked<object> {
  return typeof message === 'object' && message !== null && (message as { mark?: unknown }).mark === mark;
}

/** Buffers that a message may take along: those of arrays in it that are all of their buffer. */
export function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteLength } = value;
    if (buffer instanceof ArrayBuffer && byteLength > 0 && byteLength === buffer.byteLength) found.add(buffer);
  } else if (Array.isArray(value)) {
    if (typeof value[0] === 'object') for (const one of value) buffersOf(one, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const one of Object.values(value)) buffersOf(one, found);
  }
  return [...found];
}
