// The committed conformance reports speak for the present sources, found nothing wrong, and the READMEs show them.
import { describe, expect, it } from 'vitest';
import { supportTable, type Report } from '@mace/conformance';
import { committedReports, sourcesHash, withOwnSupportTable } from '../scripts/lib/conformance.mjs';
import { read } from './support/workspace.js';

const reports = committedReports() as { name: string; report: (Report & { sources: string }) | undefined }[];

describe('committed reports', () => {
  it('exist for each backend that runs without an engine of its own, in each precision', () => {
    const names = reports.map(({ name }) => name);
    for (const backend of ['reference', 'typed-arrays'])
      for (const precision of ['f64', 'f32']) expect(names).toContain(`${backend}-${precision}-default.json`);
  });

  it.each(reports)('$name found nothing wrong and is as new as what it tested', ({ report }) => {
    expect(report?.failed).toBe(0);
    expect(report?.sources, 'sources have changed since: run npm run conform:all and commit its reports').toBe(
      sourcesHash(report?.backend ?? ''),
    );
  });

  it.each(['README.md', 'packages/backend-typed-arrays/README.md'])('%s shows them', (path) => {
    const all = reports.flatMap(({ report }) => (report ? [report] : []));
    const text = read(path);
    expect(text).toContain('<!-- support table: made by npm run conform:all -->');
    expect(withOwnSupportTable(path, text, all, supportTable)).toBe(text);
  });
});
