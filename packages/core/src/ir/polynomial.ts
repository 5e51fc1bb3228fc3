/**
 * Tables of monomials: build, merge equal ones, differentiate.
 *
 * The only equivariant op is `polynomial`; spherical harmonics, coupling and symmetric products are tables for it.
 * A table never knows what it stands for. The derivative of a table is a table.
 */
import type { Factor, Monomial, PolynomialTable } from './types.js';

/**
 * A table with equal monomials merged, zero coefficients dropped, and factors and monomials in a fixed order.
 *
 * @param outputs - number of components of the result
 * @param dropBelow - monomials whose merged coefficient is not larger in magnitude are dropped
 */
export function polynomialTable(outputs: number, monomials: Iterable<Monomial>, dropBelow = 0): PolynomialTable {
  const merged = new Map<string, { out: number; coefficient: number; factors: readonly Factor[] }>();
  for (const monomial of monomials) {
    const factors = [...monomial.factors].sort(compareFactors);
    const key = `${monomial.out}|${factors.map((f) => `${f.operand}.${f.component}`).join(' ')}`;
    const seen = merged.get(key);
    if (seen) seen.coefficient += monomial.coefficient;
    else merged.set(key, { out: monomial.out, coefficient: monomial.coefficient, factors });
  }
  const kept = [...merged.values()].filter((m) => Math.abs(m.coefficient) > dropBelow);
  kept.sort((a, b) => a.out - b.out || compareFactorLists(a.factors, b.factors));
  return { outputs, monomials: kept };
}

/**
 * The reverse derivative of a table with respect to operand `operand`: the same operands plus the cotangent
 * (operand number `cotangent`, components = outputs of the table), result components = components of the operand.
 *
 * A factor that occurs twice contributes once per occurrence (product rule).
 */
export function reverseTable(
  table: PolynomialTable,
  operand: number,
  components: number,
  cotangent: number,
): PolynomialTable {
  return polynomialTable(
    components,
    occurrences(table, operand, (monomial, position, factor) => ({
      out: factor.component,
      coefficient: monomial.coefficient,
      factors: [...without(monomial.factors, position), { operand: cotangent, component: monomial.out }],
    })),
  );
}

/**
 * The forward derivative of a table: the same operands plus one tangent for each operand in `tangents`
 * (operand number → number of its tangent), result components as in the table.
 */
export function forwardTable(table: PolynomialTable, tangents: ReadonlyMap<number, number>): PolynomialTable {
  const monomials: Monomial[] = [];
  for (const [operand, tangent] of tangents) {
    monomials.push(
      ...occurrences(table, operand, (monomial, position, factor) => ({
        out: monomial.out,
        coefficient: monomial.coefficient,
        factors: [...without(monomial.factors, position), { operand: tangent, component: factor.component }],
      })),
    );
  }
  return polynomialTable(table.outputs, monomials);
}

/** The same table with operands renumbered; used after operands were dropped or merged. */
export function renumberOperands(table: PolynomialTable, number: (operand: number) => number): PolynomialTable {
  return polynomialTable(
    table.outputs,
    table.monomials.map((m) => ({
      ...m,
      factors: m.factors.map((f) => ({ operand: number(f.operand), component: f.component })),
    })),
  );
}

/** Largest number of factors of any monomial. */
export function degree(table: PolynomialTable): number {
  return table.monomials.reduce((most, m) => Math.max(most, m.factors.length), 0);
}

function occurrences(
  table: PolynomialTable,
  operand: number,
  make: (monomial: Monomial, position: number, factor: Factor) => Monomial,
): Monomial[] {
  const made: Monomial[] = [];
  for (const monomial of table.monomials) {
    monomial.factors.forEach((factor, position) => {
      if (factor.operand === operand) made.push(make(monomial, position, factor));
    });
  }
  return made;
}

function without(factors: readonly Factor[], position: number): Factor[] {
  return factors.filter((_, index) => index !== position);
}

function compareFactors(a: Factor, b: Factor): number {
  return a.operand - b.operand || a.component - b.component;
}

function compareFactorLists(a: readonly Factor[], b: readonly Factor[]): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) {
    const order = compareFactors(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
}
