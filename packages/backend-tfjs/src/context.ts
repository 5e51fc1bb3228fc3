/** What lowerings know of the run that they are part of. */
import type { IndexMapValues, RealArray } from '@mace/core/backend';
import type { Node } from '@mace/core/ir';
import type { Engine } from './engine.js';
import type { Tensor } from './tensors.js';

/** What lowerings need to know of the run. */
export interface Context {
  readonly engine: Engine;
  map(name: string): IndexMapValues;
  parameter(name: string): Tensor;
  /** An array of the caller, or a tensor on the engine with the same number of values. */
  input(name: string): RealArray | Tensor;
  shapeOf(node: Node): readonly number[];
  /** Tensors that several ops of this run share, such as the indices of a map. */
  ofBinding(key: string, make: () => readonly Tensor[]): readonly Tensor[];
}
