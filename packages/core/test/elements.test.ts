/** Elements: what a structure gets does not depend on those of others. */
import { expect, test } from 'vitest';
import { createCalculator, reference, type Result, type Structure } from '@mace/core';
import { deterministicModel, tinyModels } from '@mace/core/generators';
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
