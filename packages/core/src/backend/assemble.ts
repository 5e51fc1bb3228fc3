/**
 * What every backend promises, around what a backend does itself: checks of inputs and sizes, errors by name, use after
 * dispose, cancellation, bound index maps, memory accounting. An engine gives its parts and gets a whole `Backend`.
 */
import { DisposedError, GraphError, ShapeError, UnsupportedError } from '../errors.js';
import type { Graph, RuntimeDim } from '../ir/types.js';
import { verify } from '../ir/verify.js';
import { assembleExecutable, stopIfCancelled } from './assemble-executable.js';
import { checkBufferSizes, checkParameters, widestValues } from './bind.js';
import type {
  Backend,
  Capabilities,
  Choice,
  CompileOptions,
  CompileReport,
  DeviceTensor,
  Executable,
  IndexMapValues,
  Precision,
  RealArray,
  RunOptions,
} from './contract.js';
import { graphPasses } from './pipeline.js';

/** Checked sizes: every map is there, derived ones too. They are not written to until the binding is disposed of. */
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

/** A backend of its parts. */
export function assembleBackend(parts: BackendParts): Backend {
  const { name, device, capabilities } = parts;
  const executables = new Set<ExecutableParts>();
  const tensors = new Map<DeviceTensor, TensorParts>();
  let disposed = false;

  const alive = (): void => {
    if (disposed) throw new DisposedError(`use after dispose: backend ${name}. Create a new one.`);
  };
  const wrap = (tensor: TensorParts): DeviceTensor => {
    const wrapped: DeviceTensor = {
      shape: tensor.shape,
      read: async () => {
        if (!tensors.has(wrapped)) throw new DisposedError(`read after dispose: tensor of ${name}.`);
        return tensor.read();
      },
      dispose: () => {
        if (tensors.delete(wrapped)) tensor.dispose();
      },
    };
    tensors.set(wrapped, tensor);
    return wrapped;
  };
  const unwrapped = (what: string, value: RealArray | DeviceTensor): RealArray | TensorParts => {
    if (ArrayBuffer.isView(value)) return value;
    if (!capabilities.deviceTensors)
      throw new ShapeError(`${what}: ${name} takes arrays, got a device tensor. Read it first and pass the array.`);
    const tensor = tensors.get(value);
    if (!tensor)
      throw new DisposedError(
        `${what}: the tensor is disposed or of another backend. Upload it with this ${name}.`,
      );
    return tensor;
  };
  const wrapExecutable = (source: Graph, executable: ExecutableParts, precision: Precision): Executable => {
    executables.add(executable);
    const widest = executable.chunked ? [] : widestValues(executable.graph);
    return assembleExecutable(source, executable, {
      name,
      deviceTensors: capabilities.deviceTensors,
      isAlive: () => executables.has(executable),
      checkFit: (dims) =>
        checkBufferSizes(name, widest, dims, bytesPerNumber[precision], capabilities.maxBufferBytes),
      wrap,
      unwrapped,
      dispose: () => {
        if (executables.delete(executable)) executable.dispose();
      },
    });
  };

  return {
    name,
    device,
    capabilities,
    compile: async (graph, options) => {
      alive();
      stopIfCancelled(options.cancellation);
      if (!capabilities.precisions.includes(options.precision))
        throw new UnsupportedError(
          'precision',
          `${name} computes in ${capabilities.precisions.join(' and ')}; ${options.precision} was asked for. Ask for one of these, or use another backend.`,
        );
      verify(graph);
      checkParameters(graph, options.parameters);
      checkChoice('fusion', parts.fusions ?? [], options.fusions);
      checkChoice(
        'pass',
        graphPasses.map((pass) => pass.name),
        options.passes,
      );
      const executable = await parts.compile(graph, options);
      if (options.cancellation?.aborted || disposed) {
        executable.dispose();
        alive();
        stopIfCancelled(options.cancellation);
      }
      return wrapExecutable(graph, executable, options.precision);
    },
    upload: (values, shape) => {
      alive();
      const size = shape.reduce((product, dim) => product * dim, 1);
      if (values.length !== size)
        throw new ShapeError(`upload: shape [${shape.join(' ')}] has ${size} values, got ${values.length}.`);
      return wrap(parts.upload(values, shape));
    },
    memory: () => {
      const held = [...executables].map((executable) => executable.memory());
      return {
        liveBytes:
          held.reduce((sum, { liveBytes }) => sum + liveBytes, 0) +
          [...tensors.values()].reduce((sum, { bytes }) => sum + bytes, 0),
        liveBuffers: held.reduce((sum, { liveBuffers }) => sum + liveBuffers, 0) + tensors.size,
      };
    },
    dispose: async () => {
      if (disposed) return;
      disposed = true;
      for (const tensor of [...tensors.keys()]) tensor.dispose();
      for (const executable of executables) executable.dispose();
      executables.clear();
      await parts.dispose?.();
    },
    ...(parts.fusions && { fusions: parts.fusions }),
    ...(parts.neighbors && {
      neighbors: async (request) => {
        alive();
        return parts.neighbors!(request);
      },
    }),
    ...(parts.peak && {
      peak: async (precision) => {
        alive();
        return parts.peak!(precision);
      },
    }),
  };
}

const bytesPerNumber: Readonly<Record<Precision, number>> = { f64: 8, f32: 4 };

function checkChoice(kind: string, known: readonly string[], choice: Choice = 'all'): void {
  const unknown = typeof choice === 'string' ? undefined : choice.find((one) => !known.includes(one));
  if (unknown !== undefined)
    throw new GraphError(
      `there is no ${kind} ${unknown}; this backend has ${known.join(', ') || 'none'}. Name one of these, or leave the choice out.`,
    );
}
