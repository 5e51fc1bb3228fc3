/** A polynomial table as flat arrays, which is what loops want. */
import type { PolynomialTable } from '../ir/types.js';

/** Monomial m adds coefficient[m] · Π factors start[m]…start[m+1] into component out[m]. */
export interface CompiledTable {
  readonly coefficient: Float64Array;
  readonly out: Int32Array;
  readonly start: Int32Array;
  readonly operand: Int32Array;
  readonly component: Int32Array;
}

const cache = new WeakMap<PolynomialTable, CompiledTable>();

export function compiledTable(table: PolynomialTable): CompiledTable {
  let compiled = cache.get(table);
  if (!compiled) {
    const factors = table.monomials.flatMap((m) => m.factors);
    const start = new Int32Array(table.monomials.length + 1);
    table.monomials.forEach((m, i) => (start[i + 1] = start[i]! + m.factors.length));
    compiled = {
      coefficient: Float64Array.from(table.monomials, (m) => m.coefficient),
      out: Int32Array.from(table.monomials, (m) => m.out),
      start,
      operand: Int32Array.from(factors, (f) => f.operand),
      component: Int32Array.from(factors, (f) => f.component),
    };
    cache.set(table, compiled);
  }
  return compiled;
}
