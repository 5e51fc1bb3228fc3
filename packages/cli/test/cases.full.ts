/**
 * Files after public reports, from the folder that MACE_CASES names: those that are no crystals (crystal-cases.full.ts). Energies are of
 * mace-torch 0.3.16 in float64. Without the folder these tests are skipped; the same kinds, written anew, are unit tests.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folder, jsonLines, mace } from './testing/run.js';

const cases = process.env.MACE_CASES ?? '';
const universal = ['--model', join(cases, 'universal.model')];

async function framesOf(file: string, ...options: string[]): Promise<Record<string, unknown>[]> {
  const { out } = await mace('eval', ...options, '--structures', join(cases, file), '--json');
  return jsonLines(out);
}

describe.skipIf(cases === '')('files as people have them (MACE_CASES)', () => {
  test('09 species over several lines, and symbols on atom lines', async () => {
    const formulas = async (file: string): Promise<unknown[]> =>
      (await framesOf(`09-poscar-wrapped-species/${file}`, ...universal)).map(({ formula }) => formula);
    expect(await formulas('POSCAR_wrapped')).toEqual(['CrFe2Ni']);
    expect(await formulas('POSCAR_vasp4_symbols_on_atoms')).toEqual(['O2Si']);
  });

  test('16 keys in lower case are those that they are', async () => {
    const [lower] = await framesOf('16-extxyz-lowercase-keys/lattice-lower.xyz');
    const [standard] = await framesOf('16-extxyz-lowercase-keys/standard.xyz');
    expect(standard!.energy).toBeCloseTo(-137.99362, 5);
    expect(lower!.energy).toBe(standard!.energy);
    expect(String(lower!.warnings)).toMatch(/lattice/);
  });

  test('21 an output holds the results of its own run', async () => {
    const input = join(cases, '21-output-stale-results/evaluated-before.xyz');
    const output = join(folder, 'anew.xyz');
    expect((await mace('eval', '--structures', input, '--output', output)).code).toBe(0);
    const keys = (text: string): string[] => text.match(/MACE_\w+/g) ?? [];
    expect(keys(readFileSync(input, 'utf8')).length).toBeGreaterThan(0);
    const written = new Set(keys(readFileSync(output, 'utf8')));
    for (const key of written) expect(['MACE_energy', 'MACE_forces', 'MACE_stress']).toContain(key);
  });

  test('23 a LAMMPS file computes with its own head', async () => {
    const model = ['--model', join(cases, '23-lammps-head/multihead_default_pt_head.model-lammps.pt')];
    const [water] = await framesOf('23-lammps-head/water.xyz', ...model);
    expect(Math.abs((water!.energy as number) + 2069.0807995724545)).toBeLessThan(1e-9);
    expect(JSON.stringify(water!.head)).toMatch(/pt_head/);
  });

  test('25 a charge that the model does not know is an error', async () => {
    const structures = ['--structures', join(cases, '25-charge-option-ignored/water.xyz'), '--charge', '1'];
    const plain = await mace('eval', '--model', join(cases, '25-charge-option-ignored/plain.model'), ...structures);
    expect(plain.code).not.toBe(0);
    expect(plain.err).toMatch(/--charge 1: the model .* knows no total charge/);
    const embed = await mace('eval', '--model', join(cases, '25-charge-option-ignored/embed.model'), ...structures);
    expect(embed.code).toBe(0);
  });

  test('26 a checkpoint of a LoRA model wants its α', async () => {
    const checkpoint = join(cases, '26-lora-checkpoint/lora_epoch-3.pt');
    const like = ['--like', join(cases, '26-lora-checkpoint/plain.model')];
    const structures = ['--structures', join(cases, '25-charge-option-ignored/water.xyz')];
    const without = await mace('eval', '--model', checkpoint, ...like, ...structures);
    expect(without.code).not.toBe(0);
    expect(without.err).toMatch(/LoRA[\s\S]*--lora-alpha/);
    expect((await mace('eval', '--model', checkpoint, ...like, '--lora-alpha', '1', ...structures)).code).toBe(0);
  });
});
