// In a page, on WebGL: a hundred runs that are cancelled leave nothing behind, and a lost context is a typed error. Skipped
// where there is no Chromium; CI requires it.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pageBackends } from '../scripts/lib/page-backends.mjs';
import { findChromium, runInPage } from '../scripts/lib/page.mjs';
import { root } from './support/workspace.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';

it.each(['tfjs-webgl', 'gpujs-webgl'])('%s', async (name) => {
  if (!findChromium() && !required) return;
  const { definition, package: folder } = pageBackends[name]!;
  // Every context of the page is known, so that one can be lost.
  const source = `${definition}
      import { indexMapValues } from '@mace/core/backend';
      import { GraphBuilder } from '@mace/core/ir';
      const contexts = [];
      for (const canvas of [HTMLCanvasElement, OffscreenCanvas]) {
        const { getContext } = canvas.prototype;
        canvas.prototype.getContext = function (...given) {
          const context = getContext.apply(this, given);
          if (context) contexts.push(context);
          return context;
        };
      }
      const build = new GraphBuilder();
      const receiver = { name: 'receiver', from: 'edges', to: 'atoms' };
      const product = build.matmul(build.input('x', ['edges', 4]), build.parameter('weights', [4, 3]));
      const graph = build.finish('sums', { y: build.segmentSum(build.tanh(product), receiver) });
      const parameters = { weights: Float64Array.from({ length: 12 }, (_, i) => i / 12) };
      const inputs = {
        dims: { atoms: 2, edges: 3, graphs: 1 },
        maps: { receiver: indexMapValues(Int32Array.of(1, 0, 1), 2) },
        values: { x: Float64Array.from({ length: 12 }, (_, i) => Math.sin(i)) },
      };
      const told = (error) => ({ code: error.code, reason: error.reason, message: error.message });
      export const main = async () => {
        const backend = await definition.create();
        const executable = await backend.compile(graph, { precision: 'f32', parameters });
        const [first] = (await executable.run(inputs)).y;
        const before = backend.memory();
        const codes = new Set();
        for (let i = 0; i < 100; i++) {
          let steps = 0;
          const cancellation = { get aborted() { return steps++ > 1 + (i % 3); } };
          await executable.run(inputs, { cancellation }).catch((error) => codes.add(error.code));
        }
        const after = backend.memory();
        const [again] = (await executable.run(inputs)).y;
        for (const context of contexts) context.getExtension('WEBGL_lose_context')?.loseContext();
        await new Promise((resolve) => setTimeout(resolve, 100));
        const lost = await executable.run(inputs).then(() => 'it ran', told);
        return { same: first === again, codes: [...codes], before, after, lost };
      };`;
  const found = (await runInPage(source, { folder: join(root, 'packages', `backend-${folder}`) })) as {
    before: unknown;
    after: unknown;
  };
  expect(found).toMatchObject({ same: true, codes: ['cancelled'], lost: { code: 'device', reason: 'lost' } });
  expect(found.after).toEqual(found.before);
});
