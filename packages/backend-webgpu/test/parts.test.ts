// What does not fit into one buffer of the device is computed in parts, and long work in several submits.
import { describe, expect, it } from 'vitest';
import { createCalculator, reference, type Calculator } from '@mace/core';
import { deterministicModel, seededRandom, tinyModels } from '@mace/core/generators';
import { makeStructure, type Structure } from '@mace/core/structure';
import { webgpu } from '@mace/backend-webgpu';
import { hasAdapter, limited, required } from './gpu.js';

const model = deterministicModel(tinyModels.B.config);

/** A periodic rod, far longer than what an atom depends on. */
function rod(layers: number): Structure {
  const random = seededRandom(7);
  const places = Array.from({ length: 9 * layers }, (_, i) => [i % 3, Math.floor(i / 3) % 3, Math.floor(i / 9)]);
  return makeStructure({
    numbers: places.map(() => [1, 6, 8][Math.floor(3 * random())]!),
    positions: places.flatMap((place) => place.map((at) => 2 * at + random())),
    cell: [6, 0, 0, 0, 6, 0, 0, 0, 2 * layers],
    pbc: [false, false, true],
  });
}

async function calculatorOf(maxBufferBytes: number, workPerSubmit?: number): Promise<Calculator> {
  const { gpu } = limited(maxBufferBytes);
  const backend = webgpu({ gpu, ...(workPerSubmit !== undefined && { workPerSubmit }) });
  return createCalculator({ model, backend, precision: 'f32' });
}

describe.skipIf(!hasAdapter && !required)('a structure', () => {
  it.each([
    ['in parts', 2 ** 19, undefined],
    ['in many submits', 2 ** 27, 20_000],
  ])('%s has the numbers of the whole', async (_name, maxBufferBytes, workPerSubmit) => {
    const structure = rod(120);
    const exact = await createCalculator({ model, backend: reference() });
    const { energy: wanted, forces } = await exact.evaluate(structure);
    const calculator = await calculatorOf(maxBufferBytes, workPerSubmit);
    const prepared = await calculator.prepare([structure]);
    expect(prepared.parts > 1).toBe(workPerSubmit === undefined);
    const [found] = await prepared.run();
    expect(Math.abs(found!.energy - wanted) / structure.numbers.length).toBeLessThan(2e-5);
    const error = Math.max(...found!.forces!.map((force, i) => Math.abs(force - forces![i]!)));
    expect(error).toBeLessThan(5e-4);
    await calculator.dispose();
    await exact.dispose();
  });
});
