// What does not fit into one buffer of the device is computed in parts, and long work in several submits.
import { describe, expect, it } from 'vitest';
import { createCalculator, type Calculator } from '@mace/core';
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
  it('in parts and in many submits has the numbers of the whole', async () => {
    const large = 2 ** 27;
    const calculators = [await calculatorOf(large)];
    const whole = await calculators[0]!.prepare([rod(120)]);
    expect(whole.parts).toBe(1);
    const half = Math.ceil((0.6 * whole.cost()!.largestBufferBytes!) / 1024) * 1024;
    calculators.push(await calculatorOf(half), await calculatorOf(large, 20_000));
    const [inParts, inSubmits] = await Promise.all(calculators.slice(1).map((one) => one.prepare([rod(120)])));
    expect([inParts!.parts > 1, inSubmits!.parts]).toEqual([true, 1]);
    const [[wanted], [found], [same]] = await Promise.all([whole.run(), inParts!.run(), inSubmits!.run()]);
    expect(same!.forces).toEqual(wanted!.forces);
    expect(Math.abs(found!.energy - wanted!.energy) / found!.atoms).toBeLessThan(2e-5);
    const error = Math.max(...found!.forces!.map((force, i) => Math.abs(force - wanted!.forces![i]!)));
    expect(error).toBeLessThan(1e-4);
    for (const one of calculators) await one.dispose();
  });
});
