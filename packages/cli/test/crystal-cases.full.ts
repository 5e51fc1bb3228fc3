/**
 * Crystal files after public reports, from the folder that MACE_CASES names, with the energies of mace-torch 0.3.16 in float64; without it
 * these tests are skipped. The same kinds, written anew, are unit tests of `@mace/io`.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jsonLines, mace } from './testing/run.js';

const cases = process.env.MACE_CASES ?? '';
const universal = ['--model', join(cases, 'universal.model')];

/** Formula and energy (eV, as far as the source gives it; of the second model of case 02 that of the same atoms as XYZ) of each structure; a warning where one is due. */
const expected: [file: string, model: string[], structures: [string, number][], warning?: RegExp][] = [
  [
    '02-mmcif-models-dummy-cell/nmr.cif',
    [],
    [
      ['H2O', -137.9678],
      ['H2O', -137.9644],
    ],
  ],
  ['03-mcif-magnetic-operations/afm.mcif', universal, [['N2O4', -51.67344]]],
  ['05-cif-uppercase-labels/upper.cif', universal, [['Cl2Fe2Si2', -89.87088]]],
  ['08-pdb-crystal-symmetry/co2-p21c.pdb', universal, [['C4O8', -98.08307]], /P 1 21\/c 1 was applied/],
  ['08-pdb-crystal-symmetry/same-as-cif.cif', universal, [['C4O8', -98.08307]]],
  ['14-cif-symops-insufficient/nacl.cif', universal, [['Cl4Na4', -85.54006]], /F m -3 m was taken/],
];

describe.skipIf(cases === '')('crystal files as people have them (MACE_CASES)', () => {
  test.each(expected)('%s', async (file, model, structures, warning) => {
    const { out, err } = await mace('eval', ...model, '--structures', join(cases, file), '--json');
    expect(err).toBe('');
    const frames = jsonLines(out);
    expect(frames.map(({ formula }) => formula)).toEqual(structures.map(([formula]) => formula));
    frames.forEach(({ energy }, index) => {
      const right = structures[index]![1];
      const digits = String(right).split('.')[1]!.length;
      expect(Math.abs((energy as number) - right)).toBeLessThan(0.6 * 10 ** -digits);
    });
    const notes = (frames[0]!.warnings as string[]).join();
    if (warning) expect(notes).toMatch(warning);
    else expect(notes).toBe('');
  });

  test('dotted names open, counted hydrogens are said, left-justified names are those of the standard', async () => {
    const frame = async (file: string): Promise<Record<string, unknown>> =>
      jsonLines((await mace('eval', ...universal, '--structures', join(cases, file), '--json')).out)[0]!;
    expect((await frame('01-mmcif-xray-dotted-names/water.cif')).formula).toBe('H2O');
    expect(String((await frame('06-cif-attached-hydrogens/hydrate.cif')).warnings)).toMatch(/O1 2, O2 2/);
    const [left, standard] = await Promise.all(
      ['left', 'standard'].map((name) => frame(`07-pdb-left-justified-names/${name}.pdb`)),
    );
    expect([left!.formula, left!.energy]).toEqual(['C5H4N2O', standard!.energy]);
  });
});
