/** Every op alone with every number of rows, and random graphs of many ops. */
import { opGraphs, randomGraph, randomInputs } from '@mace/core/generators';
import { once, type Example, type GraphCase } from '../case.js';
import { upTo } from './sizes/lists.js';

const randomGraphs = 40;

export function opCases(): GraphCase[] {
  const single = opGraphs.flatMap((one) =>
    rowCases(`ops/${one.op}/${pathPart(one.name)}`, () => one, one.range, rowCounts),
  );
  const random = Array.from({ length: randomGraphs }, (_, i): GraphCase => {
    const seed = i + 1;
    const example = once(() => randomGraph(seed));
    return { kind: 'graph', path: `ops/random/seed-${seed}`, example, runs: [{ inputs: () => example() }] };
  });
  return [...single, ...random];
}

/** Every count up to beyond the blocks of most engines; more rows are in `sizes/every-op`. */
const rowCounts: Readonly<Record<string, readonly number[]>> = {
  '0-rows': [0],
  '1-to-35-rows': upTo(1, 35),
  '36-to-70-rows': upTo(36, 70),
  '71-to-140-rows': upTo(71, 140),
};

/** A graph with all counts of rows, from none on. */
export function rowCases(
  path: string,
  example: () => Example,
  range: readonly [number, number],
  counts: Readonly<Record<string, readonly number[]>>,
): GraphCase[] {
  return Object.entries(counts).map(
    ([name, sizes]): GraphCase => ({
      kind: 'graph',
      path: `${path}/${name}`,
      example,
      runs: sizes.map((rows) => ({
        name: `${rows} rows`,
        inputs: (graph) => randomInputs(graph, { seed: rows + 1, range, dims: dimsOf(rows) }),
      })),
    }),
  );
}

/** As many atoms and edges as rows, and fewer structures than atoms. */
export function dimsOf(rows: number): { atoms: number; edges: number; graphs: number } {
  return { atoms: rows, edges: rows, graphs: Math.min(rows, 3) };
}

/** A name as part of a path. */
export function pathPart(name: string): string {
  return name.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '');
}
