/** Tensors that stay on an engine between runs. */
import type { RealArray, TensorParts } from '@mace/core/backend';
import type { Engine } from './engine.js';
import type { Tensor } from './tensors.js';
import { fromEngine, onEngine } from './turn.js';

/** A device tensor of this backend. */
export interface Uploaded extends TensorParts {
  readonly tensor: Tensor;
}

/** Copies an array to the engine. */
export function uploaded(engine: Engine, values: RealArray, shape: readonly number[]): Uploaded {
  return held(
    engine,
    onEngine(engine, () => kept(engine, values, shape)),
  );
}

/** A tensor that nothing else disposes of, as a device tensor. */
export function held(engine: Engine, tensor: Tensor): Uploaded {
  return {
    tensor,
    shape: tensor.shape,
    bytes: bytesOf(tensor),
    read: () => numbersOf(engine, tensor),
    dispose: () => tensor.dispose(),
  };
}

/** A copy on the current engine, outside of every scope. */
export function kept({ tf }: Engine, values: RealArray, shape: readonly number[]): Tensor {
  return tf.keep(tf.tensor(Float32Array.from(values), [...shape], 'float32'));
}

/** The numbers of a tensor, in memory of the caller; masks as 0 and 1. */
export async function numbersOf(engine: Engine, tensor: Tensor): Promise<Float32Array> {
  return fromEngine(engine, async () => new Float32Array(await tensor.data()));
}

/** Bytes of the buffer behind a tensor. */
export function bytesOf({ size, dtype }: Tensor): number {
  return size * (dtype === 'bool' ? 1 : 4);
}
