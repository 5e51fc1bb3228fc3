/** `mace eval` against labels of its input: of a first run, shifted by what the test knows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readStructureFile } from '@mace/io/node';
import { bundled, file, folder, jsonLines, mace } from './testing/run.js';

/** The bundled ice with results of a first run as labels: every energy 0.48 eV too high, and one force 0.12 eV/Å. */
let labelled = '';
beforeAll(async () => {
  const output = join(folder, 'first.xyz');
  expect((await mace('eval', bundled('ice.xyz'), '--output', output, '--info-prefix', 'REF_')).code).toBe(0);
  const [{ info, arrays }] = (await readStructureFile(output)) as [Awaited<ReturnType<typeof readStructureFile>>[0]];
  const forces = arrays.REF_forces!.values as Float64Array;
  const lines = readFileSync(output, 'utf8').trimEnd().split('\n');
  lines[1] = lines[1]!.replace(/REF_energy=\S+/, `REF_energy=${(info.REF_energy as number) + 0.48}`);
  const first = lines[2]!.trim().split(/\s+/);
  first[first.length - 3] = String(forces[0]! + 0.12);
  lines[2] = first.join(' ');
  labelled = `${lines.join('\n')}\n`;
});

const close = (text: string | undefined, expected: number): void => expect(Number(text)).toBeCloseTo(expected, 2);

describe('mace eval --labels', () => {
  test('keys of mace-torch are found without it, and structures without labels are counted', async () => {
    const structures = file('labelled.xyz', labelled + readFileSync(bundled('ice.xyz'), 'utf8'));
    const { code, out, err } = await mace('eval', structures);
    expect([code, err]).toEqual([0, '']);
    // 0.48 eV on 48 atoms; √(0.12²/144) and 0.12/144 eV/Å on one of 144 components.
    const [, rmse, mae, count] = /^energy \(meV\/atom\) +(\S+) +(\S+) +(\d+) {2}\S+ in structure 0 .*REF_energy$/m.exec(
      out,
    )!;
    close(rmse, 10);
    close(mae, 10);
    expect(count).toBe('1');
    const [, forceRmse, forceMae] = /^forces \(meV\/Å\) +(\S+) +(\S+) +1 /m.exec(out)!;
    close(forceRmse, 10);
    close(forceMae, 0.83333);
    close(/^stress \(meV\/Å³\) +(\S+) +\S+ +1 /m.exec(out)![1], 0);
    expect(out).toContain('1 of 2 structures have no labels');
  });

  test('without labels nothing is said of them', async () => {
    expect((await mace('eval', bundled('ice.xyz'))).out).not.toMatch(/labels|RMSE/);
  });

  test('other keys are named; with --json the errors are its last object, in eV', async () => {
    const structures = file('other.xyz', labelled.replaceAll('REF_energy', 'energy_dft').replaceAll('REF_forces', 'f'));
    const { code, out } = await mace('eval', structures, '--labels', 'energy_dft,f', '--json');
    expect(code).toBe(0);
    const [frame, last, ...rest] = jsonLines(out);
    expect([frame!.index, rest]).toEqual([0, []]);
    const { errors, withoutLabels, unfit } = last!.labels as {
      errors: Record<string, { key: string; unit: string; rmse: number; structures: number; worst: { frame: number } }>;
      withoutLabels: number;
      unfit: number;
    };
    expect([withoutLabels, unfit, Object.keys(errors)]).toEqual([0, 0, ['energy', 'forces']]);
    expect(errors.energy).toMatchObject({ key: 'energy_dft', unit: 'eV/atom', structures: 1, worst: { frame: 0 } });
    expect(errors.energy!.rmse).toBeCloseTo(0.01, 6);
    expect(errors.forces!.rmse).toBeCloseTo(0.01, 6);
    const silent = await mace('eval', structures, '--json');
    expect(jsonLines(silent.out)).toHaveLength(1);
  });

  test('labels that do not fit are left out with a word; keys that no structure has are an error', async () => {
    const bad = file('bad.xyz', labelled.replace(/REF_energy=\S+/, 'REF_energy=nan'));
    const { code, out } = await mace('eval', bad);
    expect(code).toBe(0);
    expect(out).toContain(
      '1 label is left out; the first: structure 0 of the input: REF_energy has a value that is no finite number',
    );
    const none = await mace('eval', bad, '--labels', 'energy_dft', '--output', 'all the same.xyz');
    expect(none.code).toBe(1);
    expect(none.err).toMatch(
      /^error \(format\): --labels energy_dft: no structure has any of these keys\. The first has: .*REF_energy/,
    );
    expect(await readStructureFile(join(folder, 'all the same.xyz'))).toHaveLength(1);
  });
});
