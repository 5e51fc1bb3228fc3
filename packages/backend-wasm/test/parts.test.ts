// Structures that do not fit into the memory are computed in parts.
import { afterEach, describe, expect, it } from 'vitest';
import { createCalculator, type Calculator, type MaceModel, type Property } from '@mace/core';
import { deterministicModel, seededRandom, tinyModels } from '@mace/core/generators';
import { makeStructure, type Structure } from '@mace/core/structure';
import { wasm } from '@mace/backend-wasm';

const pageBytes = 65536;
const properties: readonly Property[] = ['forces', 'stress', 'atomStresses', 'descriptors'];

const calculators: Calculator[] = [];
afterEach(async () => {
  for (const calculator of calculators.splice(0)) await calculator.dispose();
});

async function calculatorOf(model: MaceModel, maximumPages: number, precision: 'f64' | 'f32'): Promise<Calculator> {
  const calculator = await createCalculator({ model, precision, backend: wasm({ threads: 1, maximumPages }) });
  calculators.push(calculator);
  return calculator;
}

/** A periodic rod, far longer than what an atom depends on. */
function rod(layers: number, seed: number): Structure {
  const random = seededRandom(seed);
  const places = Array.from({ length: 9 * layers }, (_, i) => [i % 3, Math.floor(i / 3) % 3, Math.floor(i / 9)]);
  return makeStructure({
    numbers: places.map(() => [1, 6, 8][Math.floor(3 * random())]!),
    positions: places.flatMap((place) => place.map((at) => 2 * at + random())),
    cell: [6, 0, 0, 0, 6, 0, 0, 0, 2 * layers],
    pbc: [false, false, true],
    arrays: { label: { kind: 'real', columns: 1, values: Float64Array.from(places, () => Math.floor(3 * random())) } },
  });
}

const models: Readonly<Record<string, MaceModel>> = {
  'one layer': deterministicModel({ ...tinyModels.A.config, hiddenIrreps: '16x0e+16x1o' }),
  'two layers, inputs per structure and per atom': deterministicModel({
    ...tinyModels.B.config,
    hiddenIrreps: '8x0e+8x1o',
    embeddings: [
      { name: 'total_charge', per: 'graph', type: 'continuous', embeddingSize: 4, inputSize: 1 },
      { name: 'label', per: 'atom', type: 'categorical', embeddingSize: 4, numClasses: 3 },
    ],
  }),
};

/** Largest difference over largest value. */
function difference(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  const size = Math.max(...Array.from(wanted, Math.abs));
  return Math.max(...Array.from(found, (value, i) => Math.abs(value - wanted[i]!))) / size;
}

describe('structures larger than the memory', () => {
  for (const [name, model] of Object.entries(models)) {
    for (const precision of ['f64', 'f32'] as const) {
      it(`${name}, ${precision}: parts give the numbers of the whole, and the same bits in any batch`, async () => {
        const structures = [rod(40, 6), rod(120, 5)];
        const whole = await (await calculatorOf(model, 65536, precision)).prepare(structures, { properties });
        const pages = Math.ceil((0.6 * whole.cost()!.bytes) / pageBytes);
        const small = await calculatorOf(model, pages, precision);
        const parts = await small.prepare(structures, { properties });
        expect(parts.cost()!.bytes).toBeLessThan(pages * pageBytes);
        expect(parts.cost()!.multiplyAdds).toBeGreaterThan(whole.cost()!.multiplyAdds);
        const [wanted, found] = [await whole.run(), await parts.run()];
        for (const [g, result] of wanted.entries()) {
          for (const what of ['energies', 'forces', 'atomVirials', 'virial', 'descriptors'] as const)
            expect(difference(found[g]![what]!, result[what]!), what).toBeLessThan(precision === 'f64' ? 1e-14 : 1e-5);
          expect(difference([found[g]!.energy], [result.energy])).toBeLessThan(precision === 'f64' ? 1e-14 : 1e-6);
        }
        expect(await small.evaluate(structures[1]!, { properties })).toEqual(found[1]);
      });
    }
  }

  it('are refused, with the numbers, where parts would not help', async () => {
    const calculator = await calculatorOf(Object.values(models)[1]!, 160, 'f64');
    const refused = { code: 'device', reason: 'out-of-memory', message: expect.stringMatching(/\d+ bytes are needed/) };
    await expect(calculator.evaluate(rod(120, 5))).rejects.toMatchObject(refused);
    expect((await calculator.evaluate(rod(2, 5))).forces).toHaveLength(3 * 9 * 2);
  });
});
