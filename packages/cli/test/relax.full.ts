/** `mace relax` as people call it: one structure, many, what fails among them, and runs that were stopped. */
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '@mace/core/generators';
import { makeStructure, type Structure } from '@mace/core/structure';
import { readStructures, writeExtxyz } from '@mace/io';
import { readStructureFile, writeStructureFile } from '@mace/io/node';
import { symmetrize } from '@mace/sim';
import { killedUntilDone } from './testing/killed.js';
import { bundled, file, folder, jsonLines, mace } from './testing/run.js';

const shapes = [
  { symbols: ['O', 'H', 'H'], positions: [0, 0, 0, 0.96, 0, 0, -0.24, 0.93, 0] },
  {
    symbols: ['C', 'H', 'H', 'H', 'H'],
    positions: [0, 0, 0, 0.63, 0.63, 0.63, -0.63, -0.63, 0.63, -0.63, 0.63, -0.63, 0.63, -0.63, -0.63],
  },
  { symbols: ['N', 'N'], positions: [0, 0, 0, 1.12, 0, 0] },
];
const random = seededRandom(3);
const molecules = Array.from({ length: 24 }, (_, i) => {
  const { symbols, positions } = shapes[i % shapes.length]!;
  return makeStructure({
    symbols,
    positions: positions.map((x) => x + 0.2 * (random() - 0.5)),
    info: { name: `m${i}` },
  });
});
/** Near the neutron structure at 12 K (Swaminathan, Craven, McMullan, Acta Cryst. B40, 300 (1984)). */
const ureaCif = `data_urea
_symmetry_space_group_name_H-M 'P -4 21 m'
_cell_length_a 5.565
_cell_length_b 5.565
_cell_length_c 4.684
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
loop_
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
C 0 0.5 0.328
O 0 0.5 0.596
N 0.1447 0.6447 0.1785
H 0.2557 0.7557 0.2841
H 0.1431 0.6431 -0.0348
`;
/** Each coordinate up to 1e-3 Å off. */
function urea(scale = 1): Structure {
  const [{ numbers, positions, cell }] = readStructures(ureaCif, { format: 'cif' }) as [Structure];
  return makeStructure({
    numbers: [...numbers],
    positions: [...positions].map((x) => scale * (x + 2e-3 * (random() - 0.5))),
    cell: [...cell!].map((x) => scale * x),
  });
}

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

let alone = '';
beforeAll(async () => {
  file('many.xyz', writeExtxyz(molecules));
  const { code, err } = await mace('relax', 'many.xyz', '--output', 'alone.xyz');
  expect([code, err]).toEqual([0, '']);
  alone = read('alone.xyz');
});

describe('many', () => {
  test('have the bits of one by one, in the file and as JSON', async () => {
    const { out } = await mace('relax', 'many.xyz', '--json', '--batch-atoms', '1');
    const lines = jsonLines(out);
    const frames = await readStructureFile(join(folder, 'alone.xyz'));
    expect(lines).toHaveLength(molecules.length);
    for (const [i, line] of lines.entries()) {
      const { positions, info } = frames[i]!;
      expect(line).toMatchObject({ index: i, converged: true, energy: info.MACE_energy, steps: info.MACE_steps });
      expect((line.positions as number[][]).flat()).toEqual([...positions]);
      expect(line.fmax).toBeLessThanOrEqual(0.01);
      expect(info.name).toBe(`m${i}`);
    }
  });

  test('shards together are the whole', async () => {
    const parts = [];
    for (const part of ['1/3', '2/3', '3/3'])
      parts.push(...jsonLines((await mace('relax', 'many.xyz', '--json', '--shard', part)).out));
    const whole = jsonLines((await mace('relax', 'many.xyz', '--json')).out);
    expect(parts.sort((a, b) => Number(a.index) - Number(b.index))).toEqual(whole);
  });

  test('what fails is said in its place, and the others go on', async () => {
    const broken = molecules
      .slice(0, 5)
      .map((one, i) => (i === 1 ? makeStructure({ symbols: ['Pu'], positions: [0, 0, 0] }) : one));
    const near = makeStructure({ symbols: ['O', 'O'], positions: [0, 0, 0, 0, 0, 0] });
    file('broken.xyz', `${writeExtxyz([...broken, near])}3\n\nH 0 0 0\nH 0 0 nan\n`);
    const { code, out, err } = await mace('relax', 'broken.xyz', '--json');
    expect(code).toBe(0);
    const lines = jsonLines(out);
    expect(lines.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(lines.map(({ error }) => (error as { code: string } | undefined)?.code ?? '')).toEqual([
      '',
      'structure',
      '',
      '',
      '',
      'structure',
      'format',
    ]);
    expect(lines[0]).toMatchObject({ formula: 'H2O', converged: true });
    expect(err).toMatch(/^skipped structure 1 of the input: .*Pu/);
    const stopped = await mace('relax', 'broken.xyz', '--json', '--on-error', 'stop');
    expect([stopped.code, jsonLines(stopped.out).length]).toEqual([1, 1]);
    expect(stopped.err).toContain('--on-error skip');
  });

  test('an empty file is an error, and so are only refusals', async () => {
    file('empty.xyz', '');
    expect((await mace('relax', 'empty.xyz')).err).toMatch(
      /^skipped empty\.xyz.*\nerror \(format\): nothing was relaxed: /,
    );
  });
});

test('one is told in full', async () => {
  const { code, out } = await mace('relax', bundled('caffeine.xyz'), '--fmax', '0.05');
  expect(code).toBe(0);
  expect(out).toMatch(
    /^C8H10N4O2 {2}24 atoms, relaxed in \d+ steps\n {2}energy before .* eV\n {2}energy after .* eV\n/,
  );
});

test('an element that --fixed names and a structure lacks is said', async () => {
  const { code, err } = await mace('relax', bundled('caffeine.xyz'), '--fixed', 'Pt,0', '--fmax', '9');
  expect([code, err]).toEqual([
    0,
    expect.stringMatching(/^note: .*: --fixed names Pt, of which there is none in it\n/),
  ]);
});

test('the path is written point by point, and fixed atoms stay', async () => {
  const { code } = await mace(
    'relax',
    'many.xyz@:3',
    '--fixed',
    'O',
    '--trajectory',
    'path.xyz',
    '--output',
    'ends.xyz',
  );
  expect(code).toBe(0);
  const [path, ends] = await Promise.all(['path.xyz', 'ends.xyz'].map((name) => readStructureFile(join(folder, name))));
  const starts = path!.filter(({ info }) => info.MACE_step === 0);
  expect(starts.map(({ positions }) => [...positions])).toEqual(
    molecules.slice(0, 3).map(({ positions }) => [...positions]),
  );
  expect(path!.length).toBe(ends!.reduce((sum, { info }) => sum + Number(info.MACE_steps) + 1, 0));
  expect([...ends![0]!.positions.subarray(0, 3)]).toEqual([...molecules[0]!.positions.subarray(0, 3)]);
  expect(path!.at(-1)!.positions).toEqual(ends!.at(-1)!.positions);
});

describe('a run that was stopped', () => {
  test('goes on to the same bytes, killed at random moments', async () => {
    const kills = 3;
    const args = ['relax', 'many.xyz', '--output', 'killed.xyz', '--resume', '--batch-atoms', '16'];
    const bytes = alone.length;
    expect(await killedUntilDone(args, 'killed.xyz.partial', { random, bytes, kills })).toBe(kills);
    expect(read('killed.xyz')).toBe(alone);
    expect(existsSync(join(folder, 'killed.xyz.partial'))).toBe(false);
  });

  test('a torn frame is cut; nothing is computed twice; JSON is whole too', async () => {
    const whole = (await mace('relax', 'many.xyz', '--json')).out;
    writeFileSync(join(folder, 'torn.xyz.partial'), alone);
    truncateSync(join(folder, 'torn.xyz.partial'), alone.length - 17);
    const { code, out } = await mace('relax', 'many.xyz', '--output', 'torn.xyz', '--resume', '--json');
    expect([code, read('torn.xyz'), out]).toEqual([0, alone, whole]);
    const again = await mace('relax', 'many.xyz', '--output', 'torn.xyz', '--resume');
    expect(again.out).toContain(`${molecules.length} of them are of the run before`);
    expect(read('torn.xyz')).toBe(alone);
  });

  test('without --resume it is not lost', async () => {
    file('left.xyz.partial', alone.slice(0, 2000));
    const { code, err } = await mace('relax', 'many.xyz', '--output', 'left.xyz');
    expect([code, err]).toEqual([
      1,
      `error (format): ${join(folder, 'left.xyz.partial')}: results of a run that was stopped are here. Add --resume to go on with them, or delete the file.\n`,
    ]);
    expect(statSync(join(folder, 'left.xyz.partial')).size).toBe(2000);
  });

  test('compressed output is resumed too', async () => {
    writeFileSync(join(folder, 'small.xyz.gz.partial'), alone.slice(0, 3000));
    expect((await mace('relax', 'many.xyz', '--output', 'small.xyz.gz', '--resume')).code).toBe(0);
    expect(gunzipSync(readFileSync(join(folder, 'small.xyz.gz'))).toString()).toBe(alone);
  });

  test.each([
    [['--resume'], 'Add --output FILE'],
    [['--resume', '--output', '-'], 'is no file'],
    [['--resume', '--output', 'a.xyz', '--trajectory', 'b.xyz'], 'Leave out one of the two'],
    [['--shard', '3/2'], 'expected which part of how many'],
    [['--fixed', 'Xx'], 'names no atoms'],
    [['--fmax', '0'], 'expected a number above 0'],
  ])('%j is refused', async (options, text) => {
    const { code, err } = await mace('relax', 'many.xyz', ...options);
    expect(code).toBe(1);
    expect(err).toContain(text);
  });
});

describe('cells', () => {
  const ice = bundled('ice.xyz');

  test('are relaxed under pressure, and smaller than without', async () => {
    const run = async (...more: string[]): Promise<Record<string, number | number[][]>> =>
      jsonLines((await mace('relax', ice, '--cell', '--fmax', '0.1', '--json', ...more)).out)[0] as never;
    const [free, pressed] = [await run(), await run('--pressure', '5')];
    expect(pressed.volume).toBeLessThan(free.volume as number);
    const stress = pressed.stress as number[][];
    const pressure = -((stress[0]![0]! + stress[1]![1]! + stress[2]![2]!) / 3) * 160.2176634;
    expect(pressure).toBeGreaterThan(4);
    expect(pressure).toBeLessThan(6);
  });

  test.each([
    [['--pressure', '1'], '--pressure: this is of the cell, which is not relaxed. Add --cell.'],
    [['--lengths-only'], 'Add --cell.'],
    [['--symmetry-tolerance', '1'], 'Add --symmetry.'],
    [['--cell', '--mask', 'xx,ab'], 'expected names of xx,yy,zz,yz,xz,xy'],
    [['--cell', '--hydrostatic', '--lengths-only'], 'expected one of hydrostatic, lengthsOnly, mask'],
  ])('%j is refused', async (options, text) => {
    const { code, err } = await mace('relax', ice, ...options);
    expect(code).toBe(1);
    expect(err).toContain(text);
  });

  test('keep their space group with --symmetry, and only with it', async () => {
    file('urea.xyz', writeExtxyz([urea()]));
    const groups: number[] = [];
    for (const [name, more] of [
      ['kept.xyz', ['--symmetry']],
      ['lost.xyz', []],
    ] as const) {
      const args = ['urea.xyz', '--cell', '--fmax', '0.05', '--output', name, ...more];
      expect(await mace('relax', ...args)).toMatchObject({ code: 0, err: '' });
      const [end] = await readStructureFile(join(folder, name));
      groups.push((await symmetrize(end!, 1e-5)).spaceGroup.number);
    }
    expect(groups[0]).toBe(113);
    expect(groups[1]).not.toBe(113);
  });

  test('a molecule has none, which is said of it alone', async () => {
    const { code, out, err } = await mace('relax', 'many.xyz@0', ice, '--cell', '--fmax', '0.5', '--json');
    expect(code).toBe(0);
    expect(err).toMatch(/^skipped many\.xyz@0, structure 0: .*its cell cannot be relaxed/);
    expect(jsonLines(out).map(({ error }) => error !== undefined)).toEqual([true, false]);
  });
});

test('options of janus geomopt are understood', async () => {
  const words = ['--struct', 'many.xyz@2', '--optimizer', 'FIRE', '--fmax', '0.1', '--no-tracker'];
  const { code, out } = await mace('geomopt', ...words, '--json');
  expect(code).toBe(0);
  expect(out).toBe((await mace('relax', 'many.xyz@2', '--optimizer', 'fire', '--fmax', '0.1', '--json')).out);
});

describe('eos', () => {
  test('writes points and fits, and says what it cannot fit', async () => {
    const { code, out, err } = await mace(
      'eos',
      bundled('ice.xyz'),
      'many.xyz@0',
      '--output',
      'eos',
      '--n-volumes',
      '6',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^H32O16 {2}structure 0, 48 atoms, 6 volumes, birchmurnaghan\n/);
    expect(err).toMatch(/^skipped many\.xyz@0, structure 0: an equation of state is of a crystal/);
    const [fit] = JSON.parse(read('eos/eos.json')) as {
      bulkModulus: number;
      points: { volume: number; energy: number }[];
    }[];
    const rows = read('eos/eos.csv')
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => row.split(',').map(Number));
    expect(rows.map(([, volume, energy]) => ({ volume, energy }))).toEqual(fit!.points);
    // Strained evenly: the energies are those of eval.
    const { energy } = jsonLines(
      (await mace('eos', bundled('ice.xyz'), '--n-volumes', '5', '--json')).out,
    )[0]! as never;
    expect(Math.abs(energy - (fit as never as { energy: number }).energy)).toBeLessThan(0.01);
    expect(fit!.bulkModulus).toBeGreaterThan(10);
    expect(fit!.bulkModulus).toBeLessThan(100);
  });

  test('with --minimize it is about the volume of the relaxed cell', async () => {
    file('small.xyz', writeExtxyz([urea(0.96)]));
    const run = async (...args: string[]): Promise<Record<string, number | boolean>> => {
      const { code, out } = await mace(...args, 'small.xyz', '--json');
      expect(code).toBe(0);
      return jsonLines(out)[0] as never;
    };
    const relaxed = await run('relax', '--cell', '--fmax', '0.02');
    const found = await run('eos', '--minimize', '--fmax', '0.02', '--n-volumes', '5');
    expect(found).toMatchObject({ bracketed: true, converged: true });
    expect(Math.abs(Number(found.volume) / Number(relaxed.volume) - 1)).toBeLessThan(0.01);
    expect((await run('eos', '--n-volumes', '5')).bracketed).toBe(false);
  });

  test('options of relaxations without one are refused', async () => {
    const { code, err } = await mace('eos', bundled('ice.xyz'), '--fmax', '0.1');
    expect([code, err]).toEqual([1, expect.stringContaining('--fmax: this is of relaxations, and there are none.')]);
  });

  test('with nothing to fit it is an error', async () => {
    const { code, err } = await mace('eos', 'many.xyz@0');
    expect(code).toBe(1);
    expect(err).toContain('no equation of state was fitted');
  });
});

describe('nothing to write', () => {
  const one = writeExtxyz(molecules.slice(0, 1));
  const outputs = ['--output', 'none.xyz', '--trajectory', 'none.traj'];

  test('an empty shard is said, and is no error', async () => {
    file('one.xyz', one);
    const { code, err } = await mace('relax', 'one.xyz', '--shard', '2/4', ...outputs);
    expect(code).toBe(0);
    expect(err).toContain('no structure of one.xyz is for --shard 2/4');
    expect(['none.xyz', 'none.traj', 'none.xyz.partial'].filter((name) => existsSync(join(folder, name)))).toEqual([]);
  });

  test.each(['md', 'eval'])('nor for %s', async (command) => {
    file('one.xyz', one);
    const { code, err } = await mace(command, 'one.xyz', '--shard', '2/4', '--output', `none-${command}.xyz`);
    expect(code).toBe(0);
    expect(err).toContain('no structure of one.xyz is for --shard 2/4');
    expect(existsSync(join(folder, `none-${command}.xyz`))).toBe(false);
  });

  test('all refused: the reason is the true one', async () => {
    file('far.xyz', '1\nProperties=species:S:1:pos:R:3\nUnknownium 0 0 0\n');
    const { code, err } = await mace('relax', 'far.xyz', '--on-error', 'skip', ...outputs);
    expect(code).not.toBe(0);
    expect(err).toContain('nothing was relaxed: the only structure or file was refused');
    expect(err).not.toContain('no such file');
  });
});

test('results and paths in the same file are refused', async () => {
  const { code, err } = await mace('relax', 'many.xyz', '--output', 'p.xyz', '--trajectory', './p.xyz');
  expect(code).not.toBe(0);
  expect(err).toContain('--trajectory ./p.xyz: --output is the same file');
});

test('constraints of a trajectory of ASE: FixAtoms holds', async () => {
  const atoms = molecules[0]!.numbers.length;
  const values = Array.from({ length: atoms }, (_, atom) => atom !== 1);
  const held = { ...molecules[0]!, info: {}, arrays: { move_mask: { columns: 1, kind: 'logical', values } as const } };
  await writeStructureFile(join(folder, 'held.traj'), [held]);
  const { code, out } = await mace('relax', 'held.traj', '--json');
  expect(code).toBe(0);
  const after = (jsonLines(out)[0]!.positions as number[][]).map((row) => [...row]);
  expect(after[1]).toEqual([...held.positions.slice(3, 6)]);
  expect(after[0]).not.toEqual([...held.positions.slice(0, 3)]);
});

test('constraints that are not kept are named', async () => {
  const program = fileURLToPath(new URL('../../io/test/trajectories/rich.traj', import.meta.url));
  const { err } = await mace('relax', `${program}@0`, '--steps', '0', '--on-error', 'skip', '--json');
  expect(err).toContain('constraints that are not kept: FixBondLengths');
});
