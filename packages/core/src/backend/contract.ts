/**
 * The contract that every backend fulfils: what it is given (a graph, sizes, arrays), what it gives back.
 *
 * A backend sees the IR and this file, never an irrep. Nothing here is synchronous where a device may be behind it,
 * and there is no ambient state: two backends of one kind can live side by side.
 */
import type { Graph, OpName, RuntimeDim } from '../ir/types.js';

export type Precision = 'f64' | 'f32';
export type RealArray = Float64Array | Float32Array;

/** Anything with an `aborted` flag; an `AbortSignal` is one. Core has no DOM types. */
export interface Cancellation {
  readonly aborted: boolean;
}

/** What a package exports: cheap to import, nothing happens until `probe` or `create`. */
export interface BackendDefinition {
  /** Version of this contract. The calculator refuses a number it does not know. */
  readonly contract: 2;
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
  /** `run` accepts tensors that stay on the device, and returns those that `keep` names. */
  readonly deviceTensors: boolean;
  /** Largest single buffer, in bytes: calculators cut larger runs where a binding says how large theirs are. */
  readonly maxBufferBytes: number;
  /** What everything together may take, in bytes, where there is such a limit: calculators cut larger runs by `Binding.bytes`. */
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

/** Sizes and index maps: what stays while numbers change. */
export interface RunSizes {
  readonly dims: Readonly<Record<RuntimeDim, number>>;
  /** Every map of the graph that is not derived. */
  readonly maps: Readonly<Record<string, IndexMapValues>>;
  /**
   * First atom of each structure, and the number of atoms [graphs + 1]: no edge passes from one to another, and what a structure gets
   * has the same bits alone and beside others. Default: all atoms are one structure.
   */
  readonly borders?: Int32Array;
}

/** Where the edges of a binding go, whatever the positions. */
export interface EdgeGeometry {
  /** The atoms at the ends of each edge [edges]. */
  readonly sender: Int32Array;
  readonly receiver: Int32Array;
  /** Whole cells that are added to the receiver [edges 3]. */
  readonly shifts: Int32Array;
  /** The row of `cells` that belongs to each atom [atoms]; an edge has that of its sender. */
  readonly structure: Int32Array;
}

export type RunValues = Readonly<Record<string, RealArray | DeviceTensor>>;

export interface RunInputs extends RunSizes {
  readonly values: RunValues;
}

export type RunOutputs = Readonly<Record<string, RealArray>>;

/** Any sizes, any number of times, without recompiling. */
export interface Executable {
  readonly report: CompileReport;
  /**
   * Makes all that follows from sizes and maps, once: derived maps, chunks, uploads. The arrays of the maps belong to the binding
   * until it is disposed of.
   * @throws ShapeError, DeviceError, DisposedError
   */
  bind(sizes: RunSizes): Promise<Binding>;
  /** `bind`, `run`, `dispose`. Runs may overlap. The arrays of maps are the caller's again, too, once it has returned its promise. */
  run(inputs: RunInputs, options: KeepingRunOptions): Promise<KeptOutputs>;
  run(inputs: RunInputs, options?: RunOptions): Promise<RunOutputs>;
  /**
   * Replaces parameters, all or some, with arrays or tensors of this backend. Runs that were called before have the old ones, runs
   * that are called after it has resolved the new ones; where it throws, all stay as they were.
   * @throws ShapeError, DeviceError, DisposedError
   */
  setParameters(parameters: RunValues): Promise<void>;
  /** Ends its bindings too. */
  dispose(): void;
}

/**
 * An executable for one set of sizes and maps. Its runs take effect in the order in which they are called; runs of different
 * bindings may overlap. A run uses its values as they are when it is called: as soon as it has returned its promise the caller may
 * write to the arrays again, but for those of `into`.
 */
export interface Binding {
  /** Memory while it runs, beside what the executable holds from run to run; undefined where the backend cannot say. */
  readonly bytes: number | undefined;
  /** The largest single buffer, where that is what `Capabilities.maxBufferBytes` limits. */
  readonly largestBufferBytes: number | undefined;
  /** @throws ShapeError, UnsupportedError (`size`: also of coordinates), DeviceError, DisposedError, CancelledError */
  run(values: RunValues, options: KeepingRunOptions): Promise<KeptOutputs>;
  run(values: RunValues, options?: RunOptions): Promise<RunOutputs>;
  /** Of products with matrices, polynomials, convolutions and tables, by the names that `RunOptions.profile` is told; counted when asked for. */
  multiplyAdds?(): Readonly<Record<string, number>>;
  /**
   * Optional. From then on runs take `positions` [atoms 3] and `cells` [graphs 9], in Å, in place of the input `edgeVectors` [edges 3], which
   * is x_receiver − x_sender + shift·cell: as exact as if made in float64, at any distance from the origin. Rows of a cell are its
   * vectors, zeros without one. Both are arrays, never tensors. It copies; where it throws, all stays as it was. Called again, it replaces.
   * Runs that were called before have what was there before, runs that are called after it has resolved the new geometry.
   * @throws GraphError without such an input, ShapeError, DeviceError, DisposedError
   */
  setGeometry?(geometry: EdgeGeometry): Promise<void>;
  /** Takes effect after the runs that were called before. */
  dispose(): void;
}

export interface RunOptions {
  readonly cancellation?: Cancellation;
  /** Told what a kernel took, in seconds, by a backend that can say so; such a run is slower and on one thread. */
  readonly profile?: (kernel: string, seconds: number) => void;
  /** Arrays that outputs are written to, by their names; they are what comes back, and belong to the run until then. */
  readonly into?: Readonly<Record<string, RealArray>>;
  readonly keep?: undefined;
}

export interface KeepingRunOptions extends Omit<RunOptions, 'keep'> {
  /** Outputs that stay on the device, as fresh tensors that the caller owns; for backends with `deviceTensors`. */
  readonly keep: readonly string[];
}

export type KeptOutputs = Readonly<Record<string, RealArray | DeviceTensor>>;

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
