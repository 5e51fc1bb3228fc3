/**
 * Arithmetic of a cell: three lattice vectors as the rows of a row-major 3×3 array, in Å.
 *
 * A left-handed cell is as good as a right-handed one; only `signedVolume` tells them apart, by its sign.
 */
import { StructureError } from '../errors.js';
import type { Structure } from './structure.js';

/** A cell by its edge lengths (Å) and angles (degrees; alpha is between b and c, beta between a and c, gamma between a and b). */
export interface CellParameters {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
}

/** Signed determinant of a cell [3 3], Å³; negative for a left-handed cell. */
export function signedVolume(cell: ArrayLike<number>): number {
  const [a, b, c, d, e, f, g, h, i] = nine(cell);
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

/** Volume of a cell [3 3], Å³; never negative. */
export function volumeOf(cell: ArrayLike<number>): number {
  return Math.abs(signedVolume(cell));
}

/**
 * Inverse of a cell [3 3], 1/Å: fractional coordinates are `position · inverse`.
 * @throws StructureError for a singular cell.
 */
export function cellInverse(cell: ArrayLike<number>): Float64Array {
  const [a, b, c, d, e, f, g, h, i] = nine(cell);
  const determinant = signedVolume(cell);
  if (!(Math.abs(determinant) > 0 && Number.isFinite(1 / determinant))) {
    throw new StructureError(
      `Singular cell. Expected three independent lattice vectors, found [${[a, b, c, d, e, f, g, h, i].join(' ')}] Å with ` +
        `volume ${determinant} Å³. Correct the cell, or make the structure non-periodic.`,
    );
  }
  const adjugate = [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
  return Float64Array.from(adjugate, (value) => value / determinant);
}

/** Distances between opposite faces of a cell [3], Å: the heights along a, b and c. @throws StructureError for a singular cell. */
export function cellHeights(cell: ArrayLike<number>): Float64Array {
  const inverse = nine(cellInverse(cell));
  return Float64Array.from([0, 1, 2], (k) => 1 / Math.hypot(inverse[k]!, inverse[3 + k]!, inverse[6 + k]!));
}

/**
 * Cell of given lengths and angles: a along x, b in the xy plane, right-handed (as ASE's `cellpar_to_cell`).
 * @throws StructureError when no such cell exists.
 */
export function cellFromParameters(parameters: CellParameters): Float64Array {
  const { a, b, c, alpha, beta, gamma } = parameters;
  const [cosAlpha, cosBeta, cosGamma] = [cosine(alpha), cosine(beta), cosine(gamma)];
  const sinGamma = gamma === 90 ? 1 : Math.sin((gamma * Math.PI) / 180);
  const cx = cosBeta;
  const cy = (cosAlpha - cosBeta * cosGamma) / sinGamma;
  const squared = 1 - cx * cx - cy * cy;
  if (!(a > 0 && b > 0 && c > 0 && sinGamma > 0 && squared > 0)) {
    throw new StructureError(
      `Impossible cell parameters. Expected positive lengths and angles that close a parallelepiped, found a=${a} b=${b} c=${c} Å, ` +
        `alpha=${alpha} beta=${beta} gamma=${gamma} degrees. Check the order of the six numbers.`,
    );
  }
  return Float64Array.of(a, 0, 0, b * cosGamma, b * sinGamma, 0, c * cx, c * cy, c * Math.sqrt(squared));
}

/** Lengths (Å) and angles (degrees) of a cell [3 3] without zero vectors; the inverse of `cellFromParameters` up to a rotation. */
export function cellParameters(cell: ArrayLike<number>): CellParameters {
  const rows = nine(cell);
  const dot = (p: number, q: number): number =>
    rows[3 * p]! * rows[3 * q]! + rows[3 * p + 1]! * rows[3 * q + 1]! + rows[3 * p + 2]! * rows[3 * q + 2]!;
  const length = [0, 1, 2].map((k) => Math.sqrt(dot(k, k))) as [number, number, number];
  const angle = (p: number, q: number): number =>
    (Math.acos(Math.max(-1, Math.min(1, dot(p, q) / (length[p]! * length[q]!)))) * 180) / Math.PI;
  return { a: length[0], b: length[1], c: length[2], alpha: angle(1, 2), beta: angle(0, 2), gamma: angle(0, 1) };
}

/**
 * Positions [atoms 3], Å, moved into the cell along periodic directions (fraction in [0, 1)); the structure itself is left alone.
 * @throws StructureError when there is a periodic direction and the cell is missing or singular.
 */
export function wrapPositions(structure: Structure): Float64Array {
  const { positions, cell, pbc } = structure;
  const wrapped = Float64Array.from(positions);
  if (!pbc.some(Boolean)) return wrapped;
  if (cell === null)
    throw new StructureError(
      'Cannot wrap positions. Expected a cell for a periodic structure, found none. Give the lattice vectors.',
    );
  // Directions that are not periodic may have zero rows; any complement will do, since it is never subtracted.
  const inverse = cellInverse(completeCell(cell, pbc));
  for (let atom = 0; atom < positions.length; atom += 3) {
    for (let k = 0; k < 3; k++) {
      if (!pbc[k]) continue;
      const fraction =
        positions[atom]! * inverse[k]! +
        positions[atom + 1]! * inverse[3 + k]! +
        positions[atom + 2]! * inverse[6 + k]!;
      const shift = Math.floor(fraction + 1e-12);
      for (let x = 0; x < 3; x++) wrapped[atom + x]! -= shift * cell[3 * k + x]!;
    }
  }
  return wrapped;
}

/**
 * The cell [3 3] with the rows of non-periodic directions replaced by unit vectors perpendicular to all other rows.
 * The periodic rows must be independent.
 */
export function completeCell(cell: ArrayLike<number> | null, pbc: readonly [boolean, boolean, boolean]): Float64Array {
  const complete = new Float64Array(9);
  const frame: number[][] = [];
  const residual = (vector: number[]): number[] => {
    let rest = vector;
    // Twice, because one pass of Gram-Schmidt loses orthogonality for nearly parallel vectors.
    for (let pass = 0; pass < 2; pass++) {
      for (const axis of frame) {
        const along = rest[0]! * axis[0]! + rest[1]! * axis[1]! + rest[2]! * axis[2]!;
        rest = rest.map((value, x) => value - along * axis[x]!);
      }
    }
    return rest;
  };
  const keep = (vector: number[]): number[] => {
    const rest = residual(vector);
    const length = Math.hypot(...rest);
    const unit = rest.map((value) => value / length);
    frame.push(unit);
    return unit;
  };
  for (let k = 0; k < 3; k++) {
    if (!pbc[k] || cell === null) continue;
    const row = [cell[3 * k]!, cell[3 * k + 1]!, cell[3 * k + 2]!];
    complete.set(row, 3 * k);
    keep(row);
  }
  for (let k = 0; k < 3; k++) {
    if (pbc[k] && cell !== null) continue;
    // The Cartesian axis that sticks out most; the direction's own axis wins a tie, so a molecule gets the identity.
    const axes = [k, (k + 1) % 3, (k + 2) % 3].map((x) => [0, 1, 2].map((y) => (x === y ? 1 : 0)));
    const lengths = axes.map((axis) => Math.hypot(...residual(axis)));
    const best = lengths.indexOf(Math.max(...lengths));
    complete.set(keep(axes[best]!), 3 * k);
  }
  return complete;
}

type Nine = [number, number, number, number, number, number, number, number, number];

function nine(cell: ArrayLike<number>): Nine {
  if (cell.length !== 9) {
    throw new StructureError(
      `Wrong cell. Expected 9 numbers (three lattice vectors as rows), found ${cell.length}. Give a 3×3 cell in row-major order.`,
    );
  }
  return Array.from(cell) as Nine;
}

/** Exact at right angles, so that an orthorhombic cell has true zeros. */
function cosine(degrees: number): number {
  return degrees === 90 ? 0 : Math.cos((degrees * Math.PI) / 180);
}
