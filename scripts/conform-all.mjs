// `npm run conform:all [-- BACKEND …]`: every backend (or those named) in every precision and configuration, one committed
// report each. A report that speaks for the present sources is kept, so a run that was stopped goes on where it was. Ends
// with the support tables.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  committedReports,
  readReport,
  reportFolder,
  sourcesHash,
  writeSupportTables,
  writeWhole,
} from './lib/conformance.mjs';
import { root } from './lib/workspace.mjs';
import { ready } from './lib/ready.mjs';

await ready('start');
const built = (/** @type {string[]} */ ...path) => pathToFileURL(join(root, 'packages', ...path)).href;
const { backendNames, findBackend } = await import(built('cli', 'dist', 'backends.js'));
const { formatReports, runConformance, supportTable } = await import(built('conformance', 'dist', 'index.js'));

// What was built just now is what runs, however long that takes; an edit in the meantime must not pass for tested.
const started = new Map(backendNames.map((/** @type {string} */ name) => [name, sourcesHash(name)]));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !backendNames.includes(name));
if (unknown.length > 0)
  throw new Error(`there is no backend ${unknown.join(', ')}; known: ${backendNames.join(', ')}.`);

for (const name of wanted.length > 0 ? wanted : backendNames) {
  const { definition, limitations } = await findBackend(name);
  const sources = started.get(name);
  for (const { label, configuration } of await configurations(definition)) {
    for (const precision of ['f64', 'f32']) {
      const file = join(reportFolder, `${name}-${precision}-${label}.json`);
      const known = readReport(file);
      if (known?.sources === sources) continue;
      process.stderr.write(`${name} ${precision} ${label} …\n`);
      const report = { sources, ...(await runConformance(definition, { precision, limitations, configuration })) };
      if (report.absent) {
        process.stderr.write(`  skipped: ${report.absent.reason} ${report.absent.remedy ?? ''}\n`);
        continue;
      }
      writeWhole(file, `${JSON.stringify(report, null, 2)}\n`);
    }
  }
}
writeSupportTables(supportTable);
const reports = committedReports().flatMap(({ report }) => (report ? [report] : []));
process.stdout.write(`${formatReports(reports)}\n`);
process.exitCode = reports.some(({ failed }) => failed > 0) ? 1 : 0;

/**
 * As users get it, and with what can be switched off.
 * @param {import('@mace/core').BackendDefinition} definition
 */
async function configurations(definition) {
  const usual = { label: 'default', configuration: {} };
  const availability = await definition.probe();
  if (!availability.available) return [usual];
  const backend = await definition.create();
  const fusions = backend.fusions ?? [];
  await backend.dispose();
  return [
    usual,
    { label: 'no-passes', configuration: { passes: 'none' } },
    ...(fusions.length > 0
      ? [
          { label: 'no-fusions', configuration: { fusions: 'none' } },
          { label: 'plain', configuration: { fusions: 'none', passes: 'none' } },
        ]
      : []),
  ];
}
