/** A small menagerie: every periodicity, lone atoms, chirality, an atom that is its own neighbor many times over. */
import { makeStructure, type Structure } from '@mace/core/structure';

/** Of H, C and O, the elements of the tiny models, whose cut-off is 4 Å. */
export const structures: Readonly<Record<string, Structure>> = {
  atom: makeStructure({ symbols: ['O'], positions: [0.3, -0.2, 0.1] }),
  dimer: makeStructure({ symbols: ['O', 'C'], positions: [0, 0, 0, 0.3, -1.1, 0.7] }),
  water: makeStructure({ symbols: ['O', 'H', 'H'], positions: [0, 0, 0.119, 0, 0.763, -0.477, 0.04, -0.72, -0.51] }),
  // Four different surroundings around a carbon: its mirror image is another molecule.
  chiral: makeStructure({
    symbols: ['C', 'H', 'O', 'C', 'O', 'H'],
    positions: [0, 0, 0, 0.63, 0.63, 0.63, -0.81, -0.8, 0.82, -0.87, 0.89, -0.85, 0.83, -0.79, -0.8, -1.1, -1.6, 0.4],
  }),
  diamond: makeStructure({
    symbols: ['C', 'C'],
    positions: [0, 0, 0, 0.9, 0.88, 0.9],
    cell: [0, 1.78, 1.78, 1.78, 0, 1.78, 1.78, 1.78, 0],
  }),
  'rock-salt': makeStructure({
    symbols: ['C', 'O'],
    positions: [0, 0, 0, 2.05, 0.02, 0.01],
    cell: [0, 2.1, 2.1, 2.1, 0, 2.1, 2.1, 2.1, 0],
  }),
  // One atom, a skewed cell: it sees only images of itself.
  metal: makeStructure({ symbols: ['C'], positions: [0.1, 0.2, 0.3], cell: [2.2, 0, 0, 0.7, 2.1, 0, -0.4, 0.6, 2.3] }),
  // Six neighbors at one distance: the cheapest crystal.
  lattice: makeStructure({ symbols: ['O'], positions: [0, 0, 0], cell: [3.1, 0, 0, 0, 3.1, 0, 0, 0, 3.1] }),
  slab: makeStructure({
    symbols: ['O', 'C', 'H', 'H'],
    positions: [0, 0, 0, 1.3, 1.2, 0.6, 0.4, 0.2, 1.1, 1.9, 1.7, -0.5],
    cell: [2.6, 0.2, 0, -0.1, 2.7, 0, 0, 0, 20],
    pbc: [true, true, false],
  }),
  wire: makeStructure({
    symbols: ['C', 'O', 'H'],
    positions: [0, 0, 0, 1.2, 0.3, 0.1, 0.5, -0.9, 0.4],
    cell: [2.9, 0, 0, 0, 30, 0, 0, 0, 30],
    pbc: [true, false, false],
  }),
};

/** Structures moved by a function of positions and vectors. */
export function transformed(structure: Structure, matrix: ArrayLike<number>): Structure {
  return {
    ...structure,
    positions: rotateRows(structure.positions, matrix),
    cell: structure.cell && rotateRows(structure.cell, matrix),
  };
}

export function translated(structure: Structure, by: readonly [number, number, number]): Structure {
  return { ...structure, positions: structure.positions.map((x, i) => x + by[i % 3]!) };
}

/** Atoms in another order: atom i of the result is atom order[i]. */
export function permuted(structure: Structure, order: readonly number[]): Structure {
  return makeStructure({
    numbers: order.map((i) => structure.numbers[i]!),
    positions: order.flatMap((i) => [...structure.positions.subarray(3 * i, 3 * i + 3)]),
    cell: structure.cell,
    pbc: structure.pbc,
  });
}

/** Two structures as one, the second moved. Without a cell. */
export function together(a: Structure, b: Structure, by: readonly [number, number, number]): Structure {
  return makeStructure({
    numbers: [...a.numbers, ...b.numbers],
    positions: [...a.positions, ...translated(b, by).positions],
  });
}

/** Copies along the first cell vector. */
export function repeated(structure: Structure, copies: number): Structure {
  const { positions, cell, numbers, pbc } = structure;
  return makeStructure({
    numbers: Array.from({ length: copies }, () => [...numbers]).flat(),
    positions: Array.from({ length: copies }, (_, k) => [...positions].map((x, i) => x + k * cell![i % 3]!)).flat(),
    cell: cell!.map((x, i) => (i < 3 ? copies * x : x)),
    pbc,
  });
}

/** Each atom in another image of the cell, along the periodic directions. */
export function unwrapped(structure: Structure): Structure {
  const { positions, cell, pbc } = structure;
  return {
    ...structure,
    positions: positions.map((x, i) => {
      const atom = Math.floor(i / 3);
      let moved = x;
      for (let a = 0; a < 3; a++) if (pbc[a]) moved += (((atom * 2 + a) % 5) - 2) * cell![3 * a + (i % 3)]!;
      return moved;
    }),
  };
}

/** The same crystal in a cell whose second vector has the first one added. */
export function skewed(structure: Structure): Structure {
  const cell = structure.cell!.slice();
  for (let k = 0; k < 3; k++) cell[3 + k]! += cell[k]!;
  return { ...structure, cell };
}

/** R·x of each row. */
export function rotateRows(rows: ArrayLike<number>, r: ArrayLike<number>): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 3)
    for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) out[i + a]! += r[3 * a + b]! * rows[i + b]!;
  return out;
}

/** R·S·Rᵀ of each row of nine. */
export function rotateTensors(rows: ArrayLike<number>, r: ArrayLike<number>): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 9)
    for (let a = 0; a < 3; a++)
      for (let b = 0; b < 3; b++)
        for (let c = 0; c < 3; c++)
          for (let d = 0; d < 3; d++) out[i + 3 * a + b]! += r[3 * a + c]! * rows[i + 3 * c + d]! * r[3 * b + d]!;
  return out;
}
