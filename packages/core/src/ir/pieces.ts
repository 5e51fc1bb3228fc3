/**
 * What the op `table` computes: on each of equal intervals a polynomial of the distance x from the middle of the interval,
 * Σ c[k] · xᵏ, or its slope. Beyond its range the first or last piece of a group goes on, and from the cutoff on there is nothing.
 */
import type { TableGroup } from './types.js';

/** Arithmetic with numbers, or with expressions that will compute them. */
export interface Numbers<T> {
  of(value: number): T;
  mul(a: T, b: T): T;
}

/** What the coefficients of a piece count: the first that does is `order`, and it counts once; here are those behind it. */
export function pieceWeights<T>({ of, mul }: Numbers<T>, order: 0 | 1, terms: number, x: T): T[] {
  const powers: T[] = [];
  for (let k = order + 1; k < terms; k++) powers.push(powers.length === 0 ? x : mul(powers.at(-1)!, x));
  return order === 0 ? powers : powers.map((power, i) => mul(of(i + 2), power));
}

/** Length of an interval. */
export function intervalLength({ range: [from, to], intervals }: Pick<TableGroup, 'range' | 'intervals'>): number {
  return (to - from) / intervals;
}
