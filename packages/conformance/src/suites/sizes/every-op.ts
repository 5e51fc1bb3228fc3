/** Every op at once: it has many more numbers of rows than each op alone. */
import { randomInputs } from '@mace/core/generators';
import type { GraphCase } from '../../case.js';
import { everyOp } from '../../every-op.js';
import { blockSizes, upTo } from './lists.js';

/** Each a quarter more than the one before, and more than 16 bits count. */
const many = [
  1500, 1900, 2400, 3000, 3700, 4600, 5800, 7200, 9000, 11_300, 14_100, 17_600, 22_000, 27_500, 34_400, 43_000, 65_537,
];

export function everyOpCases(): GraphCase[] {
  const counts = {
    '141-to-300-rows': upTo(141, 300),
    '301-to-600-rows': upTo(301, 600),
    'many-rows': [...blockSizes(601, 1300), ...many],
  };
  return Object.entries(counts).map(
    ([name, sizes]): GraphCase => ({
      kind: 'graph',
      path: `sizes/every-op/${name}`,
      example: everyOp,
      runs: sizes.map((rows) => ({
        name: `${rows} rows`,
        inputs: (graph) => randomInputs(graph, { seed: rows, dims: { atoms: rows, edges: rows, graphs: rows >> 2 } }),
      })),
    }),
  );
}
