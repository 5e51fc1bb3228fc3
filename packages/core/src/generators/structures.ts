/** Tiny structures with deterministic coordinates. Reference numbers were computed on them: do not change one. */
import { makeStructure, type Structure } from '../structure/index.js';

export type TinyShape = 'molecule' | 'crystal' | 'slab';

/** Four atoms, O H H C: free, periodic in a skewed cell, or periodic in two directions. Å */
export function tinyStructure(shape: TinyShape): Structure {
  return makeStructure({
    symbols: ['O', 'H', 'H', 'C'],
    positions: [0, 0, 0.1, 0.9, 0.1, -0.4, -0.7, 0.6, -0.3, 0.2, -1.4, 0.5],
    ...(shape !== 'molecule' && { cell: [3.6, 0.1, 0, 0, 3.9, 0.2, 0.3, 0, 4.2] }),
    pbc: shape === 'molecule' ? [false, false, false] : shape === 'slab' ? [true, true, false] : [true, true, true],
  });
}
