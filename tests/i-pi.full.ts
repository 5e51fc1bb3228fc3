// `mace ipi` beside the programs that it is for: ASE, i-PI and LAMMPS, by the recipes of docs/using/i-pi.md. Their numbers are those of
// the calculator. Python (MACE_PYTHON, default python3) has to have ASE and i-PI; LAMMPS is `lmp`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest';
import { createCalculator, type Calculator, type Result } from '@mace/core';
import { wasm } from '@mace/backend-wasm';
import { readStructureFile } from '@mace/io/node';
import { readModel } from '@mace/models/node';
import { codeBlocks } from './support/code-blocks.js';
import { read, root } from './support/workspace.js';

const python = process.env['MACE_PYTHON'] ?? 'python3';
const required = process.env['MACE_REQUIRE_PYTHON'] === '1';
const runs = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
const hasAse = runs(python, '-c', 'import ase');
const hasIpi = hasAse && runs(python, '-c', 'import ipi');
const hasLammps = hasIpi && runs('lmp', '-help');

const bin = join(root, 'packages', 'cli', 'bin', 'mace.js');
const blocks = codeBlocks(read('docs/using/i-pi.md'));
const ice = 'packages/models/bundled/structures/ice.xyz';
let folder = '';
let calculator: Calculator;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mace ipi '));
  symlinkSync(join(root, 'packages'), join(folder, 'packages'), 'junction');
  calculator = await createCalculator({ model: await readModel('bundled'), backend: wasm() });
});
afterAll(async () => {
  await calculator.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function need(context: TestContext, isThere: boolean, what: string): void {
  if (!isThere && !required) context.skip(`${what}: install it, or name another Python in MACE_PYTHON`);
}

/** A block of the page, our command in it started from here, and each socket with a name of this run. */
function recipe(name: string): string {
  const { code } = blocks.find(({ comment }) => comment?.startsWith(`is ${name},`))!;
  return code
    .replaceAll('npm run mace --', `'${process.execPath}' '${bin}'`)
    .replaceAll(
      /(?<=--unix |unixsocket="|<address>|ipi_|fix 1 all ipi )[a-z-]+/g,
      (socket) => `${socket}-${process.pid}`,
    );
}

function write(...names: string[]): void {
  for (const name of names) writeFileSync(join(folder, name), recipe(name));
}

/** Runs it where programs of Python's folder are found by name, as in an activated environment. */
function run(program: string, ...args: string[]): string {
  const PATH = `${dirname(python)}:${process.env['PATH']}`;
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    env: { ...process.env, PATH },
    encoding: 'utf8',
    timeout: 300_000,
  });
  expect(status, stdout + stderr).toBe(0);
  return stdout;
}

/** What Python adds to a script: numbers of frames, in full. */
const asJson = `
import json
def told(a):
    a = a.copy() if a.calc is None else a
    return {"energy": a.get_potential_energy(), "forces": a.get_forces().ravel().tolist(),
            "stress": a.get_stress(voigt=False).ravel().tolist() if a.pbc.all() else None}
def keep(name, frames):
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.io import write
    write(name + ".extxyz", [f.copy() for f in frames[0]], format="extxyz")
    json.dump({"positions": [f.positions.ravel().tolist() for f in frames[0]],
               "cells": [f.cell.array.ravel().tolist() for f in frames[0]], "told": frames[1]}, open(name + ".json", "w"))
`;

interface Kept {
  readonly positions: number[][];
  readonly cells: number[][];
  readonly told: { energy: number; forces: number[]; stress: number[] | null }[];
}

/** Frames that Python kept, evaluated here: each number within the round trip through atomic units. */
async function compareKept(name: string, energy = 1e-9, forces = 1e-8): Promise<Result[]> {
  const { positions, cells, told } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Kept;
  const frames = await readStructureFile(join(folder, `${name}.extxyz`));
  const exact = frames.map((frame, i) => ({
    ...frame,
    positions: Float64Array.from(positions[i]!),
    cell: frame.cell && Float64Array.from(cells[i]!),
  }));
  const results = await calculator.evaluateAll(exact);
  results.forEach((result, i) => {
    expect(Math.abs(result.energy - told[i]!.energy)).toBeLessThan(energy);
    expect(farthest(result.forces!, told[i]!.forces)).toBeLessThan(forces);
    if (told[i]!.stress) expect(farthest(result.stress!, told[i]!.stress)).toBeLessThan(1e-10);
  });
  return results;
}

function farthest(one: ArrayLike<number>, other: ArrayLike<number>): number {
  expect(one.length).toBe(other.length);
  return Math.max(...Array.from(one, (value, i) => Math.abs(value - other[i]!)));
}

it('ASE relaxes by the three lines of the page', async (context) => {
  need(context, hasAse, `${python} has no ASE`);
  writeFileSync(
    join(folder, 'relax.py'),
    `${recipe('relax.py')}${asJson}\nkeep("relaxed", [[atoms], [told(atoms)]])\n`,
  );
  const printed = run(python, 'relax.py');
  const [result] = await compareKept('relaxed', 1e-8);
  expect(printed).toMatch(/^BFGS: .* 0\.0[0-4]\d*$/m);
  expect(printed).toMatch(/the server has closed the connection: \d+ structures/);
  expect(Math.max(...result!.forces!)).toBeLessThan(0.05);
});

it('ASE: dynamics of a triclinic cell, its stress and the slopes of its energy', async (context) => {
  need(context, hasAse, `${python} has no ASE`);
  const script = `
import subprocess
from ase import units
from ase.io import read, write
from ase.calculators.socketio import SocketIOCalculator
from ase.calculators.fd import calculate_numerical_stress
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution
from ase.md.verlet import VelocityVerlet
import numpy
${asJson}
atoms = read("${ice}")
skewed = atoms.cell.array @ numpy.array([[1, 0.02, 0.01], [0.11, 0.99, 0.03], [-0.04, 0.07, 1.01]])
atoms.set_cell(skewed, scale_atoms=True)
atoms.rattle(0.02, seed=3)
write("triclinic.extxyz", atoms)
client = subprocess.Popen(${JSON.stringify([process.execPath, bin, 'ipi', 'triclinic.extxyz', '-u', '-a', `tilt-${process.pid}`])})
frames, found = [], []
with SocketIOCalculator(unixsocket="tilt-${process.pid}") as atoms.calc:
    slopes = calculate_numerical_stress(atoms, 1e-4, voigt=False)
    difference = abs(slopes - atoms.get_stress(voigt=False)).max()
    MaxwellBoltzmannDistribution(atoms, temperature_K=300, rng=numpy.random.default_rng(1))
    dynamics = VelocityVerlet(atoms, 0.5 * units.fs)
    before = atoms.get_total_energy()
    for _ in range(5):
        dynamics.run(4)
        frames.append(atoms.copy())
        found.append(told(atoms))
    drift = atoms.get_total_energy() - before
keep("moved", [frames, found])
print("numbers", difference, drift, client.wait())
`;
  writeFileSync(join(folder, 'triclinic.py'), script);
  const [difference, drift, code] = /^numbers (.*)$/m.exec(run(python, 'triclinic.py'))![1]!.split(' ').map(Number);
  const results = await compareKept('moved');
  // Of a cell whose rows and columns differ: one that is not transposed gives another energy.
  expect(results).toHaveLength(5);
  expect(Math.max(...results[0]!.stress!.map(Math.abs))).toBeGreaterThan(0.01);
  expect(difference).toBeLessThan(1e-6);
  expect(Math.abs(drift!)).toBeLessThan(0.01);
  expect(code).toBe(0);
});

/** Rows of an output of i-PI. */
const rows = (name: string): number[][] =>
  readFileSync(join(folder, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.trim().split(/\s+/).map(Number));

/** Of energies, as i-PI rounds its electronvolt. */
const ofIpi = 2e-7;

it('i-PI: four beads at once', async (context) => {
  need(context, hasIpi, `${python} has no i-PI`);
  write('input.xml', 'ipi.sh');
  const printed = run('bash', 'ipi.sh');
  expect(printed).toMatch(/the server has ended the run: (20|24) structures/);
  const [result] = await calculator.evaluateAll(await readStructureFile(join(root, ice)));
  const [first, ...others] = rows('ice.out');
  // All beads begin at the same place.
  expect(Math.abs(first![2]! / result!.energy - 1)).toBeLessThan(ofIpi);
  // xx, yy, zz, xy, xz, yz of −stress in Hartree/Bohr³, of four beads together.
  const unit = 0.5291772105638411 ** 3 / 27.211386024367243;
  const virial = [0, 4, 8, 1, 2, 5].map((at) => -4 * unit * result!.stress![at]!);
  expect(farthest(first!.slice(3), virial)).toBeLessThan(1e-6 * Math.max(...virial.map(Math.abs)));
  expect(others).toHaveLength(4);
  for (const row of others) expect(Math.abs(row[1]! - first![1]!)).toBeLessThan(0.02);
  for (const row of others) expect(Math.abs(row[2]! - first![2]!)).toBeGreaterThan(1e-4);
});

it('i-PI adds the forces of LAMMPS to ours', async (context) => {
  need(context, hasLammps, 'there are no i-PI and LAMMPS (lmp)');
  write('two.xml', 'in.oxygen', 'two.sh');
  expect(run('bash', 'two.sh')).toMatch(/the server has ended the run: 5 structures/);
  const [result] = await calculator.evaluateAll(await readStructureFile(join(root, ice)));
  writeFileSync(
    join(folder, 'in.alone'),
    recipe('in.oxygen').replace(/^fix.*\nrun.*/m, 'thermo_style custom pe\nthermo_modify format float %.10f\nrun 0'),
  );
  const alone = Number(/PotEng\s+(-?[\d.]+)/.exec(run('lmp', '-in', 'in.alone', '-log', 'none'))?.[1]);
  const [first, ...others] = rows('two.out');
  expect(Math.abs(first![3]! / result!.energy - 1)).toBeLessThan(ofIpi);
  expect(Math.abs(first![4]! - alone)).toBeLessThan(1e-5);
  expect(Math.abs(first![2]! - first![3]! - first![4]!)).toBeLessThan(1e-4);
  expect(Math.abs(alone)).toBeGreaterThan(0.1);
  expect(others).toHaveLength(4);
  for (const row of others) expect(Math.abs(row[1]! - first![1]!)).toBeLessThan(0.02);
});

it('the three lines of the README are those of the page', () => {
  const [inReadme] = codeBlocks(read('README.md')).filter(({ language }) => language === 'python');
  const lines = inReadme!.code.split('\n');
  expect(lines).toHaveLength(5);
  const whole = blocks.find(({ comment }) => comment?.startsWith('is relax.py,'))!.code.split('\n');
  expect(whole).toEqual(expect.arrayContaining(lines));
});

it('leaves no socket behind', () => {
  for (const name of ['water', 'ice', 'ice-mace', 'ice-lammps'])
    expect(existsSync(`/tmp/ipi_${name}-${process.pid}`)).toBe(false);
});
