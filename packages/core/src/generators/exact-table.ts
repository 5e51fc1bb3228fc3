/**
 * Tables of polynomials, which pieces reproduce exactly: table and body agree to rounding.
 *
 * Coefficients are [groups, terms, functions] of powers of r over the end of the range, constant term first.
 */
import {
  GraphBuilder,
  intervalLength,
  type Graph,
  type IndexMap,
  type Node,
  type OpAttributes,
  type TableGroup,
} from '../ir/index.js';

export interface ExactTableOptions {
  readonly functions: number;
  /** Group of each row; one group without it. */
  readonly map?: IndexMap;
  readonly range: readonly [number, number];
  /** Of the first group; each other one has one more than the one before, and begins a little earlier. */
  readonly intervals: number;
  /** Coefficients of a piece. */
  readonly terms: number;
  /** Where value and slope become 0. Default the end of the range. */
  readonly cutoff?: number;
}

export interface ExactTable {
  /** [rows, terms, functions] */
  readonly pieces: readonly number[];
  readonly shape: readonly [rows: number, terms: number, functions: number];
  readonly attributes: Pick<OpAttributes['table'], 'map' | 'cutoff' | 'groups'>;
  /** The polynomials as a graph of `r` [edges]. */
  readonly body: Graph;
  /** Their derivative. */
  readonly slope: Graph;
}

/** Pieces and bodies of polynomials. */
export function exactTable(polynomials: readonly number[], options: ExactTableOptions): ExactTable {
  const { functions, map, range, terms, cutoff = range[1] } = options;
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
  const groups = groupsOf(options);
  const pieces: number[] = [];
  for (const [group, own] of groups.entries()) {
    for (let interval = 0; interval < own.intervals; interval++) {
      const r = own.range[0] + (interval + 0.5) * intervalLength(own);
      for (const coefficients of derivatives) {
        for (let f = 0; f < functions; f++) pieces.push(valueAt(coefficients, group, f, r));
      }
    }
  }
  return {
    pieces,
    shape: [pieces.length / (terms * functions), terms, functions],
    attributes: { ...(map && { map }), cutoff, groups },
    body: bodyOf('radial', derivatives[0]!, options),
    slope: bodyOf('radialSlope', derivatives[1]!, options),
  };
}

function groupsOf({ map, range: [from, to], intervals }: ExactTableOptions): TableGroup[] {
  const groups: TableGroup[] = [];
  for (let group = 0, start = 0; group < ((map?.to ?? 1) as number); start += intervals + group, group++)
    groups.push({ start, intervals: intervals + group, range: [from - group / 64, to] });
  return groups;
}

function bodyOf(name: string, polynomials: readonly number[], options: ExactTableOptions): Graph {
  const { functions, map, range, terms, cutoff = range[1] } = options;
  const build = new GraphBuilder();
  const r = build.input('r', ['edges']);
  const shape = ['edges', functions] as const;
  const all = build.constant(polynomials, [polynomials.length / (terms * functions), terms, functions]);
  const own = map ? build.gather(all, map) : build.broadcast(all, ['edges', terms, functions]);
  const coefficient = (power: number): Node => build.reshape(build.slice(own, 1, power, power + 1), shape);
  const wide = build.expand(build.scale(r, 1 / range[1]), shape, [0]);
  let value = coefficient(terms - 1);
  for (let power = terms - 2; power >= 0; power--) value = build.add(build.mul(value, wide), coefficient(power));
  // A factor, so that what is not a number stays so.
  const within = build.select(build.less(r, build.fill(cutoff, r)), build.fill(1, r), build.fill(0, r));
  return build.finish(name, { value: build.mul(value, build.expand(within, shape, [0])) });
}
