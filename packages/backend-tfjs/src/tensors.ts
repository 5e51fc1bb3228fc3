/** What this package needs of TensorFlow.js, as types, and the value that lowerings pass along. */
import type * as TfCore from '@tensorflow/tfjs-core';

/** The functions of TensorFlow.js that are used here: any namespace that has them will do. */
export type Tf = Pick<
  typeof TfCore,
  | 'abs'
  | 'add'
  | 'cast'
  | 'clone'
  | 'concat'
  | 'cos'
  | 'div'
  | 'env'
  | 'exp'
  | 'findBackend'
  | 'floor'
  | 'gather'
  | 'getBackend'
  | 'keep'
  | 'less'
  | 'log'
  | 'matMul'
  | 'maximum'
  | 'mul'
  | 'neg'
  | 'onesLike'
  | 'pad'
  | 'pow'
  | 'ready'
  | 'reshape'
  | 'round'
  | 'scatterND'
  | 'setBackend'
  | 'sin'
  | 'slice'
  | 'sqrt'
  | 'sub'
  | 'sum'
  | 'tanh'
  | 'tensor'
  | 'tidy'
  | 'tile'
  | 'transpose'
  | 'unsortedSegmentSum'
  | 'version_core'
  | 'where'
  | 'zeros'
>;

export type Tensor = TfCore.Tensor;

/** `tensorflow` is the native binding of tfjs-node and tfjs-node-gpu. */
export type EngineName = 'cpu' | 'wasm' | 'webgl' | 'webgpu' | 'tensorflow';

/**
 * A value of `shape`, held by a tensor of the same rank that has 1 where it only repeats itself. Pointwise ops of
 * TensorFlow.js repeat by themselves, so most broadcasts never take memory. Masks are of dtype bool.
 */
export interface Value {
  readonly tensor: Tensor;
  readonly shape: readonly number[];
}

/** Number of values in a shape. */
export function count(shape: readonly number[]): number {
  return shape.reduce((size, dim) => size * dim, 1);
}
