/** Systems of which everything is known: atoms in wells of their own, or free. */
import type { System, SystemArrays } from '@mace/core';
import { makeStructure, type Structure } from '@mace/core/structure';

/** E = ½k·|x|² of each atom, k in eV/Å²; free atoms with k = 0. */
export function wells(structures: readonly Structure[], k: number): System {
  const offsets = new Int32Array(structures.length + 1);
  structures.forEach(({ numbers }, g) => (offsets[g + 1] = offsets[g]! + numbers.length));
  let positions = Float64Array.from(structures.flatMap((one) => [...one.positions]));
  const system: Partial<System> = {
    offsets,
    order: Int32Array.from({ length: offsets.at(-1)! }, (_, i) => i),
    skin: 0,
    lists: 0,
    update: (next) => void (positions = Float64Array.from(next)),
    structures: () =>
      structures.map((one, g) => ({ ...one, positions: positions.slice(3 * offsets[g]!, 3 * offsets[g + 1]!) })),
    compute: async ({ into = {} } = {}) => {
      positions.forEach((x, i) => (into.forces![i] = -k * x));
      for (let g = 0; g < structures.length; g++)
        into.energies![g] = positions
          .subarray(3 * offsets[g]!, 3 * offsets[g + 1]!)
          .reduce((sum, x) => sum + 0.5 * k * x * x, 0);
      return into as SystemArrays;
    },
  };
  return system as System;
}

/** So many atoms of an element, all of them at the origin but for what places them. */
export function atomsOf(number: number, count: number, place: (i: number) => number = () => 0): Structure {
  const numbers = new Array<number>(count).fill(number);
  return makeStructure({ numbers, positions: Array.from({ length: 3 * count }, (_, i) => place(i)) });
}
