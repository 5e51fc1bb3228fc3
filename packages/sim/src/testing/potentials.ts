/** Systems of which everything is known: atoms in wells of their own, free atoms, a chain of coordinates, crystals that breathe. */
import type { System, SystemArrays } from '@mace/core';
import { makeStructure, volumeOf, type Structure } from '@mace/core/structure';

/**
 * Energy, and forces written in place, of the coordinates of one structure; where it has a cell [9] also its virial −∂E/∂ε [9], which is
 * zero unless it is written.
 */
export type Potential = (x: Float64Array, forces: Float64Array, cell: Float64Array, virial: Float64Array) => number;

export function systemOf(structures: readonly Structure[], potential: Potential): System {
  const offsets = new Int32Array(structures.length + 1);
  structures.forEach(({ numbers }, g) => (offsets[g + 1] = offsets[g]! + numbers.length));
  let positions = Float64Array.from(structures.flatMap((one) => [...one.positions]));
  let cells = Float64Array.from(structures.flatMap(({ cell }) => [...(cell ?? new Float64Array(9))]));
  const own = (values: Float64Array, g: number): Float64Array => values.subarray(3 * offsets[g]!, 3 * offsets[g + 1]!);
  const cellOf = (g: number): Float64Array => cells.subarray(9 * g, 9 * g + 9);
  const system: Partial<System> = {
    offsets,
    order: Int32Array.from({ length: offsets.at(-1)! }, (_, i) => i),
    skin: 0,
    lists: 0,
    update: (next, nextCells) => {
      positions = Float64Array.from(next);
      if (nextCells) cells = Float64Array.from(nextCells);
    },
    structures: () =>
      structures.map((one, g) => ({
        ...one,
        positions: own(positions, g).slice(),
        cell: one.cell && cellOf(g).slice(),
      })),
    compute: async ({ into = {} } = {}) => {
      structures.forEach(({ pbc }, g) => {
        const virial = new Float64Array(9);
        into.energies![g] = potential(own(positions, g), own(into.forces!, g), cellOf(g), virial);
        const volume = pbc.every(Boolean) ? volumeOf(cellOf(g)) : NaN;
        into.stresses?.set(
          virial.map((value) => -value / volume),
          9 * g,
        );
      });
      return into as SystemArrays;
    },
  };
  return system as System;
}

/** E = ½k·|x|² of each atom, k in eV/Å²; free atoms with k = 0. */
export function wells(structures: readonly Structure[], k: number): System {
  return systemOf(structures, (x, forces) => {
    x.forEach((xi, i) => (forces[i] = -k * xi));
    return x.reduce((sum, xi) => sum + 0.5 * k * xi * xi, 0);
  });
}

/** Coordinates in wells that are not harmonic, each tied to the next. */
export const chain: Potential = (x, forces) => {
  let energy = 0;
  x.forEach((xi, i) => {
    const out = xi - (i + 1) / x.length;
    energy += 2 * out ** 2 + 0.5 * out ** 4;
    forces[i] = -(4 * out + 2 * out ** 3);
  });
  for (let i = 0; i + 1 < x.length; i++) {
    const stretch = x[i + 1]! - x[i]!;
    energy += 1.5 * stretch ** 2;
    forces[i]! += 3 * stretch;
    forces[i + 1]! -= 3 * stretch;
  }
  return energy;
};

/** So many atoms of an element, all of them at the origin but for what places them. */
export function atomsOf(number: number, count: number, place: (i: number) => number = () => 0): Structure {
  const numbers = new Array<number>(count).fill(number);
  return makeStructure({ numbers, positions: Array.from({ length: 3 * count }, (_, i) => place(i)) });
}
