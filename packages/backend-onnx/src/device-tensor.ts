/** Tensors that stay where the runtime keeps them between runs: on the GPU of the WebGPU provider, in memory elsewhere. */
import type { RealArray, TensorParts } from '@mace/core/backend';
import type { Engine, OrtTensor } from './engine.js';
import { deviceError, type Turns } from './session.js';

/** A device tensor of this backend. */
export interface Held extends TensorParts {
  readonly tensor: OrtTensor;
}

/** Copies an array. The runtime brings it to its device with the run that uses it. */
export function uploaded(engine: Engine, turns: Turns, values: RealArray, shape: readonly number[]): Held {
  const wide = values instanceof Float64Array && engine.precisions.includes('f64');
  return held(engine, turns, tensorOf(engine, wide, values.slice(), shape));
}

/** A tensor that nothing else disposes of, as a device tensor. */
export function held(engine: Engine, turns: Turns, tensor: OrtTensor): Held {
  return {
    tensor,
    shape: tensor.dims,
    bytes: tensor.size * (tensor.type === 'float64' ? 8 : 4),
    read: () => numbersOf(engine, turns, tensor),
    // What a GPU still computes with is freed after it.
    dispose: () => void turns.take(async () => tensor.dispose()),
  };
}

/** The numbers of a tensor, in memory of the caller. @throws DeviceError */
export async function numbersOf(engine: Engine, turns: Turns, tensor: OrtTensor): Promise<RealArray> {
  if (tensor.location === 'cpu') return (tensor.data as RealArray).slice();
  return turns.take(async () => {
    try {
      return ((await tensor.getData()) as RealArray).slice();
    } catch (error) {
      throw deviceError('run', engine, error);
    }
  });
}

/** A tensor around an array of the right kind, or around a copy that is. */
export function tensorOf({ ort }: Engine, wide: boolean, values: RealArray, shape: readonly number[]): OrtTensor {
  // Always a copy: the runtime reads when it is this run's turn, and the caller may have written to the array by then.
  const own = wide ? Float64Array.from(values) : Float32Array.from(values);
  return new ort.Tensor(wide ? 'float64' : 'float32', own as never, shape);
}
