/** The built command line where it takes longer: several models, tables against the exact functions. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundled, file, folder, jsonLines, mace, oracleModel } from './testing/run.js';

test('--tables agrees with --exact, and every output says which it was', async () => {
  const [exact, tables] = await Promise.all(
    ['--exact', '--tables'].map((means) => mace('eval', '--structures', bundled('ice.xyz'), means, '--json')),
  );
  const [a] = jsonLines(exact!.out);
  const [b] = jsonLines(tables!.out);
  expect([a!.tables, b!.tables]).toEqual([false, true]);
  const energy = Math.abs((a!.energy as number) - (b!.energy as number)) / (a!.atoms as number);
  expect(energy).toBeLessThan(1e-8);
  const forces = (frame: Record<string, unknown>): number[] => (frame.forces as number[][]).flat();
  const force = Math.max(...forces(a!).map((each, i) => Math.abs(each - forces(b!)[i]!)));
  expect(force).toBeLessThan(1e-7);
  // Not the same numbers by another name.
  expect(energy + force).toBeGreaterThan(0);

  const hydrogen = (z: number): string => `2\n\nH 0 0 0\nH 0 0 ${z}\n`;
  const mixed = file('near.xyz', hydrogen(0.74) + hydrogen(0.2));
  const text = await mace('eval', '--structures', mixed, '--tables');
  expect(text.out).toContain('wasm, f64, tables for 1, exact for the others');
  expect((await mace('eval', '--structures', bundled('ice.xyz'))).out).toMatch(/wasm f64, exact\n/);
  const both = await mace('eval', '--tables', '--exact');
  expect(both.code).not.toBe(0);
  expect(both.err).toContain('--exact');
});

test('select-head keeps the numbers of the head', async () => {
  const structures = file('och.xyz', '3\n\nO 0 0 0\nH 0 0 1.1\nC 1.2 0 0\n');
  for (const name of ['heads-3', 'readout-bias-two-heads']) {
    const model = oracleModel(name);
    const { heads } = JSON.parse((await mace('model', 'inspect', model, '--json')).out) as { heads: string[] };
    for (const head of heads) {
      const one = join(folder, `${name}-${head}.safetensors`);
      expect((await mace('model', 'select-head', model, one, '--head', head)).code).toBe(0);
      const [all] = jsonLines(
        (await mace('eval', '--model', model, '--structures', structures, '--head', head, '--json')).out,
      );
      const [own] = jsonLines((await mace('eval', '--model', one, '--structures', structures, '--json')).out);
      expect(Math.abs((all!.energy as number) - (own!.energy as number))).toBeLessThan(1e-10);
    }
  }
});
