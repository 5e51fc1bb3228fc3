/** What is given to calls that is nothing of its kind: errors of ours, by name, and not of the engine. */
import { expect, test } from 'vitest';
import { createCalculator, reference } from '@mace/core';
import { deterministicModel, tinyModels } from '@mace/core/generators';
import { makeStructure } from '@mace/core/structure';

test('what is nothing of its kind is refused by name', async () => {
  const model = deterministicModel(tinyModels.B.config);
  const calculator = await createCalculator({ model, backend: reference() });
  const water = makeStructure({ symbols: ['O', 'H', 'H'], positions: [0, 0, 0, 0.96, 0, 0, -0.24, 0.93, 0] });
  const system = await calculator.bind([water]);
  const nothing = null as never;
  await expect(calculator.evaluate(water, { properties: ['force' as 'forces'] })).rejects.toThrow(
    /no property force\. There are forces, stress/,
  );
  await expect(calculator.bind(water as never)).rejects.toThrow(/Expected a list of structures/);
  await expect(calculator.bind([nothing])).rejects.toThrow(/Not a structure: Null/);
  await expect(calculator.evaluate({ symbols: ['H'] } as never)).rejects.toThrow(/Not a structure: Object/);
  await expect(system.replace({ 0: water } as never)).rejects.toThrow(/new Map\(\[\[2, structure\]\]\)/);
  await expect(system.replace(new Map([[0, nothing]]))).rejects.toThrow(/Not a structure/);
  expect(() => system.update(nothing)).toThrow(/positions have no values; expected 9/);
  for (const vector of [new Float64Array(8), new Float64Array(12), nothing])
    await expect(calculator.hessianVector(water, vector)).rejects.toThrow(/expected a vector of 9 numbers/);
  // Nothing said is what is usual.
  expect((await system.compute(nothing)).energies).toEqual((await system.compute({ into: nothing })).energies);
  await calculator.dispose();
});
