/** Calculators in a worker, and what was made with them, end there when nobody outside can reach them any more. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { reference } from '@mace/core';
import type { Backend } from '@mace/core/backend';
import { deterministicModel, tinyModels, tinyStructure } from '@mace/core/generators';
import { connectCalculator, serveCalculator } from '@mace/core/worker';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const model = deterministicModel(tinyModels.B.config);
const molecule = tinyStructure('molecule');

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** Collects until `done`, or has tried for long. */
async function collected(done: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 100 && !done(); tries++) {
    collect();
    await soon();
  }
  return done();
}

test('what nobody holds any more outside is disposed of inside', async () => {
  const ended: string[] = [];
  const create = async (): Promise<Backend> => {
    const backend = await reference().create();
    return {
      ...backend,
      compile: async (...given) => {
        const executable = await backend.compile(...given);
        return {
          ...executable,
          bind: async (sizes) => {
            const binding = await executable.bind(sizes);
            const dispose = (): void => {
              ended.push('binding');
              binding.dispose();
            };
            return { ...binding, dispose };
          },
        };
      },
      dispose: async () => void ended.push('backend'),
    };
  };
  const { port1: outside, port2: inside } = new MessageChannel();
  serveCalculator(inside, { reference: () => ({ ...reference(), create }) });
  await (async () => {
    const there = await connectCalculator(outside, { model, backend: 'reference' });
    await (async () => {
      const system = await there.bind([molecule]);
      await system.compute();
      // What `bind` tried out first has ended.
      ended.length = 0;
      // Its other functions may go: it is run all the same.
      const { run } = await there.prepare([molecule]);
      collect();
      await soon();
      await run();
    })();
    expect(await collected(() => ended.length === 2)).toBe(true);
    expect((await there.evaluate(molecule)).atoms).toBe(molecule.numbers.length);
  })();
  expect(await collected(() => ended.includes('backend'))).toBe(true);
  outside.close();
});
