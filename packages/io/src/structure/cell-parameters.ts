/**
 * The cell arithmetic of `@mace/core/structure` for files: FormatErrors that name the place, and row vector times matrix.
 */
import { FormatError } from '@mace/core';
import { cellFromParameters, cellInverse, cellParameters, signedVolume } from '@mace/core/structure';

/** The cell [3 3] of lengths (Å) and angles (degrees: alpha, beta, gamma). Throws FormatError when no cell has them. */
export function cellOfParameters(parameters: readonly number[], where: string): Float64Array {
  const [a = NaN, b = NaN, c = NaN, alpha = NaN, beta = NaN, gamma = NaN] = parameters;
  try {
    const cell = cellFromParameters({ a, b, c, alpha, beta, gamma });
    if (cell.every(Number.isFinite) && Math.abs(signedVolume(cell)) > 1e-9) return cell;
  } catch (error) {
    throw impossible(parameters, where, error);
  }
  throw impossible(parameters, where, undefined);
}

function impossible(parameters: readonly number[], where: string, cause: unknown): FormatError {
  return new FormatError(
    `${where}: no cell has lengths and angles ${parameters.join(' ')}. Correct the cell parameters.`,
    { cause },
  );
}

/** Lengths (Å) and angles (degrees) of a cell: a, b, c, alpha, beta, gamma. */
export function parametersOfCell(cell: ArrayLike<number>): number[] {
  const { a, b, c, alpha, beta, gamma } = cellParameters(cell);
  return [a, b, c, alpha, beta, gamma];
}

/** Inverse of a cell [3 3], so that `fractional = cartesian · inverse`. Throws FormatError for a flat cell. */
export function inverseCell(cell: ArrayLike<number>, where: string): Float64Array {
  try {
    return cellInverse(cell);
  } catch (error) {
    throw new FormatError(
      `${where}: the cell vectors lie in one plane, or are missing. Give three independent vectors.`,
      { cause: error },
    );
  }
}

/** Row vector times matrix [3 3]. */
export function timesMatrix(x: number, y: number, z: number, matrix: ArrayLike<number>): [number, number, number] {
  const column = (j: number): number => x * (matrix[j] ?? 0) + y * (matrix[3 + j] ?? 0) + z * (matrix[6 + j] ?? 0);
  return [column(0), column(1), column(2)];
}

/** A cell of the same lattice that lengths and angles describe: with all vectors reversed where it is left-handed, not its mirror image. */
export function rightHanded(cell: Float64Array): Float64Array {
  return signedVolume(cell) < 0 ? cell.map((value) => -value) : cell;
}
