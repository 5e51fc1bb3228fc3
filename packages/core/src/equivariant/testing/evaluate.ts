/**
 * A polynomial table evaluated monomial by monomial, rotations of whole features, and seeded numbers: for tests only.
 */
import type { PolynomialTable } from '../../ir/types.js';
import { irrepDimension, type IrrepBlock } from '../irreps.js';
import { wignerMatrices } from '../wigner.js';

/** One row and one channel of the op: operands are lists of components. */
export function evaluate(table: PolynomialTable, ...operands: ArrayLike<number>[]): Float64Array {
  const result = new Float64Array(table.outputs);
  for (const { out, coefficient, factors } of table.monomials) {
    let product = coefficient;
    for (const { operand, component } of factors) {
      const factor = operands[operand]?.[component];
      if (factor === undefined) throw new Error(`no component ${component} in operand ${operand}`);
      product *= factor;
    }
    result[out]! += product;
  }
  return result;
}

/** Components of one channel of `blocks`, rotated and, with `invert`, multiplied by the parity. */
export function rotated(
  blocks: readonly IrrepBlock[],
  rotation: ArrayLike<number>,
  values: ArrayLike<number>,
  invert = false,
): Float64Array {
  const matrices = wignerMatrices(Math.max(...blocks.map(({ irrep }) => irrep.l)), rotation);
  const result = new Float64Array(values.length);
  let offset = 0;
  for (const { multiplicity, irrep } of blocks) {
    const n = irrepDimension(irrep);
    for (let copy = 0; copy < multiplicity; copy++, offset += n) {
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += matrices[irrep.l]![i * n + j]! * values[offset + j]!;
        result[offset + i] = invert ? irrep.p * sum : sum;
      }
    }
  }
  return result;
}

/** `count` numbers between −1 and 1, the same for the same seed (xorshift). */
export function randomNumbers(seed: number, count: number): Float64Array {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2147483648 - 1;
  };
  for (let i = 0; i < 20; i++) next();
  return Float64Array.from({ length: count }, next);
}

export function unitVector(seed: number): Float64Array {
  const v = randomNumbers(seed, 3);
  const norm = Math.hypot(...v);
  return v.map((x) => x / norm);
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`lengths ${a.length} and ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
