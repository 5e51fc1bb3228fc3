/**
 * Where a table ends: at the cutoff, one unit in the last place of either precision before and after it, and far beyond. Compared is
 * the table less its body, which end together however the cutoff is rounded.
 */
import { indexMapValues, type RunInputs } from '@mace/core/backend';
import { exactTable, randomInputs } from '@mace/core/generators';
import { GraphBuilder, type Graph, type IndexMap, type Node } from '@mace/core/ir';
import { once, type Example, type GraphCase } from '../../case.js';

const pair: IndexMap = { name: 'pair', from: 'edges', to: 3 };

/** The first is less as float32, the second more. */
const cutoffs = [2.6, 2.7];

export function cutoffCases(): GraphCase[] {
  return [undefined, pair].map(
    (map): GraphCase => ({
      kind: 'graph',
      path: `values/table/${map ? 'at-the-cutoff-by-pair' : 'at-the-cutoff'}`,
      example: once((): Example => ({ graph: endingTables(map), parameters: {} })),
      compare: 'steps',
      runs: cutoffs.map((cutoff) => ({
        name: `around ${cutoff}`,
        inputs: (graph) => withDistances(graph, distancesAround(cutoff)),
      })),
    }),
  );
}

/** For each cutoff what a table and its slope are off from their bodies. The pieces go on up to 3 Å. */
function endingTables(map: IndexMap | undefined): Graph {
  const build = new GraphBuilder();
  const r = build.input('r', ['edges']);
  const outputs = cutoffs.flatMap((cutoff) => {
    const [terms, functions] = [4, 2];
    const polynomials = Array.from({ length: 3 * terms * functions }, (_, i) => 1 + 0.5 * Math.sin(1 + 2.3 * i));
    const sizes = { functions, terms, cutoff, range: [0.5, 3], intervals: 5, ...(map && { map }) } as const;
    const given = map ? polynomials : polynomials.slice(0, terms * functions);
    const { pieces, shape, attributes, body, slope } = exactTable(given, sizes);
    const data = build.constant(pieces, shape);
    const difference = (table: Node, exact: Graph): Node =>
      build.sub(table, build.import(exact, new Map([[exact.inputs[0]!, r]])).value!);
    return [
      [`value below ${cutoff}`, difference(build.table(r, data, { body, slope, order: 0, ...attributes }), body)],
      [`slope below ${cutoff}`, difference(build.table(r, data, { body: slope, order: 1, ...attributes }), slope)],
    ] as const;
  });
  return build.finish('ending-tables', Object.fromEntries(outputs));
}

function distancesAround(cutoff: number): number[] {
  const single = Math.fround(cutoff);
  const places = [cutoff * (1 - 2 ** -52), cutoff, cutoff * (1 + 2 ** -51), single * (1 - 2 ** -23), single];
  return [1, 2.5, ...places, single * (1 + 2 ** -22), 2.8, 3.1, 10, 1e6];
}

function withDistances(graph: Graph, distances: readonly number[]): RunInputs {
  // Each distance for each group.
  const edges = 3 * distances.length;
  const inputs = randomInputs(graph, { seed: 12, dims: { atoms: 1, edges, graphs: 1 } });
  const values = { r: Float64Array.from({ length: edges }, (_, edge) => distances[Math.floor(edge / 3)]!) };
  if (!inputs.maps.pair) return { ...inputs, values };
  const groups = Int32Array.from({ length: edges }, (_, edge) => edge % 3);
  return { ...inputs, values, maps: { ...inputs.maps, pair: indexMapValues(groups, 3) } };
}
