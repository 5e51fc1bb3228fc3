/** The end of `mace eval`: what all structures have in common, and what a person should know of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readStructureFile } from '@mace/io/node';
import { bundled, file, folder, jsonLines, mace } from './testing/run.js';

const waters = (count: number): string =>
  Array.from({ length: count }, (_, i) => `3\n\nO 0 0 0\nH ${0.96 + 0.001 * i} 0 0\nH 0 0.96 0\n`).join('');
const rows = (text: string): number => text.split('\n').filter((line) => /^ *\d+ {2}H2O /.test(line)).length;

describe('mace eval --output', () => {
  test('shows 20 rows of 23, and the range of all', async () => {
    const structures = file('waters.xyz', `${waters(22)}3\n\nO 0 0 0\nH 0.2 0 0\nH 0 0.96 0\n`);
    const { code, out } = await mace('eval', structures, '--output', 'results.xyz');
    expect([code, rows(out)]).toEqual([0, 20]);
    expect(out).toContain('…  the others are in results.xyz');
    const results = await readStructureFile(join(folder, 'results.xyz'));
    const energies = results.map(({ info }) => info.MACE_energy as number);
    const [least, most] = [Math.min(...energies), Math.max(...energies)];
    const forces = results.map(({ arrays }) => {
      const values = arrays.MACE_forces!.values as Float64Array;
      return Math.max(...[0, 1, 2].map((i) => Math.hypot(...values.subarray(3 * i, 3 * i + 3))));
    });
    const largest = Math.max(...forces);
    expect(forces.indexOf(largest)).toBe(22);
    const perAtom = `${(least / 3).toFixed(6)} to ${(most / 3).toFixed(6)} eV/atom`;
    expect(out).toContain(`23 structures: energy ${least.toFixed(6)} to ${most.toFixed(6)} eV, ${perAtom}; `);
    const [, force] = /largest force ([\d.]+) eV\/Å in structure 22 of the input/.exec(out)!;
    expect(Number(force)).toBeCloseTo(largest, 5);
    expect(out).toContain('1 of 23 structures have notes; the key MACE_warnings of results.xyz has them');
  });

  test('20 are all shown; without an output every one is', async () => {
    const few = await mace('eval', file('twenty.xyz', waters(20)), '--output', 'twenty results.xyz');
    expect([rows(few.out), few.out.includes('the others')]).toEqual([20, false]);
    const all = await mace('eval', file('more.xyz', waters(23)));
    expect([rows(all.out), all.out.includes('the others')]).toEqual([23, false]);
  });
});

describe('a cell that is not periodic in all three directions', () => {
  const slab = readFileSync(bundled('ice.xyz'), 'utf8').replace('pbc="T T T"', 'pbc="T T F"');

  test('is why there is no stress, in one line', async () => {
    const one = await mace('eval', file('slab.xyz', slab), '--compute_stress');
    expect(
      one.out.match(/^no stress is given: the cell is not periodic in all three directions.*pbc="T T T"/gm),
    ).toHaveLength(1);
    const mixed = file('mixed.xyz', slab + readFileSync(bundled('ice.xyz'), 'utf8') + waters(1));
    expect((await mace('eval', mixed)).out).toMatch(/^no stress is given for 1 of 3 structures: /m);
    const json = await mace('eval', mixed, '--json');
    expect(jsonLines(json.out)).toHaveLength(3);
    expect(json.err).toMatch(/^no stress is given for 1 of 3 structures: [^\n]*\n$/);
  });

  test('nothing is said where there is a stress, or no cell', async () => {
    const { out } = await mace('eval', bundled('ice.xyz'), bundled('caffeine.xyz'));
    expect(out).not.toContain('no stress');
  });
});
