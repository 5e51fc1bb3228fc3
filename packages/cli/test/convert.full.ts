/** `mace convert`, frames by `@`, and `--format`, as a person runs them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readStructureFile } from '@mace/io/node';
import { bundled, file, folder, jsonLines, mace } from './testing/run.js';

const frames = [1, 2, 3, 4].map((z) => `1\nLattice="5 0 0 0 5 0 0 0 5" energy=-${z}\nH 0 0 ${z}\n`).join('');
const heights = async (name: string): Promise<number[]> =>
  (await readStructureFile(join(folder, name))).map(({ positions }) => positions[2] ?? NaN);

describe('mace convert', () => {
  test('frames by @, formats by ending', async () => {
    file('traj.xyz', frames);
    for (const [range, expected] of [
      ['@-1', [4]],
      ['@0:10:2', [1, 3]],
      ['@:', [1, 2, 3, 4]],
      ['', [1, 2, 3, 4]],
    ] as const) {
      expect(await mace('convert', `traj.xyz${range}`, 'out.extxyz')).toMatchObject({ code: 0, err: '' });
      expect(await heights('out.extxyz'), range).toEqual(expected);
    }
    expect(await mace('convert', 'traj.xyz@2', 'out.ase.json')).toMatchObject({ code: 0 });
    expect(await heights('out.ase.json')).toEqual([3]);
    expect(await mace('convert', 'traj.xyz@7', 'none.xyz')).toMatchObject({
      code: 1,
      err: expect.stringContaining('traj.xyz has 4 frames, none of them is 7') as string,
    });
    expect(existsSync(join(folder, 'none.xyz'))).toBe(false);
  });

  test('what a format does not hold is named, and left out when asked', async () => {
    file('traj.xyz', frames);
    const refused = await mace('convert', 'traj.xyz@0', 'POSCAR');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('poscar does not hold the key energy. Write extxyz, or leave them out with --drop.');
    expect(existsSync(join(folder, 'POSCAR'))).toBe(false);
    const dropped = await mace('convert', 'traj.xyz@0', 'POSCAR', '--drop');
    expect(dropped).toMatchObject({ code: 0, out: 'wrote POSCAR (1 structure, poscar)\n' });
    expect(dropped.err).toContain('note: left out: the key energy');
    expect(await heights('POSCAR')).toEqual([1]);
    file('slab.xyz', '1\nLattice="5 0 0 0 5 0 0 0 20" pbc="T T F"\nC 0 0 1\n');
    for (const name of ['slab.vasp', 'slab.cif'])
      expect((await mace('convert', 'slab.xyz', name, '--drop')).err).toContain(
        'does not hold the periodic directions (T T F becomes T T T)',
      );
    expect((await mace('convert', 'traj.xyz', 'all.vasp', '--drop')).err).toContain('holds one structure, got 4');
    expect((await mace('convert', bundled('caffeine.xyz'), 'a.pdb')).err).toContain('digits of the positions');
  });

  test('what extended XYZ has no way to write is left out when asked, and of results with a word', async () => {
    const site =
      '{"species": [{"element": "H", "occu": 1}], "xyz": [0, 0, 1], "properties": {"site": "on top", "spin": 1}}';
    file('top.pymatgen.json', `{"@class": "Molecule", "sites": [${site}]}`);
    const refused = await mace('convert', 'top.pymatgen.json', 'top.xyz');
    expect([refused.code, refused.err]).toEqual([
      1,
      'error (format): structure 0: extxyz does not hold the column site. Rename them, or leave them out with --drop.\n',
    ]);
    expect(existsSync(join(folder, 'top.xyz'))).toBe(false);
    expect(await mace('convert', 'top.pymatgen.json', 'top.xyz', '--drop')).toMatchObject({
      code: 0,
      err: 'note: left out: the column site\n',
    });
    expect(Object.keys((await readStructureFile(join(folder, 'top.xyz')))[0]!.arrays)).toEqual(['spin']);
    const results = await mace('eval', '--structures', 'top.pymatgen.json', '--output', 'results.xyz');
    expect([results.code, results.err]).toEqual([0, 'note: left out of results.xyz: the column site\n']);
    expect(Object.keys((await readStructureFile(join(folder, 'results.xyz')))[0]!.arrays)).toEqual([
      'spin',
      'MACE_forces',
    ]);
  });

  test('ice through POSCAR and CIF has the energy that it had', async () => {
    expect(await mace('convert', bundled('ice.xyz'), 'ice.vasp')).toMatchObject({ code: 0, err: '' });
    expect(await mace('convert', 'ice.vasp', 'ice.cif')).toMatchObject({ code: 0, err: '' });
    expect(await mace('convert', 'ice.cif', 'back', '--output-format', 'pymatgen-json')).toMatchObject({ code: 0 });
    const energy = async (name: string): Promise<number> =>
      jsonLines((await mace('eval', '--structures', name, '--json')).out)[0]!.energy as number;
    expect(await energy('back')).toBeCloseTo(await energy(bundled('ice.xyz')), 8);
  });

  test('ASE trajectories there and back, and as the input of other commands', async () => {
    file('traj.xyz', frames);
    expect(await mace('convert', 'traj.xyz', 'out.traj')).toMatchObject({
      code: 0,
      out: 'wrote out.traj (4 structures, ase-traj)\n',
      err: '',
    });
    expect(await heights('out.traj')).toEqual([1, 2, 3, 4]);
    expect(await mace('convert', 'out.traj@1:3', 'again.xyz')).toMatchObject({ code: 0, err: '' });
    expect(await heights('again.xyz')).toEqual([2, 3]);
    expect(readFileSync(join(folder, 'again.xyz'), 'utf8')).toContain('energy=-2');
    expect(await mace('convert', 'traj.xyz', 'out.traj.gz')).toMatchObject({ code: 0, err: '' });
    expect(await heights('out.traj.gz')).toEqual([1, 2, 3, 4]);
    const results = await mace('eval', '--structures', 'out.traj@-1', '--json');
    expect(jsonLines(results.out).length).toBe(1);
    // A column of MACE has no place there.
    await mace('eval', '--structures', 'traj.xyz@0', '--output', 'results.xyz');
    const refused = await mace('convert', 'results.xyz', 'results.traj');
    expect([refused.code, refused.err]).toEqual([
      1,
      'error (format): structure 0: ase-traj does not hold the column MACE_forces. Write extxyz, or leave them out with --drop.\n',
    ]);
    expect(existsSync(join(folder, 'results.traj'))).toBe(false);
    expect(await mace('convert', 'results.xyz', 'results.traj', '--drop')).toMatchObject({ code: 0 });
    expect((await readStructureFile(join(folder, 'results.traj')))[0]!.info).toHaveProperty('MACE_energy');
    expect((await mace('convert', 'traj.xyz', 'out.txt', '--output-format', 'traj')).err).toContain(
      'the ending .txt does not fit: what is written is ASE trajectory',
    );
  });

  test('warnings of the reader, formats that are not written, names without an ending', async () => {
    file('lower.xyz', '1\nlattice="5 0 0 0 5 0 0 0 5"\nH 0 0 1\n');
    expect((await mace('convert', 'lower.xyz', 'out.xyz')).err).toContain('note: line 2: "lattice" is read as Lattice');
    expect((await mace('convert', 'lower.xyz', 'XDATCAR')).err).toContain('xdatcar is only read');
    expect((await mace('convert', 'lower.xyz', 'out')).err).toContain('the ending does not tell a format');
  });
});

describe('--format and @ in other commands', () => {
  test('eval takes a format, and frames', async () => {
    file('traj.dat', frames);
    file('at@1.xyz', frames.replace('H 0 0 1', 'H 0 0 1.5'));
    const one = await mace('eval', '--structures', 'traj.dat@1:3', '--format', 'extxyz', '--json');
    expect(jsonLines(one.out).map(({ index }) => index)).toEqual([0, 1]);
    // A file whose name ends so is that file, and may have frames too.
    expect(jsonLines((await mace('eval', '--structures', 'at@1.xyz', '--json')).out).length).toBe(4);
    expect(jsonLines((await mace('eval', '--structures', 'at@1.xyz@0', '--json')).out).length).toBe(1);
    expect((await mace('eval', '--structures', 'traj.dat', '--format', 'cif')).code).toBe(1);
    expect((await mace('eval', '--structures', 'traj.dat', '--format', 'gaussian')).err).toContain(
      'there is no structure format "gaussian". Use one of extxyz, cif',
    );
    expect((await mace('eval', '--format', 'cif')).err).toContain('there is no file that it could be of');
  });
  test.each(['bench', 'estimate'])('%s too', async (command) => {
    file('traj.dat', readFileSync(bundled('ethanol-water.xyz'), 'utf8'));
    const more = command === 'bench' ? ['--repeat', '1'] : [];
    const { code, out } = await mace(command, '--structures', 'traj.dat@0', '--format', 'extxyz', '--json', ...more);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ file: expect.stringContaining('traj.dat') as string });
  });
});
