// `npm run conform:all [-- BACKEND …]`: every backend (or those named) in every precision and configuration, one committed
// report each; then those that need a page, in a headless Chromium. A report that speaks for the present sources is kept, so a run that was stopped goes on where it was. Ends
// with the support tables.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  committedReports,
  readReport,
  reportFolder,
  sourcesHash,
  writeSupportTables,
  writeWhole,
} from './lib/conformance.mjs';
import { findChromium } from './lib/page.mjs';
import { packageFolders, root } from './lib/workspace.mjs';
import { ready } from './lib/ready.mjs';

await ready('all');
// Looks for engines, which are there only now.
const { pageBackends } = await import('./lib/page-backends.mjs');
const { conformInPage } = await import('./lib/conform-in-page.mjs');
const built = (/** @type {string[]} */ ...path) => pathToFileURL(join(root, 'packages', ...path)).href;
const { backendNames, findBackend } = await import(built('cli', 'dist', 'backends', 'index.js'));
const { formatReports, runConformance, supportTable } = await import(built('conformance', 'dist', 'index.js'));

// What was built just now is what runs, however long that takes; an edit in the meantime must not pass for tested.
const packages = ['reference', ...packageFolders().flatMap((name) => name.match(/^backend-(.+)/)?.slice(1) ?? [])];
const started = new Map(packages.map((name) => [name, sourcesHash(name)]));
const pageNames = Object.keys(pageBackends);
const wanted = process.argv.slice(2);
/** Dawn ends the process with a crash where nobody holds on to it. @type {GPU | undefined} */
let gpu;
const unknown = wanted.filter((name) => ![...backendNames, ...pageNames].includes(name));
if (unknown.length > 0)
  throw new Error(`there is no backend ${unknown.join(', ')}; known: ${[...backendNames, ...pageNames].join(', ')}.`);
const isWanted = (/** @type {string} */ name) => wanted.length === 0 || wanted.includes(name);

for (const name of backendNames.filter(isWanted)) {
  const { definition, limitations } = await findBackend(name);
  for (const { label, configuration, other, only } of await configurations(name, definition)) {
    for (const precision of ['f64', 'f32']) {
      const file = join(reportFolder, `${name}-${precision}-${label}.json`);
      await keepReport(file, definition.name, () =>
        runConformance(other ?? definition, {
          precision,
          limitations,
          configuration,
          ...(only && { only }),
          ...shown(),
        }),
      );
    }
  }
  // The engine that writes machine code from WebAssembly differs from Node to Node.
  if (name === 'wasm')
    for (const precision of ['f64', 'f32'])
      await keepReport(join(reportFolder, `${name}-${precision}-node-24.json`), name, () => inOtherNode(24, precision));
}
for (const name of pageNames.filter(isWanted)) {
  if (!findChromium()) {
    process.stderr.write(
      `${name} skipped: no Chromium. Install it (Debian: apt-get install chromium), or set CHROMIUM.\n`,
    );
    continue;
  }
  const { package: folder = '', limitations: known = 'limitations' } = pageBackends[name] ?? {};
  const { [known]: limitations = [] } = await import(built(`backend-${folder}`, 'dist', 'index.js'));
  for (const precision of /** @type {const} */ (['f64', 'f32'])) {
    if (precision === 'f64' && !pageBackends[name]?.float64) continue;
    const file = join(reportFolder, `${name}-${precision}-default.json`);
    await keepReport(file, folder, () => conformInPage(name, { precision, limitations, ...shown() }));
  }
}
writeSupportTables(supportTable);
const reports = committedReports().flatMap(({ report }) => (report ? [report] : []));
process.stdout.write(`${formatReports(reports)}\n`);
process.exitCode = reports.some(({ failed }) => failed > 0) ? 1 : 0;

/**
 * As users get it, and with what can be switched off.
 * @param {string} name
 * @param {import('@mace/core').BackendDefinition} definition
 * @returns {Promise<{ label: string, configuration: object, other?: import('@mace/core').BackendDefinition, only?: string[] }[]>}
 *   `other`: the backend with other settings; `only`: a part of the kit
 */
async function configurations(name, definition) {
  const usual = { label: 'default', configuration: {} };
  const availability = await definition.probe();
  if (!availability.available) return [usual];
  const backend = await definition.create();
  const fusions = backend.fusions ?? [];
  await backend.dispose();
  return [
    usual,
    // The graph passes are core's: backends without an engine try them off.
    ...(['reference', 'typed-arrays', 'wasm'].includes(name)
      ? [{ label: 'no-passes', configuration: { passes: 'none' } }]
      : []),
    // The same lowerings on another runtime have the same fusions.
    ...(fusions.length > 0 && name === definition.name
      ? [{ label: 'no-fusions', configuration: { fusions: 'none' } }]
      : []),
    ...(name === 'wasm' ? await settings() : []),
    ...(name === 'webgpu' ? await smallSubmits() : []),
  ];
}

/** Without relaxed SIMD, on one thread, and with so few atoms in a chunk that the small structures of the kit are several. */
async function settings() {
  const { wasm } = await import(built('backend-wasm', 'dist', 'index.js'));
  return [
    { label: 'one-thread', configuration: {}, other: wasm({ threads: 1 }) },
    { label: 'without-relaxed-simd', configuration: {}, other: wasm({ relaxedSimd: false }) },
    { label: 'small-chunks', configuration: {}, other: wasm({ threads: 2, atomsPerChunk: 3 }) },
  ];
}

/** With so little work at a time that nearly every kernel is cut. */
async function smallSubmits() {
  const { create } = await import('webgpu');
  const { webgpu } = await import(built('backend-webgpu', 'dist', 'index.js'));
  const definition = webgpu({ gpu: (gpu ??= create([])), workPerSubmit: 2000 });
  // A part of the kit, which is not to stand for the whole in the support table.
  const named = (/** @type {{ device: string }} */ one) => ({ ...one, device: `${one.device}, in small submits` });
  const other = {
    ...definition,
    probe: async () => {
      const found = await definition.probe();
      return found.available ? named(found) : found;
    },
    create: async () => named(await definition.create()),
  };
  return [{ label: 'small-chunks', configuration: {}, other, only: ['contract', 'golden'] }];
}

/**
 * The default configuration in another version of Node, which npm brings.
 * @param {number} version
 * @param {string} precision
 * @returns {Promise<import('@mace/conformance').Report>}
 */
async function inOtherNode(version, precision) {
  const folder = mkdtempSync(join(tmpdir(), 'mace-conform-'));
  try {
    const output = join(folder, 'report.json');
    const command = join(root, 'packages', 'cli', 'dist', 'main.js');
    const options = ['conform', '--backend', 'wasm', '--precision', precision, '--timeout', '600', '--output', output];
    spawnSync('npx', ['-y', `node@${version}`, command, ...options], { stdio: ['ignore', 'ignore', 'inherit'] });
    const [report] = JSON.parse(readFileSync(output, 'utf8'));
    return report;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs and writes unless the file speaks for the present sources.
 * @param {string} file
 * @param {string} backend
 * @param {() => Promise<import('@mace/conformance').Report>} run
 */
async function keepReport(file, backend, run) {
  const sources = started.get(backend);
  const known = readReport(file);
  if (known?.sources === sources && known?.failed === 0) return;
  const label = basename(file, '.json');
  process.stderr.write(`${label} …\n`);
  const report = { sources, ...(await run()) };
  if (report.absent) process.stderr.write(`  skipped: ${report.absent.reason} ${report.absent.remedy ?? ''}\n`);
  else writeWhole(file, `${JSON.stringify(report, null, 2)}\n`);
}

/** Failures as they come. */
function shown() {
  return {
    timeoutSeconds: 600,
    onCase: (/** @type {import('@mace/conformance').CaseResult} */ result) => {
      if (result.status === 'failed') process.stderr.write(`  ${result.path}: ${result.problems[0]?.message}\n`);
    },
  };
}
