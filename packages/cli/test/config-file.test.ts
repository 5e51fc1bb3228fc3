/** Options from a YAML file: the command line wins, and no key is left without effect. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { configured } from '../src/program/config-file.js';
import { createProgram } from '../src/program/index.js';

const folder = mkdtempSync(join(tmpdir(), 'mace config '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function mdWords(text: string): Promise<string[]> {
  const file = join(folder, 'options.yml');
  writeFileSync(file, text);
  return configured(['md', '--config', file], createProgram());
}

function words(text: string, ...rest: string[]): Promise<string[]> {
  const file = join(folder, 'options.yml');
  writeFileSync(file, text);
  return configured(['relax', '--config', file, ...rest], createProgram());
}

describe('what is written there', () => {
  test.each([
    ['fmax: 0.02\nsteps: 7', ['--fmax=0.02', '--steps=7']],
    ['default_dtype: float32', ['--precision', 'f32']],
    ['arch: mace_off\nmodel: small', ['--model=off-small']],
    ['resume: true\njson: false', ['--resume']],
    ['struct:\n  - a.xyz\n  - b.xyz', ['--structures=a.xyz', '--structures=b.xyz']],
    ['structures: [a.xyz, b.xyz]', ['--structures=a.xyz', '--structures=b.xyz']],
    ['fixed: [0, 3-5]', ['--fixed=0,3-5']],
    ['optimizer: FIRE', ['--optimizer', 'fire']],
    ['opt-cell-fully: true\nfilter: FrechetCellFilter', ['--cell', '--filter', 'frechet']],
    ['optimizer: BFGSLineSearch', ['--optimizer', 'bfgs-line-search']],
    ['', []],
  ])('%j', async (text, expected) => {
    expect(await words(text)).toEqual(['relax', ...expected]);
  });
});

test.each([
  ['limit: [drift=3, closest=0.2]', ['--limit=drift=3', '--limit=closest=0.2']],
  ['limit: {drift: 3, closest: 0.2}', ['--limit=drift=3', '--limit=closest=0.2']],
  ['limit:\n  - drift: 3\n  - closest=0.2', ['--limit=drift=3', '--limit=closest=0.2']],
  ['limit: drift=3', ['--limit=drift=3']],
  ['restart: no', []],
  ['restart: yes', ['--restart']],
  ['restart: false', []],
  ['gate: no', ['--gate=off']],
  ['gate: false', ['--gate=off']],
  ['minimize: true', ['--minimize=0.1']],
  ['minimize: 0.05', ['--minimize=0.05']],
])('of dynamics: %j', async (text, expected) => {
  expect(await mdWords(text)).toEqual(['md', ...expected]);
});

test('the command line wins, in whichever spelling', async () => {
  expect(
    await words('fmax: 0.02\nprecision: f64\nsteps: 3', '--fmax', '1', '--default_dtype=float32', 'x.xyz'),
  ).toEqual(['relax', '--steps=3', ...['--fmax', '1', '--precision', 'f32', 'x.xyz']]);
});

test('files on the command line win over those of the file', async () => {
  expect(await words('struct: a.xyz\nsteps: 3', 'b.xyz')).toEqual(['relax', '--steps=3', 'b.xyz']);
  expect(await words('struct: a.xyz\nsteps: 3', '--fmax', '1')).toEqual([
    'relax',
    '--structures=a.xyz',
    '--steps=3',
    '--fmax',
    '1',
  ]);
});

test('minimize of md leaves the file behind it alone', async () => {
  expect(await configured(['md', '--minimize', 'a.xyz'], createProgram())).toEqual(['md', '--minimize=0.1', 'a.xyz']);
  expect(await configured(['md', '--minimize', '0.2', 'a.xyz'], createProgram())).toEqual([
    'md',
    '--minimize',
    '0.2',
    'a.xyz',
  ]);
});

test.each([
  ['fmx: 1', 'mace relax has no option fmx. Did you mean fmax?'],
  ['ensemble: nvt', 'mace relax has no option ensemble.'],
  ['config: other.yml', 'has no option config'],
  ['fmax: { a: 1 }', 'fmax is {"a":1}; expected a number'],
  ['- fmax', 'expected options with their values'],
  ['fmax: [', 'this is not YAML'],
  ['calc-kwargs: x', 'keywords of Python are not taken'],
])('%j is refused', async (text, message) => {
  await expect(words(text)).rejects.toThrow(message);
});

test('without a file the words are ours', async () => {
  expect(await configured(['relax', '--default_dtype=float32'], createProgram())).toEqual([
    'relax',
    '--precision',
    'f32',
  ]);
  expect(await configured(['eval', '--', '--config'], createProgram())).toEqual(['eval', '--', '--config']);
});
