/**
 * Seeded random structures and a mini reader of extended XYZ, for the tests of this folder.
 */
import { atomicNumber } from '../elements.js';
import { makeStructure } from '../make-structure.js';
import type { Structure } from '../structure.js';

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const shapes = ['cubic', 'triclinic', 'thin', 'flat', 'left-handed', 'tiny', 'huge', 'skewed'] as const;
export type Shape = (typeof shapes)[number];

/** A random structure of a few atoms; `outside` spreads them over many cells. Non-periodic rows of the cell are often zero. */
export function randomStructure(
  seed: number,
  shape: Shape,
  pbc: readonly [boolean, boolean, boolean],
  outside: boolean,
): Structure {
  const random = seeded(seed);
  const between = (low: number, high: number): number => low + (high - low) * random();
  const side = shape === 'tiny' ? between(0.8, 1.5) : shape === 'huge' ? between(40, 200) : between(3, 7);
  const sides = [side, side * between(0.8, 1.2), side * between(0.8, 1.2)];
  if (shape === 'thin') sides[Math.floor(3 * random())] = between(0.9, 1.4);
  if (shape === 'flat') {
    const long = Math.floor(3 * random());
    sides[(long + 1) % 3] = between(1, 2);
    sides[(long + 2) % 3] = between(1, 2);
    sides[long] = between(15, 30);
  }
  const tilt = shape === 'cubic' ? 0 : shape === 'skewed' ? 2.5 : 0.5;
  // Tilts across both triangles; one turned row more makes a general cell.
  const cell = new Float64Array(9);
  for (let k = 0; k < 3; k++) cell[4 * k] = sides[k]!;
  cell[3] = tilt * between(-1, 1) * sides[0]!;
  cell[6] = tilt * between(-1, 1) * sides[0]!;
  cell[7] = tilt * between(-1, 1) * sides[1]!;
  const rotated = shape === 'cubic' ? cell : rotate(cell, between(0, 6), between(0, 6));
  if (shape === 'left-handed')
    for (let x = 0; x < 3; x++) [rotated[x], rotated[3 + x]] = [rotated[3 + x]!, rotated[x]!];
  const atoms = 1 + Math.floor((shape === 'tiny' ? 3 : 14) * random());
  const spread = outside ? 7 : shape === 'huge' ? 0.1 : 1;
  const positions = new Float64Array(3 * atoms);
  for (let atom = 0; atom < atoms; atom++) {
    const fraction = [0, 1, 2].map(() => (outside ? between(-spread, spread) : between(0, spread)));
    for (let x = 0; x < 3; x++) {
      positions[3 * atom + x] =
        fraction[0]! * rotated[x]! + fraction[1]! * rotated[3 + x]! + fraction[2]! * rotated[6 + x]!;
    }
  }
  // What the row of a non-periodic direction holds must not matter.
  for (let k = 0; k < 3; k++) if (!pbc[k] && random() < 0.5) rotated.fill(0, 3 * k, 3 * k + 3);
  const numbers = Array.from({ length: atoms }, () => 1 + Math.floor(20 * random()));
  return makeStructure({ numbers, positions, cell: pbc.some(Boolean) || random() < 0.5 ? rotated : null, pbc });
}

/** First frame of an extended-XYZ text; reads `Lattice`, `pbc`, species and positions and nothing else. */
export function readFirstFrame(text: string): Structure {
  const lines = text.split(/\r?\n/);
  const atoms = Number(lines[0]);
  const lattice = /Lattice="([^"]*)"/.exec(lines[1]!)?.[1];
  const pbc = /pbc="([^"]*)"/
    .exec(lines[1]!)?.[1]
    ?.split(/\s+/)
    .map((flag) => flag === 'T');
  const rows = lines.slice(2, 2 + atoms).map((line) => line.trim().split(/\s+/));
  return makeStructure({
    numbers: rows.map((row) => atomicNumber(row[0]!)),
    positions: rows.map((row) => row.slice(1, 4).map(Number)),
    cell: lattice === undefined ? null : lattice.trim().split(/\s+/).map(Number),
    ...(pbc === undefined ? {} : { pbc: [pbc[0]!, pbc[1]!, pbc[2]!] as const }),
  });
}

function rotate(cell: Float64Array, p: number, q: number): Float64Array {
  const turn = (values: Float64Array, x: number, y: number, angle: number): Float64Array => {
    const result = values.slice();
    for (let row = 0; row < 9; row += 3) {
      result[row + x] = Math.cos(angle) * values[row + x]! - Math.sin(angle) * values[row + y]!;
      result[row + y] = Math.sin(angle) * values[row + x]! + Math.cos(angle) * values[row + y]!;
    }
    return result;
  };
  return turn(turn(cell, 0, 1, p), 1, 2, q);
}
