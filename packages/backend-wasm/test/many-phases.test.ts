// A graph of more phases than the memory that threads agree by has words for: the numbers of one thread, and nothing overwritten.
import { expect, test } from 'vitest';
import { indexMapValues } from '@mace/core/backend';
import { GraphBuilder, type IndexMap, type Node } from '@mace/core/ir';
import { wasm } from '@mace/backend-wasm';

const sender: IndexMap = { name: 'sender', from: 'edges', to: 'atoms' };
const receiver: IndexMap = { name: 'receiver', from: 'edges', to: 'atoms' };
const [atoms, edges] = [24, 48];

/** Each step reads rows of other chunks, so it is a phase of its own. */
function chain(steps: number) {
  const build = new GraphBuilder();
  let x: Node = build.input('x', ['atoms', 8]);
  for (let step = 0; step < steps; step++) x = build.sin(build.segmentSum(build.gather(x, sender), receiver));
  return build.finish('many-phases', { x });
}

const rows = (row: (edge: number) => number) =>
  indexMapValues(
    Int32Array.from({ length: edges }, (_, e) => row(e)),
    atoms,
  );
const inputs = {
  dims: { atoms, edges, graphs: 1 },
  maps: { sender: rows((edge) => (edge * 7) % atoms), receiver: rows((edge) => edge >> 1) },
  values: { x: Float64Array.from({ length: 8 * atoms }, (_, i) => Math.sin(i)) },
};

test('has the bits of one thread, again and again', async () => {
  const found = new Set<string>();
  for (const threads of [1, 2]) {
    const backend = await wasm({ threads, atomsPerChunk: 4 }).create();
    const executable = await backend.compile(chain(400), { precision: 'f64', parameters: {} });
    for (let run = 0; run < 3; run++) {
      const { x } = await executable.run(inputs);
      expect(Math.max(...x!.map(Math.abs))).toBeGreaterThan(0.01);
      found.add(String(x));
    }
    await backend.dispose();
  }
  expect(found.size).toBe(1);
});
