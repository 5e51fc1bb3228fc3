// Every rule of .dependency-cruiser.cjs catches its violation: a small tree with one bad file a rule is checked, and each
// file must break exactly the rules it was written to break. A clean tree of the same shape breaks none.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { node, root } from './support/workspace.js';

/** A file, what it imports, and the rules it breaks. */
interface Plant {
  readonly file: string;
  readonly imports: string;
  readonly rules: readonly string[];
}

const plant = (file: string, imports: string, ...rules: string[]): Plant => ({ file, imports, rules });

const plants: readonly Plant[] = [
  plant('core/src/model/cycle-a.ts', './cycle-b.js', 'no-cycles'),
  plant('core/src/model/npm.ts', 'fflate', 'core-has-no-dependencies', 'declared-dependencies-only'),
  plant('core/src/model/built-in.ts', 'node:fs', 'core-has-no-dependencies', 'browser-safe'),
  plant('core/src/errors.ts', './ir/index.js', 'errors-import-nothing'),
  plant('core/src/ir/up.ts', '../autodiff/index.js', 'ir-is-the-bottom'),
  plant('core/src/autodiff/up.ts', '../equivariant/index.js', 'autodiff-sees-only-the-ir'),
  plant('core/src/backend/up.ts', '../structure/index.js', 'contract-sees-only-the-ir'),
  plant('core/src/equivariant/up.ts', '../ir/builder.js', 'equivariant-makes-tables'),
  plant('core/src/structure/up.ts', '../ir/index.js', 'structure-is-geometry'),
  plant('core/src/structure/bind.ts', '../backend/index.js', 'structure-is-geometry'),
  plant('core/src/reference/up.ts', '../model/index.js', 'reference-is-a-backend'),
  plant('core/src/model/up.ts', '../backend/index.js', 'model-builds-graphs'),
  plant('core/src/planner/up.ts', '../calculator/index.js', 'planner-rewrites-graphs'),
  plant('core/src/benchmark/up.ts', '../planner/index.js', 'benchmark-times-calculators'),
  plant('core/src/worker/up.ts', '../reference/index.js', 'worker-carries-calls'),
  plant('core/src/generators/up.ts', '../calculator/index.js', 'generators-make-examples'),
  plant('core/src/calculator/example.ts', '../generators/index.js', 'core-needs-no-examples'),
  plant('backend-onnx/src/irrep.ts', '@mace/core/equivariant', 'backends-see-only-the-contract'),
  plant('backend-onnx/src/other.ts', '@mace/backend-tfjs', 'backends-do-not-meet'),
  plant('sim/src/engine.ts', '@mace/backend-tfjs', 'nothing-names-a-backend'),
  plant('io/src/energy.ts', '@mace/core/planner', 'io-is-formats'),
  plant('sim/src/graph.ts', '@mace/core/ir', 'simulations-see-systems'),
  plant('viewer/src/energy.ts', '@mace/core', 'viewer-draws-atoms'),
  plant('sim/src/command.ts', '@mace/cli', 'nothing-imports-what-people-start'),
  plant('backend-onnx/src/tf.ts', '@tensorflow/tfjs-core', 'one-engine-each-tfjs'),
  plant('backend-tfjs/src/ort.ts', 'onnxruntime-node', 'one-engine-each-onnx'),
  plant('backend-tfjs/src/gpu.ts', 'gpu.js', 'one-engine-each-gpujs'),
  plant('backend-tfjs/src/dawn.ts', 'webgpu', 'one-engine-each-webgpu'),
  plant('sim/src/files.ts', 'node:fs', 'browser-safe'),
  plant('io/src/files.ts', './node/index.js', 'browser-safe-inside'),
  plant('models/src/engine.ts', '@mace/sim', 'models-are-files-and-facts'),
  plant('cli/src/inside.ts', '../../core/src/ir/builder.js', 'front-door-only'),
  plant('cli/src/missing.ts', '@mace/core/ir/builder.js', 'everything-resolves'),
  plant('io/src/uses-test.ts', './good.test.js', 'no-test-imports'),
  plant('io/src/uses-testing.ts', './testing/helper.js', 'no-test-imports'),
  plant('io/src/uses-fixture.ts', '../test/fixture.js', 'no-test-imports'),
  plant('cli/src/shows.ts', './view/page/main.js', 'the-page-is-a-file'),
  plant('io/src/undeclared.ts', 'fflate', 'declared-dependencies-only'),
];

/** Allowed imports, to see that the rules do not forbid everything. */
const allowed: readonly Plant[] = [
  plant('core/src/model/cycle-b.ts', './cycle-a.js'), // the other half of a cycle, which is reported once
  plant('core/src/ir/down.ts', '../errors.js'),
  plant('core/src/equivariant/down.ts', '../ir/polynomial.js'),
  plant('core/src/structure/maps.ts', '../backend/index-maps.js'),
  plant('core/src/calculator/all.ts', '../reference/index.js'),
  plant('core/src/generators/down.ts', '../model/index.js'),
  plant('core/src/generators/good.test.ts', '../calculator/index.js'),
  plant('core/src/ir/with-examples.test.ts', '../generators/index.js'),
  plant('backend-onnx/src/good.ts', '@mace/core/backend'),
  plant('backend-onnx/src/engine.ts', 'onnxruntime-node'),
  plant('io/src/node/files.ts', 'node:fs'),
  plant('io/src/good.test.ts', '../../core/src/ir/builder.js', 'front-door-only'), // the one rule that binds tests too
  plant('cli/src/good.ts', '@mace/backend-onnx'),
  plant('cli/src/view/page/main.ts', 'fflate'), // bundled into the page
];

const layers = [
  'ir',
  'autodiff',
  'backend',
  'equivariant',
  'structure',
  'reference',
  'model',
  'planner',
  'calculator',
  'generators',
  'worker',
];
const coreExports = { '.': 'index', ...Object.fromEntries(layers.map((name) => [`./${name}`, `${name}/index`])) };
const packages: Record<string, Record<string, string>> = {
  core: coreExports,
  io: { '.': 'index', './node': 'node/index' },
  models: { '.': 'index' },
  cli: { '.': 'index' },
  sim: { '.': 'index' },
  viewer: { '.': 'index' },
  'backend-onnx': { '.': 'index' },
  'backend-tfjs': { '.': 'index' },
};

let tree = '';
const broken = new Map<string, string[]>();

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'mace layers '));
  for (const [name, doors] of Object.entries(packages)) addPackage(name, doors);
  write('packages/core/src/ir/builder.ts', '');
  write('packages/core/src/ir/polynomial.ts', '');
  write('packages/core/src/backend/index-maps.ts', '');
  write('packages/io/test/fixture.ts', '');
  write('packages/io/src/testing/helper.ts', '');
  for (const library of ['fflate', '@tensorflow/tfjs-core', 'onnxruntime-node', 'gpu.js', 'webgpu'])
    addLibrary(library);
  for (const { file, imports } of [...plants, ...allowed]) {
    write(`packages/${file}`, `import type {} from '${imports}';\nimport '${imports}';\n`);
  }
  cpSync(join(root, '.dependency-cruiser.cjs'), join(tree, '.dependency-cruiser.cjs'));

  const cruiser = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const run = node([cruiser, 'packages', '--output-type', 'json', '--config', '.dependency-cruiser.cjs'], tree);
  const report = JSON.parse(run.stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  for (const { from, rule } of report.summary.violations) {
    const file = from.replace('packages/', '');
    if (!broken.get(file)?.includes(rule.name)) broken.set(file, [...(broken.get(file) ?? []), rule.name]);
  }
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

describe('layer rules', () => {
  it.each(plants)('$file, importing $imports, breaks $rules', ({ file, rules }) => {
    expect(broken.get(file)?.sort()).toEqual([...rules].sort());
  });

  it.each(allowed)('$file may import $imports, or breaks only $rules', ({ file, rules }) => {
    expect(broken.get(file) ?? []).toEqual(rules);
  });

  it('each have a planted violation', () => {
    const config = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as { forbidden: { name: string }[] };
    const planted = new Set(plants.flatMap(({ rules }) => rules));
    expect(config.forbidden.map(({ name }) => name).filter((name) => !planted.has(name))).toEqual([]);
  });
});

function addPackage(name: string, doors: Record<string, string>): void {
  const exports = Object.entries(doors).map(([door, file]) => [door, { '@mace/source': `./src/${file}.ts` }]);
  const dependencies = Object.fromEntries(Object.keys(packages).map((other) => [`@mace/${other}`, '*']));
  const engines = { 'onnxruntime-node': '*', '@tensorflow/tfjs-core': '*', 'gpu.js': '*', webgpu: '*' };
  const manifest = { name: `@mace/${name}`, exports: Object.fromEntries(exports) };
  write(
    `packages/${name}/package.json`,
    JSON.stringify(name === 'core' ? manifest : { ...manifest, dependencies: { ...dependencies, ...engines } }),
  );
  for (const file of Object.values(doors)) write(`packages/${name}/src/${file}.ts`, '');
  mkdirSync(join(tree, 'node_modules', '@mace'), { recursive: true });
  symlinkSync(join(tree, 'packages', name), join(tree, 'node_modules', '@mace', name), 'junction');
}

function addLibrary(name: string): void {
  write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'main.js' }));
  write(`node_modules/${name}/main.js`, '');
}

function write(path: string, text: string): void {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
