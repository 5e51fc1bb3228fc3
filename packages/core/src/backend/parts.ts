/** What an engine gives, of which `assembleBackend` makes a whole backend: its graphs, their bindings, its tensors. */
import type { Graph, RuntimeDim } from '../ir/types.js';
import type {
  Backend,
  Capabilities,
  CompileOptions,
  CompileReport,
  EdgeGeometry,
  IndexMapValues,
  RealArray,
  RunOptions,
} from './contract.js';

/** What an engine provides. */
export interface BackendParts {
  readonly name: string;
  readonly device: string;
  readonly capabilities: Capabilities;
  /** Names of its fusions. */
  readonly fusions?: readonly string[];
  /** The precision is one of the claimed ones and the graph is verified. Copy the parameters. */
  compile(graph: Graph, options: CompileOptions): Promise<ExecutableParts>;
  /** Copies. */
  upload(values: RealArray, shape: readonly number[]): TensorParts;
  readonly neighbors?: Backend['neighbors'];
  readonly peak?: Backend['peak'];
  /** Whatever remains after executables and tensors are disposed. */
  dispose?(): Promise<void> | void;
}

/**
 * Checked sizes: every map is there, derived ones too. They are not written to until the binding is disposed of; where it is made for
 * one `Executable.run`, only until that has returned its promise.
 */
export interface BoundSizes {
  readonly dims: Readonly<Record<RuntimeDim, number>>;
  readonly maps: ReadonlyMap<string, IndexMapValues>;
  readonly borders?: Int32Array;
}

/** Arrays of the caller, to be read before anything is waited for and never written, or live tensors that this backend made. */
export type BoundValues = Readonly<Record<string, RealArray | TensorParts>>;

/** What one compiled graph does. */
export interface ExecutableParts {
  readonly report: CompileReport;
  /** The graph whose inputs, maps and parameters are bound: the compiled one, or what a pass made of it. */
  readonly graph: Graph;
  /** Values need not be in memory as a whole; runs that do not fit are refused by `run`. */
  readonly chunked?: true;
  /** Held now: parameters, buffers kept between runs, what bindings hold. */
  memory(): MemoryUse;
  bind(sizes: BoundSizes): BindingParts;
  /** Some or all. Sizes and names are checked. The arrays belong to the caller: copy. Where it throws, nothing has changed. */
  setParameters(parameters: Readonly<Record<string, RealArray>>): Promise<void> | void;
  /** In its place, for an engine that copies from tensors of its own. By default they are read to the host first. */
  setParametersOnDevice?(parameters: BoundValues): Promise<void> | void;
  dispose(): void;
}

/** What an executable does with one set of sizes and maps. */
export interface BindingParts {
  /** As in `Binding`. */
  readonly bytes?: number;
  readonly largestBufferBytes?: number;
  multiplyAdds?(): Readonly<Record<string, number>>;
  /** Outputs by name, arrays of their own: on the device those of `keep`, on the host the others. */
  run(values: BoundValues, how: RunParts): Promise<Record<string, RealArray | TensorParts>>;
  /**
   * Optional, as in `Binding`, checked: from then on `run` is given arrays `positions` and `cells` and no `edgeVectors`. Copy. Where it throws,
   * nothing has changed. The graph may have no use for `edgeVectors`.
   */
  setGeometry?(geometry: EdgeGeometry): Promise<void> | void;
  /** No run is under way. */
  dispose?(): void;
}

/** How one run is to be. */
export interface RunParts {
  /** Throws CancelledError; call it between kernels, or never. */
  stopIfCancelled(): void;
  readonly keep: ReadonlySet<string>;
  /** Where outputs may be written at once; what is not, is copied there. */
  readonly into: Readonly<Record<string, RealArray>>;
  readonly profile?: RunOptions['profile'];
}

/** An array on the device. */
export interface TensorParts {
  readonly shape: readonly number[];
  readonly bytes: number;
  read(): Promise<RealArray>;
  dispose(): void;
}

export interface MemoryUse {
  readonly liveBytes: number;
  readonly liveBuffers: number;
}
