/**
 * The polynomial table of a symmetric contraction: coupling tensors of every order with their weights as an operand.
 */
import { polynomialTable } from '../ir/polynomial.js';
import type { Factor, Monomial, PolynomialTable } from '../ir/types.js';
import type { CouplingEntries } from './coupling-entries.js';

/**
 * The contraction of one output irrep. Operand 0: the features [D]. Operand 1: the weights, joined over `orders` in the
 * order given (ν = 1, 2, … by convention) [Σ K]. Result [2L+1]. Elements that differ by the order of equal factors are merged.
 *
 * @param dropBelow - merged coefficients not larger in magnitude are dropped; the default removes only rounding of doubles
 */
export function symmetricContractionTable(orders: readonly CouplingEntries[], dropBelow = 1e-13): PolynomialTable {
  const monomials: Monomial[] = [];
  let firstWeight = 0;
  for (const entries of orders) {
    monomials.push(...mergedMonomials(entries, firstWeight, dropBelow));
    firstWeight += entries.paths;
  }
  return polynomialTable(Math.max(0, ...orders.map(({ degree }) => 2 * degree + 1)), monomials, dropBelow);
}

/** Merged by numbers first: the tensors have many more elements than the table has monomials. */
function mergedMonomials(entries: CouplingEntries, firstWeight: number, dropBelow: number): Monomial[] {
  const { order, dimension: size, paths } = entries;
  const merged = new Map<number, number>();
  for (let e = 0; e < entries.value.length; e++) {
    let code = entries.component[e]! * paths + entries.path[e]!;
    for (const factor of entries.factors.slice(e * order, (e + 1) * order).sort()) code = code * size + factor;
    merged.set(code, (merged.get(code) ?? 0) + entries.value[e]!);
  }
  const monomials: Monomial[] = [];
  for (const [code, coefficient] of merged) {
    if (Math.abs(coefficient) <= dropBelow) continue;
    const factors: Factor[] = [];
    let rest = code;
    for (let n = 0; n < order; n++, rest = Math.floor(rest / size))
      factors.push({ operand: 0, component: rest % size });
    factors.push({ operand: 1, component: firstWeight + (rest % paths) });
    monomials.push({ out: Math.floor(rest / paths), coefficient, factors });
  }
  return monomials;
}
