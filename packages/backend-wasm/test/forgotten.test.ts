// Backends that nobody disposes of: their threads end, and with them their memory, once nobody can reach them any more.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test, vi } from 'vitest';
import { createCalculator } from '@mace/core';
import { indexMapValues, type Executable } from '@mace/core/backend';
import { GraphBuilder } from '@mace/core/ir';
import { deterministicModel, tinyModels } from '@mace/core/generators';
import { makeStructure } from '@mace/core/structure';
import { wasm } from '@mace/backend-wasm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
afterEach(() => void vi.restoreAllMocks());

/** Collects until `done`, or has tried for long. */
async function collected(done: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 100 && !done(); tries++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return done();
}

const definition = wasm({ threads: 2, atomsPerChunk: 2 });

const model = deterministicModel(tinyModels.A.config);
const atoms = 24;
const chain = makeStructure({
  numbers: new Array<number>(atoms).fill(model.config.atomicNumbers[0]!),
  positions: Float64Array.from({ length: 3 * atoms }, (_, i) => (i % 3 === 0 ? i / 2 : Math.sin(i))),
});

async function useAndForget(): Promise<void> {
  const calculator = await createCalculator({ model, backend: definition });
  await calculator.evaluate(chain);
}

test('the threads that calculators share end when all of them are forgotten', async () => {
  const ended = vi.spyOn(Worker.prototype, 'terminate');
  for (let i = 0; i < 3; i++) await useAndForget();
  expect(await collected(() => ended.mock.calls.length === 2)).toBe(true);
});

test('an executable that is held keeps its threads, though its backend is forgotten', async () => {
  const compiled = async (): Promise<Executable> => {
    const build = new GraphBuilder();
    const map = { name: 'receiver', from: 'edges', to: 'atoms' } as const;
    const graph = build.finish('sums', { y: build.segmentSum(build.exp(build.input('x', ['edges', 2])), map) });
    return (await definition.create()).compile(graph, { precision: 'f64', parameters: {} });
  };
  const executable = await compiled();
  const edges = 2 * atoms;
  const receiver = indexMapValues(
    Int32Array.from({ length: edges }, (_, edge) => edge >> 1),
    atoms,
  );
  const inputs = { dims: { atoms, edges, graphs: 1 }, maps: { receiver }, values: { x: new Float64Array(2 * edges) } };
  const ended = vi.spyOn(Worker.prototype, 'terminate');
  for (let run = 0; run < 5; run++) {
    expect(Array.from((await executable.run(inputs)).y!)).toEqual(new Array(2 * atoms).fill(2));
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(ended).not.toHaveBeenCalled();
  executable.dispose();
});
