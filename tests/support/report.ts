// Reports of the suites that take long, which `long-reports.test.ts` reads.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

/** Writes `tests/reports/NAME.json`: what was found, with the day, the machine and the sources that it speaks for. */
export function writeReport(name: string, sources: string, found: object): void {
  const folder = join(import.meta.dirname, '..', 'reports');
  const report = {
    date: new Date().toISOString().slice(0, 10),
    device: cpus()[0]?.model,
    node: process.versions.node,
    sources,
    ...found,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
}
