/**
 * The contract that every backend fulfils: what it is given (a graph, sizes, arrays), what it gives back.
 *
 * A backend sees the IR and this file, never an irrep. Nothing here is synchronous where a device may be behind it,
 * and there is no ambient state: two backends of one kind can live side by side.
 */
import type { Graph, OpName, RuntimeDim } from '../ir/types.js';

export type Precision = 'f64' | 'f32' | 'f16';
export type RealArray = Float64Array | Float32Array;

/** Anything with an `aborted` flag; an `AbortSignal` is one. Core has no DOM types. */
export interface Cancellation {
  readonly aborted: boolean;
}

/** What a package exports: cheap to import, nothing happens until `probe` or `create`. */
export interface BackendDefinition {
  /** Version of this contract. The calculator refuses a number it does not know. */
  readonly contract: 1;
  readonly name: string;
  /** Says whether and why (not); never throws, leaves nothing allocated. */
  probe(): Promise<Availability>;
  /** @throws BackendUnavailableError with the same reason `probe` gives. */
  create(): Promise<Backend>;
}

export type Availability =
  | { readonly available: true; readonly device: string; readonly capabilities: Capabilities }
  | { readonly available: false; readonly reason: string; readonly remedy?: string };

export interface Capabilities {
  readonly precisions: readonly Precision[];
  /** Same inputs give the same bits, alone and in any batch. */
  readonly deterministic: boolean;
  /**
   * What is promised of NaN, ±∞, ±0 and subnormal numbers. `ieee`: what IEEE 754 says; an op that is made of others may turn
   * finite numbers of a row into NaN where the row holds a NaN or ∞, never the other way round; the sign of a zero is free.
   * `finite`, the default: nothing; a subnormal number may count as zero.
   */
  readonly specials?: 'ieee' | 'finite';
  /** `run` accepts and returns tensors that stay on the device. */
  readonly deviceTensors: boolean;
  /** Largest single buffer, in bytes: calculators cut larger runs where `Executable.cost` says how large theirs are. */
  readonly maxBufferBytes: number;
  /** What everything together may take, in bytes, where there is such a limit: calculators cut larger runs by `Executable.cost`. */
  readonly maxMemoryBytes?: number;
  /** Threads that a run may take. Default 1. */
  readonly threads?: number;
}

export interface Backend {
  readonly name: string;
  readonly device: string;
  readonly capabilities: Capabilities;
  /** Names of its fusions, which `CompileOptions.fusions` switches. Default none. */
  readonly fusions?: readonly string[];
  /** @throws GraphError, UnsupportedError, DeviceError, CancelledError */
  compile(graph: Graph, options: CompileOptions): Promise<Executable>;
  /** Copies; the array may be reused at once. */
  upload(values: RealArray, shape: readonly number[]): DeviceTensor;
  /** For leak checks and dashboards. */
  memory(): { readonly liveBytes: number; readonly liveBuffers: number };
  /** Releases everything, executables included. Calling it twice is allowed. */
  dispose(): Promise<void>;
  /** Optional: neighbors of one structure, found by the backend. Same edges as `findNeighbors` of `@mace/core/structure`, in any order. */
  neighbors?(request: NeighborRequest): Promise<NeighborEdges>;
  /** Optional: multiply-adds a second of one thread that does nothing else, measured; of vectors, as its kernels use them. */
  peak?(precision: Precision): Promise<number>;
  /** Optional: dynamics whose state stays on the device. */
  stepper?(executable: Executable, options: StepperOptions): Promise<Stepper>;
}

/** Named things that may be switched. */
export type Choice = 'all' | 'none' | readonly string[];

export interface CompileOptions {
  readonly precision: Precision;
  /** Weights, by parameter name. Uploaded once and kept on the device. */
  readonly parameters: Readonly<Record<string, RealArray>>;
  /** Which named fusions may be used. Default `'all'`. */
  readonly fusions?: Choice;
  /** Which named graph passes of the shared pipeline run. Default `'all'`. */
  readonly passes?: Choice;
  readonly cancellation?: Cancellation;
}

export interface IndexMapValues {
  /** Target row of each source row. */
  readonly values: Int32Array;
  /** First position in `order` of each target row; one longer than the target dimension. */
  readonly offsets: Int32Array;
  /** Source rows grouped by target row, ascending within a group. */
  readonly order: Int32Array;
}

export interface RunInputs {
  readonly dims: Readonly<Record<RuntimeDim, number>>;
  /** Every map of the graph that is not derived. */
  readonly maps: Readonly<Record<string, IndexMapValues>>;
  readonly values: Readonly<Record<string, RealArray | DeviceTensor>>;
}

/**
 * Any sizes, any number of times, without recompiling. Runs may overlap. A run uses its inputs as they are when it is called: as
 * soon as it has returned its promise the caller may write to the arrays again.
 */
export interface Executable {
  readonly report: CompileReport;
  /** @throws ShapeError, DeviceError, DisposedError, CancelledError */
  run(inputs: RunInputs, options?: RunOptions): Promise<Readonly<Record<string, RealArray>>>;
  /** Present exactly when `capabilities.deviceTensors` is true. */
  runOnDevice?(inputs: RunInputs, options?: RunOptions): Promise<Readonly<Record<string, DeviceTensor>>>;
  /**
   * Replaces every parameter; names and sizes as given to `compile`. Runs that were called before have the old ones, runs that
   * are called after it has resolved the new ones.
   */
  setParameters(parameters: Readonly<Record<string, RealArray>>): Promise<void>;
  /** Optional: what a run of these inputs would take; nothing is computed. */
  cost?(inputs: Pick<RunInputs, 'dims' | 'maps'>): RunCost;
  dispose(): void;
}

export interface RunCost {
  /** Memory while it runs, beside what the executable holds from run to run. */
  readonly bytes: number;
  /** The largest single buffer, where that is what `Capabilities.maxBufferBytes` limits. Default: it fits. */
  readonly largestBufferBytes?: number;
  /** Of products with matrices, polynomials, convolutions and tables; the rest is not counted. */
  readonly multiplyAdds: number;
  /** The same by the names that `RunOptions.profile` is told. */
  readonly kernels: Readonly<Record<string, number>>;
}

export interface RunOptions {
  readonly cancellation?: Cancellation;
  /** Told what a kernel took, in seconds, by a backend that can say so; such a run is slower and on one thread. */
  readonly profile?: (kernel: string, seconds: number) => void;
}

export interface DeviceTensor {
  readonly shape: readonly number[];
  read(): Promise<RealArray>;
  dispose(): void;
}

/** What the compiler did, for people: printed by `mace model print`. */
export interface CompileReport {
  readonly kernels: readonly { readonly name: string; readonly nodes: readonly number[]; readonly source?: string }[];
  readonly fused: readonly { readonly pattern: string; readonly scope: string }[];
  readonly legalized: readonly { readonly op: OpName; readonly scope: string }[];
}

/** One structure whose neighbors are wanted. Å. */
export interface NeighborRequest {
  /** [atoms 3] */
  readonly positions: RealArray;
  /** Rows are the cell vectors [3 3]; null without one. */
  readonly cell: RealArray | null;
  readonly pbc: readonly [boolean, boolean, boolean];
  readonly cutoff: number;
  /** Pairs up to `cutoff + skin` are listed. Default 0. */
  readonly skin?: number;
}

/** Directed edges, both directions of each pair, a pair of an atom with its own image included. */
export interface NeighborEdges {
  readonly sender: Int32Array;
  readonly receiver: Int32Array;
  /** Whole cells that are added to the receiver [edges 3]. */
  readonly shifts: Int32Array;
  /** x_receiver − x_sender + shift·cell [edges 3], Å. */
  readonly vectors: RealArray;
}

/** Velocity Verlet on the device, forces from an executable with the output `forces`, edges from a list with a skin. */
export interface StepperOptions {
  /** Å */
  readonly cutoff: number;
  /** Å; the list is made again when an atom has moved by half of it. */
  readonly skin: number;
  /** fs */
  readonly timestep: number;
  /** amu [atoms] */
  readonly masses: RealArray;
  /** Every map but `sender` and `receiver`, and every input but `edgeVectors`, which the stepper fills. */
  readonly maps: Readonly<Record<string, IndexMapValues>>;
  readonly values: Readonly<Record<string, RealArray | DeviceTensor>>;
}

/** Positions in Å, velocities in Å/fs; [atoms 3] each. */
export interface StepperState {
  readonly positions: RealArray;
  readonly velocities: RealArray;
  readonly cell: RealArray | null;
  readonly pbc: readonly [boolean, boolean, boolean];
}

export interface Stepper {
  upload(state: StepperState): Promise<void>;
  run(steps: number, options?: RunOptions): Promise<void>;
  read(): Promise<StepperState>;
  dispose(): void;
}
