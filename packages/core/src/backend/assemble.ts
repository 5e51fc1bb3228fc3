/**
 * What every backend promises, around what a backend does itself: checks of inputs and sizes, errors by name, use after
 * dispose, cancellation, bound index maps, memory accounting. An engine gives its parts and gets a whole `Backend`.
 */
import { CancelledError, DisposedError, GraphError, ShapeError, UnsupportedError } from '../errors.js';
import type { Graph, RuntimeDim } from '../ir/types.js';
import { verify } from '../ir/verify.js';
import { bindMaps, checkBufferSizes, checkInputs, checkParameters, widestValues } from './bind.js';
import type {
  Backend,
  Cancellation,
  Capabilities,
  Choice,
  CompileOptions,
  CompileReport,
  DeviceTensor,
  Executable,
  IndexMapValues,
  Precision,
  RealArray,
  RunCost,
  RunInputs,
  RunOptions,
} from './contract.js';
import { graphPasses } from './pipeline.js';

/** Checked inputs: every map is there, derived ones too. */
export interface BoundInputs {
  readonly dims: Readonly<Record<RuntimeDim, number>>;
  readonly maps: ReadonlyMap<string, IndexMapValues>;
  /** Arrays of the caller, to be read and never written, or live tensors that this backend made. */
  readonly values: Readonly<Record<string, RealArray | TensorParts>>;
}

/** What one compiled graph does. */
export interface ExecutableParts {
  readonly report: CompileReport;
  /** The graph whose inputs, maps and parameters are bound: the compiled one, or what a pass made of it. */
  readonly graph: Graph;
  /** Values need not be in memory as a whole; runs that do not fit are refused by `run`. */
  readonly chunked?: true;
  /** Held now: parameters, buffers kept between runs. */
  memory(): MemoryUse;
  /** @param stopIfCancelled - throws CancelledError; call it between kernels, or never */
  run(
    inputs: BoundInputs,
    stopIfCancelled: () => void,
    profile?: RunOptions['profile'],
  ): Promise<Record<string, RealArray>>;
  /** Required where the backend claims `deviceTensors`. */
  runOnDevice?(inputs: BoundInputs, stopIfCancelled: () => void): Promise<Record<string, TensorParts>>;
  /** Sizes and names are checked. The arrays belong to the caller: copy. */
  setParameters(parameters: Readonly<Record<string, RealArray>>): Promise<void> | void;
  readonly cost?: (inputs: Pick<BoundInputs, 'dims' | 'maps'>) => RunCost;
  dispose(): void;
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
  readonly stepper?: Backend['stepper'];
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
  const bindInputs = (graph: Graph, inputs: RunInputs): BoundInputs => {
    checkInputs(graph, inputs);
    const values: Record<string, RealArray | TensorParts> = {};
    for (const { attributes } of graph.inputs) {
      const value = inputs.values[attributes.name]!;
      if (ArrayBuffer.isView(value)) values[attributes.name] = value;
      else {
        const tensor = tensors.get(value);
        if (!capabilities.deviceTensors)
          throw new ShapeError(
            `input ${attributes.name}: ${name} takes arrays, got a device tensor. Read it first and pass the array.`,
          );
        if (!tensor)
          throw new DisposedError(
            `input ${attributes.name}: the tensor is disposed or of another backend. Upload it with this ${name}.`,
          );
        values[attributes.name] = tensor;
      }
    }
    return { dims: inputs.dims, maps: bindMaps(graph, inputs), values };
  };

  const wrapExecutable = (source: Graph, executable: ExecutableParts, precision: Precision): Executable => {
    executables.add(executable);
    const widest = widestValues(executable.graph);
    const bind = (inputs: RunInputs): BoundInputs => {
      const bound = bindInputs(executable.graph, inputs);
      if (!executable.chunked)
        checkBufferSizes(name, widest, bound.dims, bytesPerNumber[precision], capabilities.maxBufferBytes);
      return bound;
    };
    const usable = (): void => {
      if (!executables.has(executable))
        throw new DisposedError(`use after dispose: executable ${source.name} of ${name}. Compile it again.`);
    };
    return {
      report: executable.report,
      run: async (inputs, options = {}) => {
        usable();
        stopIfCancelled(options.cancellation);
        return executable.run(bind(inputs), () => stopIfCancelled(options.cancellation), options.profile);
      },
      ...(executable.runOnDevice && {
        runOnDevice: async (inputs, options = {}) => {
          usable();
          stopIfCancelled(options.cancellation);
          const bound = bind(inputs);
          const made = await executable.runOnDevice!(bound, () => stopIfCancelled(options.cancellation));
          return Object.fromEntries(Object.entries(made).map(([output, tensor]) => [output, wrap(tensor)]));
        },
      }),
      setParameters: async (parameters) => {
        usable();
        checkParameters(executable.graph, parameters);
        await executable.setParameters(parameters);
      },
      ...(executable.cost && {
        cost: ({ dims, maps }) => {
          usable();
          return executable.cost!({ dims, maps: bindMaps(executable.graph, { dims, maps }) });
        },
      }),
      dispose: () => {
        if (executables.delete(executable)) executable.dispose();
      },
    };
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
    ...(parts.stepper && {
      stepper: async (executable, options) => {
        alive();
        return parts.stepper!(executable, options);
      },
    }),
  };
}

const bytesPerNumber: Readonly<Record<Precision, number>> = { f64: 8, f32: 4, f16: 2 };

function checkChoice(kind: string, known: readonly string[], choice: Choice = 'all'): void {
  const unknown = typeof choice === 'string' ? undefined : choice.find((one) => !known.includes(one));
  if (unknown !== undefined)
    throw new GraphError(
      `there is no ${kind} ${unknown}; this backend has ${known.join(', ') || 'none'}. Name one of these, or leave the choice out.`,
    );
}

function stopIfCancelled(cancellation: Cancellation | undefined): void {
  if (cancellation?.aborted) throw new CancelledError('stopped because the caller asked to.');
}
