/**
 * Tables of polynomials, which interpolation on knots reproduces exactly: table and body agree to rounding.
 *
 * Coefficients are [groups, 2 · derivatives, functions] of powers of r over the end of the range, constant term first.
 */
import { GraphBuilder, type Graph, type IndexMap, type Node } from '../ir/index.js';

export interface ExactTableOptions {
  readonly functions: number;
  /** Group of each row; one group without it. */
  readonly map?: IndexMap;
  readonly range: readonly [number, number];
  readonly knots: number;
  /** Values at a knot: function, slope, and so on. */
  readonly derivatives: number;
}

export interface ExactTable {
  /** [groups, knots, derivatives, functions] */
  readonly data: readonly number[];
  /** The polynomials as a graph of `r` [edges]. */
  readonly body: Graph;
  /** Their derivative. */
  readonly slope: Graph;
}

/** Knot data and bodies of polynomials. */
export function exactTable(polynomials: readonly number[], options: ExactTableOptions): ExactTable {
  const { functions, map, range, knots } = options;
  const terms = 2 * options.derivatives;
  const groups = (map?.to ?? 1) as number;
  const derivative = (coefficients: readonly number[]): number[] =>
    coefficients.map((_, i) => {
      const power = Math.floor(i / functions) % terms;
      return power < terms - 1 ? ((power + 1) * coefficients[i + functions]!) / range[1] : 0;
    });
  const derivatives = [polynomials];
  while (derivatives.length < options.derivatives) derivatives.push(derivative(derivatives.at(-1)!));
  const valueAt = (coefficients: readonly number[], group: number, f: number, r: number): number => {
    let value = 0;
    for (let power = terms - 1; power >= 0; power--)
      value = (value * r) / range[1] + coefficients[(group * terms + power) * functions + f]!;
    return value;
  };
  const data: number[] = [];
  for (let group = 0; group < groups; group++) {
    for (let knot = 0; knot < knots; knot++) {
      const r = range[0] + ((range[1] - range[0]) * knot) / (knots - 1);
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
  const { functions, map, range, derivatives } = options;
  const build = new GraphBuilder();
  const r = build.input('r', ['edges']);
  const shape = ['edges', functions] as const;
  const terms = 2 * derivatives;
  const all = build.constant(polynomials, [polynomials.length / (terms * functions), terms, functions]);
  const own = map ? build.gather(all, map) : build.broadcast(all, ['edges', terms, functions]);
  const coefficient = (power: number): Node => build.reshape(build.slice(own, 1, power, power + 1), shape);
  const wide = build.expand(build.scale(r, 1 / range[1]), shape, [0]);
  let value = coefficient(terms - 1);
  for (let power = terms - 2; power >= 0; power--) value = build.add(build.mul(value, wide), coefficient(power));
  return build.finish(name, { value });
}
