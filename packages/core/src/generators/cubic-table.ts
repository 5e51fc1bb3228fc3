/**
 * Tables of cubics, which interpolation on knots reproduces exactly: table and body agree to rounding.
 *
 * Coefficients are [groups 4 functions], constant term first.
 */
import { GraphBuilder, type Graph, type IndexMap, type Node } from '../ir/index.js';

export interface CubicTableOptions {
  readonly functions: number;
  /** Group of each row; one group without it. */
  readonly map?: IndexMap;
  readonly range: readonly [number, number];
  readonly knots: number;
}

export interface CubicTable {
  /** Value and slope at each knot [groups knots 2 functions]. */
  readonly data: readonly number[];
  /** The cubics as a graph of `r` [edges]. */
  readonly body: Graph;
  /** Their derivative. */
  readonly slope: Graph;
}

/** Knot data and bodies of cubics. */
export function cubicTable(cubics: readonly number[], options: CubicTableOptions): CubicTable {
  const { functions, map, range, knots } = options;
  const groups = (map?.to ?? 1) as number;
  const derivative = cubics.map((_, i) => {
    const power = Math.floor(i / functions) % 4;
    return power < 3 ? (power + 1) * cubics[i + functions]! : 0;
  });
  const data: number[] = [];
  for (let group = 0; group < groups; group++) {
    for (let knot = 0; knot < knots; knot++) {
      const r = range[0] + ((range[1] - range[0]) * knot) / (knots - 1);
      for (const coefficients of [cubics, derivative]) {
        for (let f = 0; f < functions; f++) data.push(valueAt(coefficients, group, f, functions, r));
      }
    }
  }
  return {
    data,
    body: cubicBody('radial', cubics, options),
    slope: cubicBody('radialSlope', derivative, options),
  };
}

function valueAt(cubics: readonly number[], group: number, f: number, functions: number, r: number): number {
  return [3, 2, 1, 0].reduce((value, power) => value * r + cubics[(group * 4 + power) * functions + f]!, 0);
}

function cubicBody(name: string, cubics: readonly number[], { functions, map }: CubicTableOptions): Graph {
  const build = new GraphBuilder();
  const r = build.input('r', ['edges']);
  const shape = ['edges', functions] as const;
  const all = build.constant(cubics, [cubics.length / (4 * functions), 4, functions]);
  const own = map ? build.gather(all, map) : build.broadcast(all, ['edges', 4, functions]);
  const coefficient = (power: number): Node => build.reshape(build.slice(own, 1, power, power + 1), shape);
  const wide = build.expand(r, shape, [0]);
  let value = coefficient(3);
  for (const power of [2, 1, 0]) value = build.add(build.mul(value, wide), coefficient(power));
  return build.finish(name, { value });
}
