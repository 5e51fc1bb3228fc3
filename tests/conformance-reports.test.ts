// The committed conformance reports found nothing wrong, are not too old, and the READMEs show them with date and sources.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { supportTable, type Report } from '@mace/conformance';
import { committedReports, sourcesHash, withOwnSupportTable } from '../scripts/lib/conformance.mjs';
import { read, root } from './support/workspace.js';

const reports = committedReports() as { name: string; report: (Report & { sources: string }) | undefined }[];

const mostDays = 30;
const ownKernels = ['reference', 'typed-arrays', 'wasm'];
const expected = [
  ...ownKernels.flatMap((name) => [`${name}-f64`, `${name}-f32`]),
  ...['wasm-page-f64', 'wasm-page-f32'],
  ...['onnx-f64', 'onnx-f32', 'onnx-web-f64', 'onnx-web-f32', 'onnx-web-page-f32', 'onnx-webgpu-f32'],
  ...['tfjs-f32', 'tfjs-wasm-f32', 'tfjs-node-f32', 'tfjs-webgl-f32'],
  ...['gpujs-f32', 'gpujs-webgl-f32', 'webgpu-f32', 'webgpu-page-f32'],
];

describe('committed reports', () => {
  it('exist for each backend, in each precision', () => {
    const names = reports.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(expected.map((name) => `${name}-default.json`)));
  });

  it.each(reports)('$name found nothing wrong', ({ report }) => {
    expect(report?.failed).toBe(0);
    for (const { path } of report?.notable.filter(({ status }) => status === 'limited') ?? [])
      expect(path).not.toMatch(/^(golden|physics|gradients)\//);
  });

  it.each(reports)('$name says which sources ran, and is not older than a month', ({ name, report }) => {
    expect(report?.sources).toMatch(/^[0-9a-f]{64}$/);
    const age = (lastCommit().getTime() - Date.parse(report?.date ?? '')) / 86_400_000;
    const remedy = `run npm run conform:all -- ${name.replace(/-f\d\d-.*/, '')} and commit its report`;
    expect(age, remedy).toBeLessThan(mostDays);
  });

  it('say how many speak for the present sources', () => {
    const present = reports.filter(({ report }) => report?.sources === sourcesHash(report?.backend ?? ''));
    const older = reports.filter((one) => !present.includes(one));
    console.log(`${present.length} of ${reports.length} committed reports are of the present sources.`);
    for (const { name, report } of older)
      console.log(`  ${name}: ${report?.date}, sources ${report?.sources.slice(0, 7)}`);
  });

  const readmes = [
    'docs/support.md',
    ...['wasm', 'typed-arrays', 'onnx', 'tfjs', 'gpujs', 'webgpu'].map((name) => `packages/backend-${name}/README.md`),
  ];
  it.each(readmes)('%s shows them', (path) => {
    const all = reports.flatMap(({ report }) => (report ? [report] : []));
    const text = read(path);
    expect(text).toContain('<!-- support table: made by npm run conform:all -->');
    expect(withOwnSupportTable(path, text, all, supportTable)).toBe(text);
  });
});

/** Not today: an old clone stays right. Without git, the reports are as new as they can be. */
function lastCommit(): Date {
  const { stdout } = spawnSync('git', ['log', '-1', '--format=%cI'], { cwd: root, encoding: 'utf8' });
  return stdout ? new Date(stdout.trim()) : new Date(0);
}
