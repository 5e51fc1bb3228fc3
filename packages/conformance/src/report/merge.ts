/** Reports of several machines as one list, and the support table that READMEs show. */
import { UnsupportedError } from '@mace/core';
import type { Report } from './report.js';
import { number } from './table.js';

/**
 * One report for each backend, precision, configuration and device: the newest. In the order of the names.
 *
 * @throws UnsupportedError for a report of another contract
 */
export function mergeReports(reports: readonly Report[]): Report[] {
  const newest = new Map<string, Report>();
  for (const report of reports) {
    if (report.contract !== 1 && report.contract !== 2)
      throw new UnsupportedError(
        'model',
        `the report of ${report.backend} follows contract ${String(report.contract)}; this kit reads contracts 1 and 2. Run that backend again with this version.`,
      );
    const key = keyOf(report);
    const known = newest.get(key);
    if (!known || known.date <= report.date) newest.set(key, report);
  }
  return [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, report]) => report);
}

/** Reports as a Markdown table: who passes what, how exactly, on which device, when. Default configurations only. */
export function supportTable(reports: readonly Report[]): string {
  const header = [
    'backend',
    'device',
    'runtime',
    'precision',
    'passed',
    'energies (eV/atom)',
    'forces (eV/Å)',
    'equivariance (eV/Å)',
    'limitations',
    'date',
    'sources',
  ];
  const rows = mergeReports(reports)
    .filter(({ configuration, absent }) => !absent && Object.keys(configuration).length === 0)
    .map(({ backend, device, runtime, precision, passed, failed, limited, errors, date, sources }) => [
      backend,
      device,
      runtime,
      precision,
      `${passed} of ${passed + failed + limited}`,
      number(errors.reference.energy),
      number(errors.reference.forces),
      number(errors.rotation.forces),
      String(limited),
      date,
      sources?.slice(0, 7) ?? '—',
    ]);
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function keyOf({ backend, precision, configuration, device, runtime }: Report): string {
  return JSON.stringify([backend, precision, configuration, device, runtime]);
}
