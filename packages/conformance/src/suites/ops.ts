/** Every op alone at awkward sizes, and random graphs of many ops. */
import { opGraphs, randomGraph, randomInputs } from '@mace/core/generators';
import type { GraphCase } from '../case.js';

/** None, one, both sides of a power of two, and more rows than 16 bits count. */
const rowCounts = [0, 1, 63, 64, 65, 65_537];
const randomGraphs = 60;

export function opCases(): GraphCase[] {
  const single = opGraphs.flatMap(({ op, name, graph, parameters, range }) =>
    rowCounts.map(
      (rows): GraphCase => ({
        kind: 'graph',
        path: `ops/${op}/${pathPart(name)}/${rows}-rows`,
        graph,
        parameters,
        inputs: () => randomInputs(graph, { seed: rows + 1, range, dims: dimsOf(rows) }),
      }),
    ),
  );
  const random = Array.from({ length: randomGraphs }, (_, i): GraphCase => {
    const seed = i + 1;
    const { graph, parameters, dims, maps, values } = randomGraph(seed);
    return {
      kind: 'graph',
      path: `ops/random/seed-${seed}`,
      graph,
      parameters,
      inputs: () => ({ dims, maps, values }),
    };
  });
  return [...single, ...random];
}

/** As many atoms and edges as rows, and fewer structures than atoms. */
export function dimsOf(rows: number): { atoms: number; edges: number; graphs: number } {
  return { atoms: rows, edges: rows, graphs: Math.min(rows, 3) };
}

/** A name as part of a path. */
export function pathPart(name: string): string {
  return name.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '');
}
