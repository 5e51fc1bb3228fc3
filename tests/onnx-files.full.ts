// Exported ONNX files of the bundled and of a real model; `npm run test:long` takes all. And the recipe of the README.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { createCalculator, reference } from '@mace/core';
import { readModelFile, readStructureFile } from '@mace/io/node';
import { hasPython, limits, python, pythonRemedy, pythonRequired, testOnnxFiles } from './onnx-files.js';
import { codeBlocks, type CodeBlock } from './support/code-blocks.js';
import { node, read, root } from './support/workspace.js';

testOnnxFiles(['MACE_SPICE']);

/** What marks the Python that reads what JavaScript of the same page wrote. */
const behindJavaScript = 'behind the JavaScript above';
const pythonOf = (page: string): CodeBlock[] => codeBlocks(read(page)).filter(({ language }) => language === 'python');

const bundled = join(root, 'packages', 'models', 'bundled');

/** Runs the Python of a page on an exported file of the bundled model, and what is put behind it; returns what is printed. */
function runRecipe(context: TestContext, page: string, behind = '', options: readonly string[] = []): string {
  if (!hasPython && !pythonRequired) context.skip(pythonRemedy);
  const blocks = pythonOf(page).filter(({ comment = '' }) => !comment.includes(behindJavaScript));
  const folder = mkdtempSync(join(tmpdir(), 'mace onnx '));
  const target = join(folder, 'model.onnx');
  const words = ['export', 'onnx', join(bundled, 'hcno-xtb.safetensors'), target, ...options];
  expect(node([join(root, 'packages', 'cli', 'bin', 'mace.js'), ...words]).code).toBe(0);
  const recipe = [...blocks.map(({ code }) => code), behind]
    .join('\n')
    .replaceAll('"model.onnx"', JSON.stringify(target));
  const run = spawnSync(python, ['-c', recipe], { cwd: root, encoding: 'utf8' });
  rmSync(folder, { recursive: true, force: true });
  expect(run.status, run.stderr).toBe(0);
  return run.stdout;
}

async function bundledEnergy(): Promise<{ energy: number; atoms: number }> {
  const model = await readModelFile(join(bundled, 'hcno-xtb.safetensors'));
  const calculator = await createCalculator({ model, backend: reference() });
  const [structure] = await readStructureFile(join(bundled, 'structures', 'ethanol-water.xyz'));
  const { energy } = await calculator.evaluate(structure!);
  await calculator.dispose();
  return { energy, atoms: structure!.numbers.length };
}

it('the Python recipe of the README gives the energy of the calculator', async (context) => {
  const printed = runRecipe(context, 'packages/backend-onnx/README.md');
  const { energy, atoms } = await bundledEnergy();
  const found = Number(/^(-?[\d.]+) eV/.exec(printed)?.[1]);
  // A file of the usual precision, float32 inside.
  expect(Math.abs(found - energy) / atoms).toBeLessThan(limits.f32.energy);
});

it('the calculator for ASE gives that energy, forces that are its slope, and relaxes', async (context) => {
  const behind = `
start = read("packages/models/bundled/structures/ethanol-water.xyz")
start.calc = atoms.calc
numbers = [start.get_potential_energy(), atoms.get_potential_energy(), abs(atoms.get_forces()).max()]
step = 1e-4
moved = [start.copy() for _ in range(2)]
for copy, sign in zip(moved, (1, -1)):
    copy.positions[3, 1] += sign * step
    copy.calc = atoms.calc
numbers.append((moved[0].get_potential_energy() - moved[1].get_potential_energy()) / (2 * step) + start.get_forces()[3, 1])
print("numbers", *map(float, numbers))`;
  const printed = runRecipe(context, 'docs/using/from-ase.md', behind, ['--precision', 'f64']);
  const [first, last, force, slope] = /^numbers (.*)$/m.exec(printed)![1]!.split(' ').map(Number);
  const { energy } = await bundledEnergy();
  expect(first).toBeCloseTo(energy, 8);
  expect(last).toBeLessThan(first!);
  expect(force).toBeLessThan(0.05);
  expect(Math.abs(slope!)).toBeLessThan(1e-5);
});

it('the Hessian of the guide gives ASE frequencies, three of them zero', (context) => {
  if (!hasPython && !pythonRequired) context.skip(pythonRemedy);
  const page = 'docs/using/from-ase.md';
  const folder = mkdtempSync(join(root, '.setup', 'hessian '));
  try {
    symlinkSync(join(root, 'packages'), join(folder, 'packages'), 'junction');
    const javascript = codeBlocks(read(page)).find(({ code }) => code.includes('calculator.hessian'))!;
    writeFileSync(join(folder, 'hessian.mjs'), javascript.code);
    const made = node(['hessian.mjs'], folder);
    expect(made.code, made.stderr).toBe(0);
    const recipe = pythonOf(page).find(({ comment = '' }) => comment.includes(behindJavaScript))!;
    const behind =
      '\nprint("numbers", abs(hessian - hessian.T).max(), *sorted(map(abs, vibrations.get_frequencies())))';
    const run = spawnSync(python, ['-c', recipe.code + behind], { cwd: folder, encoding: 'utf8' });
    expect(run.status, run.stderr).toBe(0);
    const [asymmetry, ...frequencies] = /^numbers (.*)$/m.exec(run.stdout)![1]!.split(' ').map(Number);
    expect(asymmetry).toBeLessThan(1e-9);
    // In cm⁻¹: the molecule as a whole along x, y and z; the stiffest bond is of hydrogen.
    expect(frequencies).toHaveLength(72);
    expect(frequencies[2]).toBeLessThan(0.01);
    expect(frequencies[3]).toBeGreaterThan(1);
    expect(frequencies.at(-1)).toBeGreaterThan(2500);
    expect(frequencies.at(-1)).toBeLessThan(4500);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
