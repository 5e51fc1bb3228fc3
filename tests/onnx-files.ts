// Exported ONNX files, run by ONNX Runtime in Node, in a page and in Python, give the calculator's numbers. The bundled
// model always; real models of MACE_FIXTURES where it is set; Python where MACE_PYTHON (default python3) has onnxruntime.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as OnnxRuntime from 'onnxruntime-node';
import { createCalculator, reference, type MaceModel, type Structure } from '@mace/core';
import { buildEdges, makeStructure } from '@mace/core/structure';
import { readModelFile } from '@mace/io/node';
import { findChromium, runInPage } from '../scripts/lib/page.mjs';
import { node, root } from './support/workspace.js';

const bundled = join(root, 'packages', 'models', 'bundled', 'hcno-xtb.safetensors');

/** eV/atom, eV/Å, eV/Å³: decision 7. */
export const limits = {
  f64: { energy: 1e-9, forces: 1e-8, stress: 1e-10 },
  f32: { energy: 2e-5, forces: 5e-4, stress: 5e-6 },
};
type Precision = keyof typeof limits;

interface Case {
  readonly feeds: Record<string, { type: 'float64' | 'int64'; values: number[]; dims: number[] }>;
  readonly wanted: { energy: number[]; forces: number[]; stress: number[] };
  readonly atoms: number;
}

export const python = process.env['MACE_PYTHON'] ?? 'python3';
export const pythonRequired = process.env['MACE_REQUIRE_PYTHON'] === '1';
export const hasPython = spawnSync(python, ['-c', 'import onnxruntime, onnx, ase']).status === 0;
const browserRequired = process.env['MACE_REQUIRE_BROWSER'] === '1';
export const pythonRemedy = `${python} has no onnx, onnxruntime and ase: pip install them, or name another Python in MACE_PYTHON.`;
const require = createRequire(join(root, 'packages', 'backend-onnx', 'package.json'));

let folder = '';

/** @param chosen - names of the real models, without `.model`; default all */
export function testOnnxFiles(chosen?: readonly string[]): void {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mace onnx '));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe.each([bundled, ...realModels(chosen)])('%s', (file) => {
    it.each(['f64', 'f32'] as const)('in %s', async (precision) => {
      const model = await readModelFile(file);
      const one = await caseOf(model);
      const target = join(folder, `${basename(file)}.${precision}.onnx`);
      const args = ['export', 'onnx', file, target, '--precision', precision];
      const run = node([join(root, 'packages', 'cli', 'bin', 'mace.js'), ...args]);
      expect(run.code, run.stderr).toBe(0);

      const ort = require('onnxruntime-node') as typeof OnnxRuntime;
      const began = performance.now();
      const session = await ort.InferenceSession.create(target, { logSeverityLevel: 3 });
      const loaded = performance.now() - began;
      const feeds = Object.fromEntries(
        Object.entries(one.feeds).map(([name, { type, values, dims }]) => [
          name,
          type === 'int64'
            ? new ort.Tensor(type, BigInt64Array.from(values, BigInt), dims)
            : new ort.Tensor(type, Float64Array.from(values), dims),
        ]),
      );
      const found = await session.run(feeds);
      await session.release();
      console.log(`${basename(target)}: ${statSync(target).size} bytes, loads in ${loaded.toFixed(0)} ms`);
      const numbers = (name: string): number[] => [...(found[name]?.data as Float64Array)];
      compare(precision, one, { energy: numbers('energy'), forces: numbers('forces'), stress: numbers('stress') });

      if (hasPython || pythonRequired) compare(precision, one, inPython(target, one));
      if (findChromium() || browserRequired) compare(precision, one, await inPage(target, one));
    });
  });
}

function realModels(chosen: readonly string[] | undefined): string[] {
  const fixtures = process.env['MACE_FIXTURES'];
  if (!fixtures) return [];
  return readdirSync(join(fixtures, 'models'))
    .filter((name) => name.endsWith('.model') && !name.includes('compiled'))
    .filter((name) => chosen?.includes(name.replace('.model', '')) ?? true)
    .map((name) => join(fixtures, 'models', name));
}

/** Two structures in one batch: a crystal and a molecule of the model's own elements, with a cell large enough to be none. */
async function caseOf(model: MaceModel): Promise<Case> {
  const [z = 1, y = z] = model.config.atomicNumbers;
  const structures: Structure[] = [
    makeStructure({
      numbers: [z, y, z],
      positions: [0, 0, 0, 1.9, 0.2, 0.1, 0.3, 2, 1.8],
      cell: [4, 0, 0, 0.5, 4.2, 0, 0, 0.3, 4.4],
    }),
    makeStructure({ numbers: [y, z, z], positions: [0, 0, 0, 1.3, 0.1, 0, -0.4, 1.4, 0.2], cell: [30, 30, 30] }),
  ];
  const calculator = await createCalculator({ model, backend: reference() });
  const results = await calculator.evaluateAll(structures);
  await calculator.dispose();
  const { atoms, edges, sender, receiver, shifts, graph } = buildEdges(structures, model.config.cutoff);
  const float = (values: Iterable<number>, ...dims: number[]) => ({
    type: 'float64' as const,
    values: [...values],
    dims,
  });
  const whole = (values: Iterable<number>, ...dims: number[]) => ({
    type: 'int64' as const,
    values: [...values],
    dims,
  });
  return {
    atoms: 3,
    feeds: {
      positions: float(
        structures.flatMap(({ positions }) => [...positions]),
        atoms,
        3,
      ),
      atomic_numbers: whole(
        structures.flatMap(({ numbers }) => [...numbers]),
        atoms,
      ),
      edge_index: whole([...sender.values, ...receiver.values], 2, edges),
      cell_shifts: whole(shifts, edges, 3),
      cell: float(
        structures.flatMap(({ cell }) => [...(cell ?? [])]),
        2,
        3,
        3,
      ),
      batch: whole(graph.values, atoms),
    },
    wanted: {
      energy: results.map(({ energy }) => energy),
      forces: results.flatMap(({ forces }) => [...(forces ?? [])]),
      stress: results.flatMap(({ stress }) => [...(stress ?? [])]),
    },
  };
}

function compare(precision: Precision, { wanted, atoms }: Case, found: Case['wanted']): void {
  const limit = limits[precision];
  for (const quantity of ['energy', 'forces', 'stress'] as const) {
    expect(found[quantity]).toHaveLength(wanted[quantity].length);
    const error = Math.max(...wanted[quantity].map((value, i) => Math.abs(value - (found[quantity][i] ?? NaN))));
    expect(error, quantity).toBeLessThanOrEqual(limit[quantity] * (quantity === 'energy' ? atoms : 1));
  }
}

function inPython(file: string, { feeds }: Case): Case['wanted'] {
  const data = join(folder, 'feeds.json');
  writeFileSync(data, JSON.stringify(feeds));
  const script = `import json, sys, numpy, onnx, onnxruntime
onnx.checker.check_model(sys.argv[1], full_check=True)
feeds = {name: numpy.array(f["values"], f["type"]).reshape(f["dims"]) for name, f in json.load(open(sys.argv[2])).items()}
session = onnxruntime.InferenceSession(sys.argv[1])
names = ["energy", "forces", "stress"]
print(json.dumps({name: value.ravel().tolist() for name, value in zip(names, session.run(names, feeds))}))`;
  const run = spawnSync(python, ['-c', script, file, data], { encoding: 'utf8' });
  expect(run.status, run.stderr).toBe(0);
  return JSON.parse(run.stdout) as Case['wanted'];
}

async function inPage(file: string, { feeds }: Case): Promise<Case['wanted']> {
  const source = `import * as ort from 'onnxruntime-web';
    ort.env.wasm.wasmPaths = '/assets/'; ort.env.wasm.numThreads = 1;
    export const main = async () => {
      const bytes = Uint8Array.from(atob(${JSON.stringify(readFileSync(file).toString('base64'))}), (c) => c.charCodeAt(0));
      const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 3 });
      const feeds = Object.fromEntries(Object.entries(${JSON.stringify(feeds)}).map(([name, { type, values, dims }]) =>
        [name, new ort.Tensor(type, type === 'int64' ? BigInt64Array.from(values, BigInt) : Float64Array.from(values), dims)]));
      const found = await session.run(feeds);
      return Object.fromEntries(['energy', 'forces', 'stress'].map((name) => [name, [...found[name].data]]));
    };`;
  return (await runInPage(source, {
    folder: join(root, 'packages', 'backend-onnx'),
    assets: [join(require.resolve('onnxruntime-web'), '..')],
  })) as Case['wanted'];
}
