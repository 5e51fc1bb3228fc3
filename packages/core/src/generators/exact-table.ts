/**
 * Tables of polynomials, which pieces reproduce exactly: table and body agree to rounding.
 *
 * Coefficients are [groups, terms, functions] of powers of r over the end of the range, constant term first.
 */
import { GraphBuilder, type Graph, type IndexMap, type Node } from '../ir/index.js';

export interface ExactTableOptions {
  readonly functions: number;
  /** Group of each row; one group without it. */
  readonly map?: IndexMap;
  readonly range: readonly [number, number];
  readonly intervals: number;
  /** Coefficients of a piece. */
  readonly terms: number;
}

export interface ExactTable {
  /** [groups, intervals, terms, functions] */
  readonly data: readonly number[];
  /** The polynomials as a graph of `r` [edges]. */
  readonly body: Graph;
  /** Their derivative. */
  readonly slope: Graph;
}

/** Pieces and bodies of polynomials. */
export function exactTable(polynomials: readonly number[], options: ExactTableOptions): ExactTable {
  const { functions, map, range, intervals, terms } = options;
  const groups = (map?.to ?? 1) as number;
  const derivative = (coefficients: readonly number[]): number[] =>
    coefficients.map((_, i) => {
      const power = Math.floor(i / functions) % terms;
      return power < terms - 1 ? ((power + 1) * coefficients[i + functions]!) / range[1] : 0;
    });
  // The k-th over k!, as in Taylor's series.
  const derivatives = [polynomials];
  while (derivatives.length < terms)
    derivatives.push(derivative(derivatives.at(-1)!).map((c) => c / derivatives.length));
  const valueAt = (coefficients: readonly number[], group: number, f: number, r: number): number => {
    let value = 0;
    for (let power = terms - 1; power >= 0; power--)
      value = (value * r) / range[1] + coefficients[(group * terms + power) * functions + f]!;
    return value;
  };
  const data: number[] = [];
  for (let group = 0; group < groups; group++) {
    for (let interval = 0; interval < intervals; interval++) {
      const r = range[0] + ((range[1] - range[0]) * (interval + 0.5)) / intervals;
      for (const coefficients of derivatives) {
        for (let f = 0; f < functions; f++) data.push(valueAt(coefficients, group, f, r));
      }
    }
  }
  return {
    data,
    body: bodyOf('radial', derivatives[0]!, options),
    slope: bodyOf('radialSlope', derivatives[1]!, options),
  };
}

function bodyOf(name: string, polynomials: readonly number[], options: ExactTableOptions): Graph {
  const { functions, map, range, terms } = options;
  const build = new GraphBuilder();
  const r = build.input('r', ['edges']);
  const shape = ['edges', functions] as const;
  const all = build.constant(polynomials, [polynomials.length / (terms * functions), terms, functions]);
  const own = map ? build.gather(all, map) : build.broadcast(all, ['edges', terms, functions]);
  const coefficient = (power: number): Node => build.reshape(build.slice(own, 1, power, power + 1), shape);
  const wide = build.expand(build.scale(r, 1 / range[1]), shape, [0]);
  let value = coefficient(terms - 1);
  for (let power = terms - 2; power >= 0; power--) value = build.add(build.mul(value, wide), coefficient(power));
  return build.finish(name, { value });
}
