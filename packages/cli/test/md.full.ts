/** `mace md` as people call it: its folder, runs that are killed and gone on with, the gate, what is refused. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '@mace/core/generators';
import { makeStructure } from '@mace/core/structure';
import { writeExtxyz } from '@mace/io';
import { readStructureFile } from '@mace/io/node';
import { readTable } from '@mace/sim';
import { bash, bundled, file, folder, jsonLines, mace, start } from './testing/run.js';
import { expectSameFiles, filesOf, read } from './testing/same-files.js';

const water = makeStructure({ symbols: ['O', 'H', 'H'], positions: [0, 0, 0, 0.96, 0, 0, -0.24, 0.93, 0] });
const methane = makeStructure({
  symbols: ['C', 'H', 'H', 'H', 'H'],
  positions: [0, 0, 0, 0.63, 0.63, 0.63, -0.63, -0.63, 0.63, -0.63, 0.63, -0.63, 0.63, -0.63, -0.63],
});
beforeAll(() => {
  file('water.xyz', writeExtxyz([water]));
  file('many.xyz', writeExtxyz([water, methane, water, methane, water]));
});

test('a folder has all that people look for', async () => {
  const args = ['md', 'water.xyz', '--steps', '60', '--trajectory-every', '20', '--observe', 'bond:O-H,rdf,msd'];
  const { code, out, err } = await mace(...args, '--output', 'first');
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^into the folder first\nH2O\n {5}step {6}time \(fs\)/);
  expect(out).toMatch(/gate: 4 frames within \d\.\de-\d+ eV\/atom/);
  expect(out).toMatch(/60 of 60 steps; this run took .* s: .* steps\/s, .* ns\/day\nwrote first: /);
  expect(filesOf('first')).toEqual(
    [
      'bond-O-H.csv',
      'final.xyz',
      'gate.csv',
      'log.csv',
      'log.svg',
      'msd.csv',
      'msd.svg',
      'rdf.csv',
      'rdf.svg',
      'restart.json',
      'structures.csv',
      'summary.json',
      'trajectory.xyz',
    ].sort(),
  );
  const log = read('first/log.csv');
  for (const line of [
    /^# program: mace /,
    /\n# model file sha256: [0-9a-f]{64}\n/,
    /\n# seed: 0\n/,
    /\n# precision: f32\n/,
  ])
    expect(log).toMatch(line);
  expect(
    readTable(log)
      .map(({ unit }) => unit)
      .slice(0, 3),
  ).toEqual(['', 'fs', 'eV']);
  const frames = await readStructureFile(join(folder, 'first/trajectory.xyz'));
  expect(frames.map(({ info }) => info['step'])).toEqual([0, 20, 40, 60]);
  // Where one ends another begins.
  const next = await mace('md', 'first/final.xyz', '--steps', '0', '--output', 'next', '--json');
  const [summary] = jsonLines(next.out);
  expect(summary).toMatchObject({ index: 0, formula: 'H2O', outcome: 'finished', steps: 0 });
  expect((await readStructureFile(join(folder, 'next/final.xyz')))[0]!.arrays['momenta']).toEqual(
    frames.at(-1)!.arrays['momenta'],
  );
});

test('atoms stay that the file or --fixed holds, isotopes have their masses, and what is written says so', async () => {
  const held = { kind: 'logical', columns: 1, values: [false, true, true] } as const;
  const masses = { kind: 'real', columns: 1, values: Float64Array.of(15.999, 2.014, 2.014) } as const;
  file('held.xyz', writeExtxyz([{ ...water, arrays: { masses, move_mask: held } }]));
  file('heavy.xyz', writeExtxyz([{ ...water, arrays: { masses } }]));
  const args = ['--ensemble', 'nve', '--steps', '20', '--trajectory-every', '10', '--gate', 'off', '--output'];
  for (const [name, ...more] of [['held.xyz'], ['heavy.xyz', '--fixed', 'O'], ['heavy.xyz'], ['water.xyz']]) {
    const output = ['of', name, ...more].join(' ');
    expect(await mace('md', name!, ...more, ...args, output)).toMatchObject({ code: 0, err: '' });
  }
  expect(read('of held.xyz/trajectory.xyz')).toBe(read('of heavy.xyz --fixed O/trajectory.xyz'));
  const [final] = await readStructureFile(join(folder, 'of held.xyz/final.xyz'));
  expect([...final!.positions.subarray(0, 3)]).toEqual([0, 0, 0]);
  expect(final!.arrays).toMatchObject({ move_mask: held, masses });
  expect(read('of heavy.xyz/log.csv').split('\n').at(-2)).not.toBe(read('of water.xyz/log.csv').split('\n').at(-2));
});

const random = seededRandom(5);
const ice = bundled('ice.xyz');
/** Every ensemble is in `killed-runs.long.ts`. */
const runs: [string, string[], number][] = [
  ['nvt', ['water.xyz', '--steps', '800', '--compress', '--temperature-end', '100', '--hold-bonds', 'hydrogen'], 2],
  ['npt', [ice, '--ensemble', 'npt', '--steps', '40', '--anisotropic', '--minimize', '0.5'], 1],
  ['several', ['many.xyz', '--steps', '600', '--batch-atoms', '9', '--observe', 'msd,vacf'], 2],
];

describe.each(runs)('%s', (name, args, kills) => {
  test('killed at random moments, it goes on to the same bytes', async () => {
    const common = '--trajectory-every 10 --limit temperature=1e5 --threads 1 --checkpoint-seconds 0.1'.split(' ');
    const every = name === 'npt' ? [...common, '--gate', 'off'] : common;
    const whole = ['md', ...args, ...every, '--output', `${name} whole`];
    const began = performance.now();
    expect((await mace(...whole)).err).toBe('');
    const length = performance.now() - began;
    const again = ['md', ...args, ...every, '--output', `${name} killed`, '--restart'];
    for (let kill = 0; kill < kills; kill++) {
      const child = start(...again);
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      await new Promise((later) => setTimeout(later, length * (0.3 + 0.6 * random())));
      child.kill('SIGKILL');
      await ended;
    }
    expect(await mace(...again)).toMatchObject({ code: 0, err: '' });
    expectSameFiles(`${name} killed`, `${name} whole`);
  });
});

test('ended by Control-C it says how to go on, and more steps can be asked for', async () => {
  const args = ['md', 'water.xyz', '--output', 'ended', '--trajectory-every', '50'];
  const child = spawn(process.execPath, [join(import.meta.dirname, '../bin/mace.js'), ...args, '--steps', '1000000'], {
    cwd: folder,
  });
  let err = '';
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  while (!existsSync(join(folder, 'ended/trajectory.xyz'))) await new Promise((later) => setTimeout(later, 20));
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(err).toMatch(
    /^ended: stopped after step \d+, because the caller asked to\. Go on with the same command and --restart\.\n$/,
  );
  const step = (JSON.parse(read('ended/restart.json')) as { step: number }).step;
  expect((await mace(...args, '--steps', String(step + 100), '--restart')).code).toBe(0);
  expect(
    (await mace('md', 'water.xyz', '--output', 'left', '--trajectory-every', '50', '--steps', String(step + 100))).code,
  ).toBe(0);
  expect(read('ended/trajectory.xyz')).toBe(read('left/trajectory.xyz'));
});

test.runIf(process.platform === 'linux')(
  'a disk that is full stops it, and it goes on when there is room',
  async () => {
    const args = 'md water.xyz --steps 1500 --trajectory-every 5 --output';
    expect((await bash(`mace ${args} roomy`)).code).toBe(0);
    const full = await bash(`trap '' XFSZ; ulimit -f 100; mace ${args} full`);
    expect(full.code).toBe(1);
    expect(full.err).toMatch(/full\/trajectory\.xyz: the file cannot be written: the file is larger than .*allows/);
    expect((await bash(`mace ${args} full --restart`)).code).toBe(0);
    expectSameFiles('full', 'roomy');
  },
);

test('a compressed trajectory is that of the others', async () => {
  await mace('md', 'water.xyz', '--steps', '40', '--trajectory-every', '10', '--output', 'plain');
  await mace('md', 'water.xyz', '--steps', '40', '--trajectory-every', '10', '--output', 'small', '--compress');
  const bytes = readFileSync(join(folder, 'small/trajectory.xyz.gz'));
  expect(gunzipSync(bytes).toString('latin1')).toBe(read('plain/trajectory.xyz'));
});

test('a structure that fails leaves the others alone; alone it is an error', async () => {
  const plutonium = makeStructure({ symbols: ['Pu'], positions: [0, 0, 0] });
  file('broken.xyz', `${writeExtxyz([water, plutonium, water])}2\n\nH 0 0 0\nH 0 0 nan\n`);
  const { code, out, err } = await mace('md', 'broken.xyz', '--steps', '20', '--output', 'broken', '--json');
  expect(code).toBe(0);
  expect(jsonLines(out).map(({ index, outcome }) => [index, outcome])).toEqual([
    [0, 'finished'],
    [1, 'stopped'],
    [2, 'finished'],
  ]);
  expect(
    read('broken/structures.csv')
      .split('\n')
      .map((row) => row.slice(0, 46)),
  ).toEqual([
    'index,folder,file,frame,formula,outcome,reason',
    '0,0001/,broken.xyz,0,H2O,finished,',
    expect.stringMatching(/^1,0002\/,broken.xyz,1,[^,]*,stopped,"struc/),
    '2,0003/,broken.xyz,2,H2O,finished,',
    expect.stringMatching(/^3,,broken.xyz,\d*,,stopped,broken.xyz/),
    '',
  ]);
  expect(err).toMatch(/^stopped structure 1, step 0: .*Pu/m);
  expect(err).toMatch(/^stopped broken\.xyz line 17: a position is not a finite number/m);
  file('pu.xyz', writeExtxyz([plutonium]));
  expect((await mace('md', 'pu.xyz', '--output', 'pu')).err).toMatch(/^error \(structure\): .*Pu/);
});

test('one that begins impossibly stops alone, whatever the gate would say', async () => {
  const waters = [0.97, 0.05, 0.97].map((length) =>
    makeStructure({ symbols: ['O', 'H', 'H'], positions: [0, 0, 0, length, 0, 0, -0.24, 0.93, 0] }),
  );
  file('late.xyz', writeExtxyz(waters));
  const { code, err } = await mace('md', 'late.xyz', '--steps', '20', '--output', 'late');
  expect([code, err]).toEqual([0, expect.stringMatching(/^stopped structure 1, step 0: /)]);
  const rows = read('late/structures.csv').trim().split('\n');
  expect(rows.map((row) => row.split(',')[5])).toEqual(['outcome', 'finished', 'stopped', 'finished']);
});

test('masks of directions hold whole atoms, and stop a structure alone where they cannot; two atoms are told of their share', async () => {
  const mask = (...values: boolean[]) => ({ move_mask: { kind: 'logical', columns: 3, values } as const });
  const [held, torn] = [
    { ...water, arrays: mask(false, false, false, true, true, true, true, true, true) },
    { ...water, arrays: mask(false, false, true, true, true, true, true, true, true) },
  ];
  file('masks.xyz', writeExtxyz([water, torn, held]));
  const { code, out, err } = await mace('md', 'masks.xyz', '--steps', '20', '--output', 'masks', '--json');
  expect([code, jsonLines(out).map(({ index }) => index)]).toEqual([0, [0, 2]]);
  expect(err).toMatch(/^stopped .*move_mask says which atoms may move, and not whether each may as a whole/m);
  const [end] = await readStructureFile(join(folder, 'masks/0003/final.xyz'));
  expect([...end!.positions.subarray(0, 3)]).toEqual([0, 0, 0]);
  file('two.xyz', writeExtxyz([makeStructure({ symbols: ['N', 'N'], positions: [0, 0, 0, 1.1, 0, 0] })]));
  const two = await mace('md', 'two.xyz', '--ensemble', 'nvt-nh', '--steps', '0', '--gate', 'off', '--output', 'two');
  expect(two.err).toMatch(
    /^note: drift and rotation of N2 are at rest, .* about 1800 K with nvt-nh, 300 K with nvt\.\n$/,
  );
});

test('options of janus md are taken in their spelling, and from a file', async () => {
  file('md.yml', 'ensemble: nvt-nh\ntemp: 250\nstats_every: 20\n');
  const { code } = await mace(
    'md',
    '--struct',
    'water.xyz',
    '--arch',
    'mace',
    '--model',
    bundledModel,
    '--config',
    'md.yml',
    '--steps',
    '20',
    '--traj-every',
    '10',
    '--output',
    'janus',
  );
  expect(code).toBe(0);
  expect(read('janus/log.csv')).toMatch(/# ensemble: nvt-nh\n[^]*# temperature: 250\n[^]*# logEvery: 20\n/);
});

const bundledModel = bundled('../hcno-xtb.safetensors');

test.each<[string[], string]>([
  [['--ensemble', 'nve', '--friction', '0.1'], '--friction: the ensemble nve has none; it is of nvt'],
  [['--bulk-modulus', '5'], '--bulk-modulus: the ensemble nvt has none'],
  [['--ensemble', 'nve', '--temperature-end', '9'], 'nve keeps no temperature'],
  [['--ramp-steps', '10'], 'Add --temperature-end K'],
  [['--observe-every', '7'], 'nothing is observed'],
  [['--ensemble', 'nvt-csv'], 'the nearest is nvt-csvr'],
  [['--temperature', '-3'], 'expected a number from 0 on, in K'],
  [['--ensemble', 'npt'], 'a barostat needs a cell'],
  [['--pressure', '1'], 'npt, npt-mtk and nph keep a pressure'],
  [['--steps', '1.5'], 'expected a whole number'],
  [['--observe', 'rfd'], 'The nearest is rdf'],
  [['--limit', 'force=3'], 'expected one of largestForce'],
  [['--tempertaure', '3'], '--temperature'],
  [['--output', 'water.xyz'], 'water.xyz'],
])('%j is refused before anything is written', async (options, text) => {
  const before = filesOf('.');
  const { code, err } = await mace('md', 'water.xyz', '--output', 'refused', ...options);
  expect(code).toBe(1);
  expect(err).toContain(text);
  expect([filesOf('.'), existsSync(join(folder, 'refused'))]).toEqual([before, false]);
});

test('another run is never written over, nor gone on with under other settings', async () => {
  await mace('md', 'water.xyz', '--steps', '20', '--output', 'own');
  const before = read('own/log.csv');
  for (const [args, text] of [
    [['--steps', '30'], 'own/restart.json: there is a run already'],
    [['--steps', '30', '--restart', '--timestep', '0.5'], 'timestep was 1 and is 0.5'],
    [['--steps', '30', '--restart', '--precision', 'f64'], 'precision was "f32" and is "f64"'],
    [['--steps', '10', '--restart'], 'has made 20 steps'],
  ] as const) {
    const { code, err } = await mace('md', 'water.xyz', '--output', 'own', ...args);
    expect([code, err]).toEqual([1, expect.stringContaining(text)]);
  }
  const other = await mace('md', 'many.xyz@1', '--output', 'own', '--steps', '30', '--restart');
  expect(other.err).toContain('other structures');
  expect(read('own/log.csv')).toBe(before);
  mkdirSync(join(folder, 'foreign'));
  writeFileSync(join(folder, 'foreign/trajectory.xyz'), 'mine');
  expect((await mace('md', 'water.xyz', '--output', 'foreign', '--restart')).err).toContain('it is there already');
});
