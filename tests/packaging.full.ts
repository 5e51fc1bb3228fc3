// The packages as strangers get them: packed, checked by publint and are-the-types-wrong, installed in an empty folder, run
// in Node, bundled for a page, and weighed. Needs the build (`npm test` makes it first).
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { build as bundle, transformSync } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { build as buildPage } from 'vite';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { installAll, offlineError, packAll, type Tarballs } from './support/packed.js';
import { node, npmScript, packageNames, root } from './support/workspace.js';

/** Most that an entry may weigh in kB, minified and compressed, what it imports from other packages of ours included. */
const limits: readonly (readonly [entry: string, kilobytes: number])[] = [
  ['core/dist/index.js', 73],
  ['core/dist/backend/index.js', 30],
  ['backend-wasm/dist/index.js', 63],
  ['backend-typed-arrays/dist/index.js', 35],
  ['conformance/dist/index.js', 164],
  ['io/dist/index.js', 110],
  ['io/dist/node/index.js', 115],
  ['models/dist/index.js', 60],
  ['models/dist/node/index.js', 62],
  ['sim/dist/index.js', 88],
  // four fifths of it are three.js
  ['viewer/dist/index.js', 160],
  ['backend-onnx/dist/index.js', 90],
  ['backend-tfjs/dist/index.js', 40],
  ['backend-gpujs/dist/index.js', 40],
  ['backend-webgpu/dist/index.js', 40],
  // A seventh of it is the conformance kit with its golden numbers, a fifteenth the published models and patterns of files.
  ['cli/dist/main.js', 600],
];

/** Engines come from their own packages, which a user installs. */
const engines = ['onnxruntime-node', 'onnxruntime-web', '@tensorflow/*', 'gpu.js', 'webgpu'];

let folder = '';
let tarballs: Tarballs = new Map();
let app = '';
let unreachable: string | undefined;

beforeAll(() => {
  ({ folder, tarballs } = packAll());
  ({ app, unreachable } = installAll(folder, tarballs));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(packageNames)('packed @mace/%s', (name) => {
  const tarball = () => new Uint8Array(readFileSync(tarballs.get(name) ?? ''));

  it('has nothing that publint objects to', async () => {
    const { messages, pkg } = await publint({ pack: { tarball: tarball().buffer }, level: 'warning' });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('has types that resolve as its code does', async () => {
    const packed = createPackageFromTarballData(tarball());
    const result = await checkPackage(packed);
    // The packages are ES modules only, by decision: what `require` of an old resolver sees is not counted.
    const esm = (kind: unknown) => kind !== 'node10' && kind !== 'node16-cjs';
    expect(result.types).toBeTruthy();
    const problems = result.types ? result.problems : [];
    expect(problems.filter((problem) => !('resolutionKind' in problem) || esm(problem.resolutionKind))).toEqual([]);
  });

  it('could be published', (context) => {
    const run = node([npmScript('npm-cli.js'), 'publish', tarballs.get(name) ?? '', '--dry-run', '--json'], folder);
    if (offlineError.test(run.stderr)) context.skip('the registry cannot be reached');
    expect(run.code, run.stderr).toBe(0);
  });

  it('contains its README and licence and no test', async () => {
    const files = createPackageFromTarballData(tarball()).listFiles();
    const paths = files.map((path) => path.replace(`/node_modules/@mace/${name}/`, ''));
    expect(paths).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE']));
    expect(paths.filter((path) => /\.(test|full|long)\.|\/testing\/|tsbuildinfo|^test\//.test(path))).toEqual([]);
  });
});

describe('installed in an empty folder', () => {
  it('runs in Node', (context) => {
    needRegistry(context);
    writeFileSync(
      join(app, 'main.js'),
      `import * as core from '@mace/core';
       import * as io from '@mace/io';
       import * as files from '@mace/io/node';
       console.log([core, io, files].map((exports) => Object.keys(exports).length > 0).join());\n`,
    );
    expect(node(['main.js'], app)).toEqual({ code: 0, stdout: 'true,true,true\n', stderr: '' });
  });

  it('brings a command line that knows its version', (context) => {
    needRegistry(context);
    const cli = join(app, 'node_modules', '@mace', 'cli');
    const { version } = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8')) as { version: string };
    const run = node([join(cli, 'bin', 'mace.js'), '--version'], app);
    expect(run.stderr).toBe('');
    expect(run.stdout).toContain(version);
    expect(readdirSync(join(app, 'node_modules', '.bin'))).toContain('mace');
  });

  it('is small: the command line alone brings no engine of others', (context) => {
    needRegistry(context);
    const alone = join(folder, 'alone');
    mkdirSync(alone);
    expect(installAll(alone, tarballs, ['cli']).unreachable).toBeUndefined();
    const modules = join(alone, 'app', 'node_modules');
    expect(readdirSync(modules)).not.toEqual(expect.arrayContaining(['gpu.js']));
    expect(bytesIn(modules)).toBeLessThan(30e6);
    const run = node([join(modules, '@mace', 'cli', 'bin', 'mace.js'), 'eval', '--json'], alone);
    expect([run.code, run.stdout.trim().split('\n').length]).toEqual([0, 3]);
  });

  it('makes a page with Vite whose code runs and needs nothing of Node', async (context) => {
    needRegistry(context);
    writeFileSync(join(app, 'index.html'), '<script type="module" src="./page.js"></script>\n');
    writeFileSync(
      join(app, 'page.js'),
      `import * as core from '@mace/core';
       import * as io from '@mace/io';
       globalThis.maceExports = [Object.keys(core).length, Object.keys(io).length];\n`,
    );
    const warnings: string[] = [];
    await buildPage({
      root: app,
      logLevel: 'silent',
      build: { modulePreload: false, rollupOptions: { onwarn: (warning) => warnings.push(warning.message) } },
    });
    expect(warnings).toEqual([]);
    const [script = ''] = readdirSync(join(app, 'dist', 'assets')).filter((file) => file.endsWith('.js'));
    const probe = `await import('./dist/assets/${script}'); console.log(globalThis.maceExports.every((n) => n > 0));`;
    expect(node(['--input-type=module', '--eval', probe], app)).toEqual({ code: 0, stdout: 'true\n', stderr: '' });
  });
});

describe('a backend of a stranger', () => {
  // The whole kit outside of this repository is what tests/guide.full.ts ends with.
  it('passes a part of the conformance kit by one call, written and run outside of this repository', (context) => {
    needRegistry(context);
    const own = join(app, 'own-backend');
    mkdirSync(own);
    const source = join(root, 'packages', 'backend-typed-arrays', 'src');
    for (const file of readdirSync(source)) {
      const text = readFileSync(join(source, file), 'utf8')
        .replaceAll('typed-arrays', 'own')
        .replaceAll('typedArrays', 'own');
      const { code } = transformSync(text, { loader: 'ts', format: 'esm', target: 'node20' });
      writeFileSync(join(own, file.replace(/\.ts$/, '.js')), code);
    }
    writeFileSync(
      join(app, 'conform.js'),
      `import { runConformance, smallSample } from '@mace/conformance';
       import { own } from './own-backend/index.js';
       const how = { precision: 'f64', only: smallSample };
       const { backend, passed, failed, limited } = await runConformance(own(), how);
       console.log(JSON.stringify({ backend, enough: passed > 150, failed, limited }));\n`,
    );
    expect(node(['conform.js'], app)).toEqual({
      code: 0,
      stdout: `${JSON.stringify({ backend: 'own', enough: true, failed: 0, limited: 0 })}\n`,
      stderr: '',
    });
  });
});

/** Of all files below a folder. */
function bytesIn(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

describe('size', () => {
  it.each(limits)('%s weighs at most %d kB', async (entry, kilobytes) => {
    const result = await bundle({
      entryPoints: [join(root, 'packages', ...entry.split('/'))],
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      conditions: ['import'],
      external: [...builtinModules, 'node:*', ...engines],
      write: false,
    });
    const size = gzipSync(result.outputFiles[0]?.contents ?? '').length / 1000;
    console.log(`${entry}: ${size.toFixed(1)} kB of ${kilobytes} kB`);
    expect(size).toBeLessThanOrEqual(kilobytes);
  });
});

function needRegistry(context: TestContext): void {
  if (unreachable) context.skip(`the package registry cannot be reached (${unreachable})`);
}
