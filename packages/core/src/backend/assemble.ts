/**
 * What every backend promises, around what a backend does itself: checks of inputs and sizes, errors by name, use after
 * dispose, cancellation, bound index maps, memory accounting. An engine gives its parts and gets a whole `Backend`.
 */
import { DisposedError, GraphError, ShapeError, UnsupportedError } from '../errors.js';
import type { Graph } from '../ir/types.js';
import { verify } from '../ir/verify.js';
import { assembleExecutable, stopIfCancelled } from './assemble-executable.js';
import { checkBufferSizes, checkParameters, widestValues } from './bind.js';
import type { Backend, Choice, DeviceTensor, Executable, Precision, RealArray } from './contract.js';
import type { BackendParts, ExecutableParts, TensorParts } from './parts.js';
import { graphPasses } from './pipeline.js';

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
      throw new DisposedError(`${what}: the tensor is disposed or of another backend. Upload it with this ${name}.`);
    return tensor;
  };
  const wrapExecutable = (source: Graph, executable: ExecutableParts, precision: Precision): Executable => {
    executables.add(executable);
    const widest = executable.chunked ? [] : widestValues(executable.graph);
    return assembleExecutable(source, executable, {
      name,
      deviceTensors: capabilities.deviceTensors,
      isAlive: () => executables.has(executable),
      checkFit: (dims) => checkBufferSizes(name, widest, dims, bytesPerNumber[precision], capabilities.maxBufferBytes),
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
