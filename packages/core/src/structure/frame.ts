/**
 * A parallelepiped that holds every atom: the frame in which atoms are binned and ordered. Internal.
 *
 * Along periodic directions it is the cell, and atoms are wrapped into it; along the others it is the extent of the atoms,
 * perpendicular to the periodic ones, and nothing is wrapped. Raw positions stay what they are: `position = wrapped + wraps · cell`.
 */
import { StructureError } from '../errors.js';
import { cellInverse, completeCell } from './cell.js';
import type { Structure } from './structure.js';

export interface Frame {
  /** Edges of the frame as rows, Å, [3 3]. */
  readonly basis: Float64Array;
  /** Rows of the cell along periodic directions, zeros elsewhere, Å, [3 3]. */
  readonly cell: Float64Array;
  /** Coordinates of the wrapped atoms in units of the edges, 0 to 1, [atoms 3]. */
  readonly fractions: Float64Array;
  /** Wrapped positions, Å, [atoms 3]. */
  readonly wrapped: Float64Array;
  /** How many cells an atom was moved by, [atoms 3]. */
  readonly wraps: Int32Array;
  /** A bound for the rounding error of `fractions` and `wrapped`, Å. */
  readonly roundoff: number;
}

/** Å; a flat structure still needs a frame with a volume. */
const smallestExtent = 1;

/**
 * Frame of a structure that has passed `validateStructure`.
 * @throws StructureError for an atom more than 2^30 cells away.
 */
export function makeFrame(structure: Structure): Frame {
  const { positions, pbc } = structure;
  const basis = completeCell(structure.cell, pbc);
  const inverse = cellInverse(basis);
  const cell = new Float64Array(9);
  for (let k = 0; k < 3; k++) if (pbc[k]) cell.set(basis.subarray(3 * k, 3 * k + 3), 3 * k);

  const fractions = new Float64Array(positions.length);
  const wrapped = Float64Array.from(positions);
  const wraps = new Int32Array(positions.length);
  let farthest = 0;
  for (let k = 0; k < 3; k++) {
    let low = Infinity;
    let high = -Infinity;
    for (let at = 0; at < positions.length; at += 3) {
      const coordinate =
        positions[at]! * inverse[k]! + positions[at + 1]! * inverse[3 + k]! + positions[at + 2]! * inverse[6 + k]!;
      farthest = Math.max(farthest, Math.abs(positions[at + k]!));
      if (!pbc[k]) {
        fractions[at + k] = coordinate;
        low = Math.min(low, coordinate);
        high = Math.max(high, coordinate);
        continue;
      }
      const shift = Math.floor(coordinate);
      if (Math.abs(shift) > 2 ** 30) refuseDistance(structure, at / 3, k, shift);
      fractions[at + k] = coordinate - shift;
      wraps[at + k] = shift;
      if (shift !== 0) for (let x = 0; x < 3; x++) wrapped[at + x]! -= shift * cell[3 * k + x]!;
    }
    if (pbc[k] || positions.length === 0) continue;
    const extent = Math.max(high - low, smallestExtent);
    for (let at = k; at < positions.length; at += 3) fractions[at] = (fractions[at]! - low) / extent;
    for (let x = 0; x < 3; x++) basis[3 * k + x]! *= extent;
  }
  // The condition number of the unit-length periodic rows bounds how much a coordinate's error can grow.
  const condition = Math.hypot(...completeCell(structure.cell, pbc)) * Math.hypot(...inverse);
  return { basis, cell, fractions, wrapped, wraps, roundoff: 64 * Number.EPSILON * farthest * condition };
}

function refuseDistance(structure: Structure, atom: number, direction: number, cells: number): never {
  throw new StructureError(
    `Atom ${atom} is too far from its cell. Expected at most 2^30 cells along ${'abc'[direction]}, found ${cells} ` +
      `(position ${Array.from(structure.positions.subarray(3 * atom, 3 * atom + 3)).join(' ')} Å). Wrap the positions, or check the cell.`,
  );
}

/**
 * The basis [3 3] in orthonormal axes of its own, where its rows are (a0 a1 a2), (0 b1 b2), (0 0 c2) with a positive diagonal:
 * a0, b1, c2 are then what one edge adds beyond the edges after it.
 */
export function triangular(basis: Float64Array): [number, number, number, number, number, number] {
  const dot = (p: ArrayLike<number>, q: ArrayLike<number>): number => p[0]! * q[0]! + p[1]! * q[1]! + p[2]! * q[2]!;
  const minus = (p: Float64Array, along: number, q: Float64Array): Float64Array =>
    p.map((value, x) => value - along * q[x]!);
  const unit = (p: Float64Array): Float64Array => p.map((value) => value / Math.hypot(p[0]!, p[1]!, p[2]!));
  const [a, b, c] = [basis.slice(0, 3), basis.slice(3, 6), basis.slice(6, 9)] as const;
  const z = unit(c);
  const y1 = unit(minus(b, dot(b, z), z));
  const y = unit(minus(y1, dot(y1, z), z));
  const x1 = minus(minus(a, dot(a, z), z), dot(minus(a, dot(a, z), z), y), y);
  const x2 = minus(minus(x1, dot(x1, z), z), dot(x1, y), y);
  const x = unit(x2);
  return [dot(a, x), dot(a, y), dot(a, z), dot(b, y), dot(b, z), dot(c, z)];
}
