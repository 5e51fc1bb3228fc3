/** Elements: what a structure gets does not depend on those of others, and what is held is for those that can still be asked for. */
import { expect, test } from 'vitest';
import { createCalculator, reference, StructureError, UnsupportedError, type Result, type Structure } from '@mace/core';
import { deterministicModel, tinyModels } from '@mace/core/generators';
import type { Backend } from '@mace/core/backend';
import { makeStructure } from '@mace/core/structure';

const pair = (numbers: number[]): Structure => makeStructure({ numbers, positions: [0, 0, 0, 0.4, 0.9, 0.8] });
const bits = ({ energy, forces }: Result): number[] => [energy, ...forces!];

test.each(['f64', 'f32'] as const)(
  'one element alone has the bits that it has beside others, %s',
  async (precision) => {
    // Both radii of the transform would be one number in a graph of one element.
    const model = deterministicModel(tinyModels.C.config);
    const [first, second] = [1, 2].map(() => createCalculator({ model, backend: reference(), precision }));
    const expected = bits(await (await first!).evaluate(pair([8, 8])));
    const [, beside] = await (await second!).evaluateAll([pair([1, 6]), pair([8, 8])]);
    expect(bits(beside!)).toEqual(expected);
    for (const calculator of [first, second]) await (await calculator!).dispose();
  },
);

test('elements that are fixed: the same bits, others are refused by name and option', async () => {
  const model = deterministicModel(tinyModels.C.config);
  const [free, fixed] = [
    await createCalculator({ model, backend: reference() }),
    await createCalculator({ model, backend: reference(), elements: ['O', 1, 'H'] }),
  ];
  expect(bits(await fixed.evaluate(pair([8, 8])))).toEqual(bits(await free.evaluate(pair([8, 8]))));
  const carbon = fixed.evaluate(pair([8, 6]));
  await expect(carbon).rejects.toThrow(StructureError);
  await expect(carbon).rejects.toThrow(
    'Element that the option elements leaves out, at atom 1. Expected one of H O, found C (6).',
  );
  const other = createCalculator({ model, backend: reference(), elements: ['H', 'Si'] });
  await expect(other).rejects.toThrow(UnsupportedError);
  await expect(other).rejects.toThrow('elements: the model does not cover Si. It covers H C O');
  await free.dispose();
  await fixed.dispose();
});

test('graphs for fewer elements are released, and of the others few are kept', async () => {
  let executables = 0;
  const sound = await reference().create();
  const backend: Backend = {
    ...sound,
    compile: async (graph, options) => {
      const executable = await sound.compile(graph, options);
      executables++;
      return { ...executable, dispose: () => (executables--, executable.dispose()) };
    },
  };
  const model = deterministicModel(tinyModels.B.config);
  const calculator = await createCalculator({ model, backend });
  for (const numbers of [
    [1, 1],
    [6, 1],
    [8, 8],
    [1, 1],
  ]) {
    await calculator.evaluate(pair(numbers));
    expect(executables).toBe(1);
  }
  // What was prepared holds its graph, whatever comes.
  const grown = await createCalculator({ model, backend });
  const prepared = await grown.prepare([pair([1, 1])]);
  const [before] = await prepared.run();
  await grown.evaluate(pair([6, 8]));
  expect(executables).toBe(3);
  expect(bits((await prepared.run())[0]!)).toEqual(bits(before!));
  prepared.dispose();
  expect(executables).toBe(2);
  await calculator.dispose();
  await grown.dispose();
  expect(executables).toBe(0);
  await backend.dispose();
});
