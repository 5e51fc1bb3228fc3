/** Systems of which everything is known: atoms in wells of their own, free atoms, a chain of coordinates, crystals that breathe. */
import type { System, SystemArrays } from '@mace/core';
import { cellInverse, makeStructure, volumeOf, type Structure } from '@mace/core/structure';

/**
 * Energy, and forces written in place, of the coordinates of one structure; where it has a cell [9] also its virial −∂E/∂ε [9], which is
 * zero unless it is written.
 */
export type Potential = (
  x: Float64Array,
  forces: Float64Array,
  cell: Float64Array,
  virial: Float64Array,
  structure: number,
) => number;

export function systemOf(structures: readonly Structure[], potential: Potential): System {
  const offsets = new Int32Array(structures.length + 1);
  structures.forEach(({ numbers }, g) => (offsets[g + 1] = offsets[g]! + numbers.length));
  const positions = Float64Array.from(structures.flatMap((one) => [...one.positions]));
  const cells = Float64Array.from(structures.flatMap(({ cell }) => [...(cell ?? new Float64Array(9))]));
  const own = (values: Float64Array, g: number): Float64Array => values.subarray(3 * offsets[g]!, 3 * offsets[g + 1]!);
  const cellOf = (g: number): Float64Array => cells.subarray(9 * g, 9 * g + 9);
  const system: Partial<System> = {
    offsets,
    order: Int32Array.from({ length: offsets.at(-1)! }, (_, i) => i),
    skin: 0,
    lists: 0,
    update: (next, nextCells) => {
      positions.set(next);
      if (nextCells) cells.set(nextCells);
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
        into.energies![g] = potential(own(positions, g), own(into.forces!, g), cellOf(g), virial, g);
        const volume = pbc.every(Boolean) ? volumeOf(cellOf(g)) : NaN;
        if (into.stresses) for (let k = 0; k < 9; k++) into.stresses[9 * g + k] = -virial[k]! / volume;
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

export interface CrystalOptions {
  /** Of each atom's well, eV/Å²; 0 for an ideal gas. Wells of one structure differ, so that no motion repeats that of another. */
  readonly k?: number;
  /** Of each atom to the next, eV/Å⁴: a force with the third power of how far they are apart, so that motion is chaotic. Default 0. */
  readonly coupling?: number;
  /** Of the cell, eV/Å³. Default 0: only what atoms do. */
  readonly bulkModulus?: number;
  /** Of the cell, eV/Å³. Default 0. */
  readonly shearModulus?: number;
  /** Wells are fixed to the mean of all atoms, so that the whole can drift. Default false. */
  readonly isFree?: boolean;
}

/**
 * Atoms in wells that move with the cell, and a cell that holds together by itself: E = ½Σk·|u|² + ¼cΣ|u′ − u|⁴ + ½B·(V − V₀)²/V₀ + ½G·V₀·(I − 3), with
 * u = x − s₀·h and I the first invariant of the strain at constant volume (neo-Hooke). Atoms have no part in volumes: their
 * probability is that of exp(−(½B·(V − V₀)²/V₀ + P·V)/kT).
 */
export function crystals(structures: readonly Structure[], options: CrystalOptions): System {
  const { k = 0, coupling = 0, bulkModulus = 0, shearModulus = 0, isFree = false } = options;
  const starts = structures.map(({ cell, positions }) => {
    const inverse = cellInverse(cell!);
    return { inverse, fractional: timesEach(positions, inverse), volume: volumeOf(cell!) };
  });
  const potential =
    (g: number): Potential =>
    (x, forces, cell, virial) => {
      const { inverse, fractional, volume: first } = starts[g]!;
      const out = timesEach(fractional, cell);
      const mean = [0, 0, 0];
      const stiffness = (atom: number): number => k * (1 + (3 * atom) / out.length);
      let total = 0;
      for (let i = 0; i < out.length; i++) {
        out[i] = x[i]! - out[i]!;
        mean[i % 3]! += stiffness(Math.floor(i / 3)) * out[i]!;
        total += stiffness(Math.floor(i / 3)) / 3;
      }
      let energy = 0;
      for (let i = 0; i < out.length; i++) {
        if (isFree && total > 0) out[i]! -= mean[i % 3]! / total;
        forces[i] = -stiffness(Math.floor(i / 3)) * out[i]!;
        energy -= 0.5 * forces[i]! * out[i]!;
      }
      for (let i = 0; i + 3 < out.length; i += 3) {
        const way = [0, 1, 2].map((j) => out[i + 3 + j]! - out[i + j]!);
        const square = way.reduce((sum, w) => sum + w * w, 0);
        energy += 0.25 * coupling * square * square;
        way.forEach((w, j) => {
          forces[i + j]! += coupling * square * w;
          forces[i + 3 + j]! -= coupling * square * w;
        });
      }
      for (let i = 0; i < out.length; i += 3)
        for (let j = 0; j < 3; j++) for (let l = 0; l < 3; l++) virial[3 * j + l]! += forces[i + j]! * out[i + l]!;
      const volume = volumeOf(cell);
      energy += (0.5 * bulkModulus * (volume - first) ** 2) / first;
      const gradient = timesEach(inverse, cell);
      const invariant = (volume / first) ** (-2 / 3);
      const sum = gradient.reduce((all, value) => all + value * value, 0);
      energy += 0.5 * shearModulus * first * (invariant * sum - 3);
      for (let j = 0; j < 3; j++)
        for (let l = 0; l < 3; l++) {
          let b = 0;
          for (let m = 0; m < 3; m++) b += gradient[3 * m + j]! * gradient[3 * m + l]!;
          const isDiagonal = j === l ? 1 : 0;
          virial[3 * j + l]! -= shearModulus * first * invariant * (b - (isDiagonal * sum) / 3);
          virial[3 * j + l]! -= isDiagonal * bulkModulus * (volume / first - 1) * volume;
        }
      return energy;
    };
  const own = structures.map((_, g) => potential(g));
  return systemOf(structures, (x, forces, cell, virial, g) => own[g]!(x, forces, cell, virial, g));
}

/** Row vectors times a matrix. */
function timesEach(rows: Float64Array, matrix: Float64Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 3)
    for (let k = 0; k < 3; k++)
      out[i + k] = rows[i]! * matrix[k]! + rows[i + 1]! * matrix[3 + k]! + rows[i + 2]! * matrix[6 + k]!;
  return out;
}

/** So many atoms of an element in a cube, at places that look like chance. */
export function inCube(number: number, count: number, edge: number): Structure {
  const positions = Array.from({ length: 3 * count }, (_, i) => edge * (((i + 1) * Math.SQRT2 * 7) % 1));
  return makeStructure({ numbers: new Array<number>(count).fill(number), positions, cell: [edge, edge, edge] });
}
