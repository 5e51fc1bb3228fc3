// In a page: what a visitor's browser does, seen in a headless Chromium. Skipped where there is none; CI installs and
// requires it. The whole kit on every engine of a page is `npm run conform:all`, whose reports CI checks; here each engine
// computes one model.
import { expect, it } from 'vitest';
import { limitations as gpujs } from '@mace/backend-gpujs';
import { limitations as onnx } from '@mace/backend-onnx';
import { sample, smallSample, type Report } from '@mace/conformance';
import { conformInPage } from '../scripts/lib/conform-in-page.mjs';
import { pageBackends } from '../scripts/lib/page-backends.mjs';
import { findChromium, runInPage } from '../scripts/lib/page.mjs';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';
const limitations = [...onnx, ...gpujs];
const remedy = 'no Chromium: install it (Debian: apt-get install chromium), or set CHROMIUM.';

it('the conformance kit runs in a page', async (context) => {
  if (!findChromium() && !required) context.skip(remedy);
  const report = (await runInPage(`import { runConformance } from '@mace/conformance';
    import { typedArrays } from '@mace/backend-typed-arrays';
    const only = ['contract', 'ops/add', 'physics/rotation/A', 'golden/A-molecule'];
    export const main = () => runConformance(typedArrays(), { precision: 'f64', only });`)) as Report;
  expect(report.runtime).toContain('Chrome');
  expect({ failed: report.failed, enough: report.passed > 60 }).toEqual({ failed: 0, enough: true });
});

it.each(['f64', 'f32'] as const)('wasm: a sample of the kit in a page, %s', async (precision) => {
  if (!findChromium() && !required) return;
  const report = await conformInPage('wasm-page', { precision, only: precision === 'f64' ? sample : smallSample });
  const failed = report.notable.filter(({ status }) => status === 'failed');
  expect(failed.map(({ path, problems }) => `${path}: ${problems[0]?.message}`)).toEqual([]);
  expect(report.passed).toBeGreaterThan(150);
});

it('wasm computes on one thread where a page forbids workers from text', async () => {
  if (!findChromium() && !required) return;
  const found = (await runInPage(
    `import { runConformance } from '@mace/conformance';
    import { wasm } from '@mace/backend-wasm';
    const definition = wasm({ threads: 2 });
    export const main = async () => {
      const { device } = await definition.probe();
      const { passed, failed } = await runConformance(definition, { precision: 'f64', only: ['golden/A-molecule'] });
      return { isolated: crossOriginIsolated, device, enough: passed > 0, failed };
    };`,
    { headers: { 'content-security-policy': "worker-src 'none'" } },
  )) as { readonly device: string };
  expect(found.device).toMatch(/, 1 thread$/);
  expect(found).toMatchObject({ isolated: true, enough: true, failed: 0 });
});

it.each(Object.keys(pageBackends))('%s computes in a page', async (name) => {
  if (!findChromium() && !required) return;
  const only = ['ops/add/add/1-to-35-rows', 'golden/A-molecule'];
  const report = await conformInPage(name, { precision: 'f32', only, limitations: limitations as never });
  expect(report.absent).toBeUndefined();
  const failed = report.notable.filter(({ status }) => status === 'failed');
  expect(failed.map(({ path, problems }) => `${path}: ${problems[0]?.message}`)).toEqual([]);
  expect(report.passed).toBe(2);
});
