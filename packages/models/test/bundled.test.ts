/** The bundled model is small, and its dimer curves have no hole at short distance. */
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createCalculator, reference } from '@mace/core';
import { makeStructure } from '@mace/core/structure';
import { readModelFile } from '@mace/io/node';

const path = fileURLToPath(new URL('../bundled/hcno-xtb.safetensors', import.meta.url));
const elements = ['H', 'C', 'N', 'O'];
const pairs = elements.flatMap((a, i) => elements.slice(i).map((b) => [a, b] as const));

describe('the bundled model', () => {
  test('is below 2 MB and covers H, C, N, O', async () => {
    expect(statSync(path).size).toBeLessThan(2e6);
    const { config } = await readModelFile(path);
    expect(config.atomicNumbers).toEqual([1, 6, 7, 8]);
    expect(config.pairRepulsion).toBe(true);
  });

  test.each(pairs)('%s–%s: the energy rises all the way in, and the minimum is not at short distance', async (a, b) => {
    const calculator = await createCalculator({ model: await readModelFile(path), backend: reference() });
    const distances = Array.from({ length: 97 }, (_, i) => 0.2 + 0.05 * i);
    const dimers = distances.map((r) => makeStructure({ symbols: [a, b], positions: [0, 0, 0, 0, 0, r] }));
    const energies = (await calculator.evaluateAll(dimers, { properties: [] })).map((result) => result.energy);
    const inner = energies.filter((_, i) => distances[i]! <= 0.6);
    inner.forEach((energy, i) => i > 0 && expect(energy, `${distances[i]} Å`).toBeLessThan(inner[i - 1]!));
    const best = distances[energies.indexOf(Math.min(...energies))]!;
    expect(best).toBeGreaterThan(0.6);
    await calculator.dispose();
  });
});
