// `npm run conform:all`: every backend in every precision and configuration, one committed report each. A report that
// speaks for the present sources is kept, so a run that was stopped goes on where it was. Ends with the support tables.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readReport, reportFolder, sourcesHash, withSupportTable, writeWhole } from './lib/conformance.mjs';
import { packageFolders, root } from './lib/workspace.mjs';
import { ready } from './lib/ready.mjs';

await ready('start');
const built = (/** @type {string[]} */ ...path) => pathToFileURL(join(root, 'packages', ...path)).href;
const { backendNames, findBackend } = await import(built('cli', 'dist', 'backends.js'));
const { formatReports, runConformance, supportTable } = await import(built('conformance', 'dist', 'index.js'));

const reports = [];
for (const name of backendNames) {
  const { definition, limitations } = await findBackend(name);
  for (const { label, configuration } of await configurations(definition)) {
    for (const precision of ['f64', 'f32']) {
      const file = join(reportFolder, `${name}-${precision}-${label}.json`);
      const sources = sourcesHash(name);
      const known = readReport(file);
      if (known?.sources === sources) {
        reports.push(known);
        continue;
      }
      process.stderr.write(`${name} ${precision} ${label} …\n`);
      const report = { sources, ...(await runConformance(definition, { precision, limitations, configuration })) };
      if (report.absent) {
        process.stderr.write(`  skipped: ${report.absent.reason} ${report.absent.remedy ?? ''}\n`);
        continue;
      }
      writeWhole(file, `${JSON.stringify(report, null, 2)}\n`);
      reports.push(report);
    }
  }
}
for (const path of ['README.md', ...packageFolders().map((name) => `packages/${name}/README.md`)]) {
  const file = join(root, path);
  if (!existsSync(file)) continue;
  const text = readFileSync(file, 'utf8');
  const own = /^packages\/backend-(.+)\/README\.md$/.exec(path)?.[1];
  const table = supportTable(own ? reports.filter(({ backend }) => backend === own) : reports);
  const written = withSupportTable(text, table);
  if (written !== text) writeWhole(file, written);
}
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
