/**
 * A polynomial table as flat arrays, which is what loops want.
 *
 * Factors with one channel are numbers within a row, so monomials that differ only in those are joined: first a sum of
 * numbers, then one loop over channels.
 */
import type { PolynomialTable } from '../ir/types.js';

/**
 * Group g adds (Σ terms termStart[g]…) · Π vector factors into component out[g]. Term t is coefficient[t] · Π scalar
 * factors scalarStart[t]…. Factors are (operand, component).
 */
export interface CompiledTable {
  readonly out: Int32Array;
  readonly vectorStart: Int32Array;
  readonly vectorOperand: Int32Array;
  readonly vectorComponent: Int32Array;
  readonly termStart: Int32Array;
  readonly coefficient: Float64Array;
  readonly scalarStart: Int32Array;
  readonly scalarOperand: Int32Array;
  readonly scalarComponent: Int32Array;
}

const cache = new WeakMap<PolynomialTable, Map<string, CompiledTable>>();

/** @param isScalar - whether each operand has one channel */
export function compiledTable(table: PolynomialTable, isScalar: readonly boolean[]): CompiledTable {
  let compiled = cache.get(table);
  if (!compiled) cache.set(table, (compiled = new Map()));
  const key = isScalar.map(Number).join('');
  let found = compiled.get(key);
  if (!found) compiled.set(key, (found = compile(table, isScalar)));
  return found;
}

function compile(table: PolynomialTable, isScalar: readonly boolean[]): CompiledTable {
  type Factors = PolynomialTable['monomials'][number]['factors'];
  const groups = new Map<
    string,
    { out: number; vectors: Factors; terms: { coefficient: number; scalars: Factors }[] }
  >();
  for (const { out, coefficient, factors } of table.monomials) {
    const vectors = factors.filter((f) => !isScalar[f.operand]);
    const scalars = factors.filter((f) => isScalar[f.operand]);
    const key = `${out}|${vectors.map((f) => `${f.operand}.${f.component}`).join(' ')}`;
    const group = groups.get(key);
    if (group) group.terms.push({ coefficient, scalars });
    else groups.set(key, { out, vectors, terms: [{ coefficient, scalars }] });
  }
  const all = [...groups.values()];
  const terms = all.flatMap((group) => group.terms);
  const vectors = all.flatMap((group) => group.vectors);
  const scalars = terms.flatMap((term) => term.scalars);
  return {
    out: Int32Array.from(all, (group) => group.out),
    vectorStart: starts(all.map((group) => group.vectors.length)),
    vectorOperand: Int32Array.from(vectors, (f) => f.operand),
    vectorComponent: Int32Array.from(vectors, (f) => f.component),
    termStart: starts(all.map((group) => group.terms.length)),
    coefficient: Float64Array.from(terms, (term) => term.coefficient),
    scalarStart: starts(terms.map((term) => term.scalars.length)),
    scalarOperand: Int32Array.from(scalars, (f) => f.operand),
    scalarComponent: Int32Array.from(scalars, (f) => f.component),
  };
}

function starts(counts: readonly number[]): Int32Array {
  const offsets = new Int32Array(counts.length + 1);
  counts.forEach((n, i) => (offsets[i + 1] = offsets[i]! + n));
  return offsets;
}
