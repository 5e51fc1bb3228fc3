/** What a calculator is for whoever uses one; `createCalculator` makes it, in this thread or in a worker. */
import type { Backend, BackendDefinition, Cancellation, RealArray } from '../backend/index.js';
import type { MaceModel } from '../model/index.js';
import type { Structure } from '../structure/index.js';
import type { InputOptions } from './model-inputs.js';
import type { PreparedStructures } from './prepared.js';
import type { Result } from './results.js';
import type { BindOptions, System } from './system.js';

/** What `evaluate` can add to the energies. */
export type Property = 'forces' | 'stress' | 'atomStresses' | 'descriptors';

export interface CalculatorOptions {
  readonly model: MaceModel;
  /** A backend, or what makes one: `reference()`, `wasm()`, … There is no default. */
  readonly backend: Backend | BackendDefinition;
  /** Default f64. */
  readonly precision?: 'f64' | 'f32';
  /** False computes with the graph as the model is written. Default true. */
  readonly plan?: boolean;
  /**
   * Computes functions of distance from tables, faster and within 1e-8 eV/atom and 1e-7 eV/Å in f64, below rounding in f32.
   * Structures with atoms nearer than a table holds for, and second derivatives, are computed without. Default false.
   */
  readonly tables?: boolean;
  /**
   * Largest number of atoms in one run of the graph; a larger structure is one run, or several where the memory of the
   * backend ends. Default 128.
   */
  readonly batchAtoms?: number;
  /**
   * Elements, by number or symbol, that graphs are made for from the start; structures with others are refused. By default graphs are
   * made for those that come, and made again when a new one does. Bits are the same either way.
   */
  readonly elements?: readonly (number | string)[];
}

export interface EvaluateOptions extends InputOptions {
  /** Default forces and stress. */
  readonly properties?: readonly Property[];
  readonly cancellation?: Cancellation;
  /** Told what each kernel took, in seconds, where the backend can say so; such a run is slower and on one thread. */
  readonly profile?: (kernel: string, seconds: number) => void;
}

export interface Calculator {
  readonly model: MaceModel;
  readonly backend: string;
  readonly device: string;
  readonly precision: 'f64' | 'f32';
  /** Whether functions of distance come from tables where they can. */
  readonly tables: boolean;
  /**
   * Goes on with a new device where one was lost and the calculator was given a definition.
   * @throws StructureError, CancelledError, DeviceError
   */
  evaluate(structure: Structure, options?: EvaluateOptions): Promise<Result>;
  /** As `evaluate`, for many structures in batches; same bits as one by one. */
  evaluateAll(structures: readonly Structure[], options?: EvaluateOptions): Promise<Result[]>;
  /**
   * Neighbor lists, plan, tables and compilation once, so that `run` only computes: for timing.
   * @throws StructureError
   */
  prepare(structures: readonly Structure[], options?: EvaluateOptions): Promise<PreparedStructures>;
  /** Structures that move, ready to be computed again and again. @throws StructureError, UnsupportedError, DeviceError */
  bind(structures: readonly Structure[], options?: BindOptions): Promise<System>;
  /** ∂²E/∂x∂x [3·atoms, 3·atoms] row-major, eV/Å². */
  hessian(
    structure: Structure,
    options?: InputOptions & { readonly cancellation?: Cancellation },
  ): Promise<Float64Array>;
  /** Hessian times a vector [atoms 3]. */
  hessianVector(structure: Structure, vector: Float64Array, options?: InputOptions): Promise<Float64Array>;
  /**
   * Replaces weights by upstream names; those not named keep their values. Calls under way end with the old weights, calls that
   * come later begin with the new ones.
   * @throws UnsupportedError, changing nothing
   */
  setParameters(weights: Readonly<Record<string, RealArray>>): Promise<void>;
  /** What the backend holds now. */
  memory(): ReturnType<Backend['memory']>;
  /** Multiply-adds a second of one thread at best, measured in less than a second; null where the backend does not tell. */
  peak(): Promise<number | null>;
  dispose(): Promise<void>;
}
