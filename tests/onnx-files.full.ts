// Exported ONNX files of the bundled and of a real model; `npm run test:long` takes all. And the recipe of the README.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createCalculator, reference } from '@mace/core';
import { readModelFile, readStructureFile } from '@mace/io/node';
import { hasPython, limits, python, pythonRemedy, pythonRequired, testOnnxFiles } from './onnx-files.js';
import { codeBlocks } from './support/code-blocks.js';
import { node, read, root } from './support/workspace.js';

testOnnxFiles(['MACE_SPICE']);

it('the Python recipe of the README gives the energy of the calculator', async (context) => {
  if (!hasPython && !pythonRequired) context.skip(pythonRemedy);
  const [recipe = ''] = codeBlocks(read('packages/backend-onnx/README.md')).flatMap(({ language, code }) =>
    language === 'python' ? [code] : [],
  );
  const bundled = join(root, 'packages', 'cli', 'bundled');
  const file = join(bundled, 'hcno-xtb.safetensors');
  const folder = mkdtempSync(join(tmpdir(), 'mace onnx '));
  const target = join(folder, 'model.onnx');
  const args = ['export', 'onnx', file, target];
  expect(node([join(root, 'packages', 'cli', 'bin', 'mace.js'), ...args]).code).toBe(0);
  const script = recipe.replace('"model.onnx"', JSON.stringify(target));
  const run = spawnSync(python, ['-c', script], { cwd: root, encoding: 'utf8' });
  rmSync(folder, { recursive: true, force: true });
  expect(run.status, run.stderr).toBe(0);

  const calculator = await createCalculator({ model: await readModelFile(file), backend: reference() });
  const [structure] = await readStructureFile(join(bundled, 'structures', 'ethanol-water.xyz'));
  const { energy } = await calculator.evaluate(structure!);
  await calculator.dispose();
  const found = Number(/^(-?[\d.]+) eV/.exec(run.stdout)?.[1]);
  // A file of the usual precision, float32 inside.
  expect(Math.abs(found - energy) / structure!.numbers.length).toBeLessThan(limits.f32.energy);
});
