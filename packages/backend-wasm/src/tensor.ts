/** A tensor that lies in the memory of the backend. */
import type { RealArray, TensorParts } from '@mace/core/backend';
import type { Arena } from './arena.js';

export interface ArenaTensor extends TensorParts {
  /** Its numbers where they are, until the memory grows. */
  view(): RealArray;
}

/** Copies. */
export function tensorIn(arena: Arena, values: RealArray, shape: readonly number[]): ArenaTensor {
  const block = arena.allocate(values.byteLength);
  const view = (): RealArray =>
    values instanceof Float32Array
      ? new Float32Array(arena.memory.buffer, block.address, count)
      : new Float64Array(arena.memory.buffer, block.address, count);
  const count = values.length;
  view().set(values);
  return { shape, bytes: block.bytes, view, read: async () => view().slice(), dispose: () => arena.free(block) };
}
