// The page of docs/guides/webgpu-in-a-page.md, word for word, in a headless Chromium; and what it says where there is no WebGPU.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findChromium, runInPage } from '../scripts/lib/page.mjs';
import { codeBlocks } from './support/code-blocks.js';
import { read, root } from './support/workspace.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';
const blocks = codeBlocks(read('docs/guides/webgpu-in-a-page.md'));
const fileOf = (name: string): string => blocks.find(({ comment }) => comment === `is ${name}`)!.code;

/** What the page shows in the end. @param before - a statement that runs first */
async function shown(before = ''): Promise<string> {
  const html = fileOf('index.html');
  const source = `${before} ${fileOf('main.js')}\nexport const main = async () => document.querySelector('output').textContent;`;
  return (await runInPage(source, { html, assets: [join(root, 'packages', 'models', 'bundled')] })) as string;
}

describe.skipIf(!findChromium() && !required)('the page of the guide', () => {
  it('computes on WebGPU and shows what the guide says', async () => {
    const wanted = blocks.find(({ language }) => language === 'text')!.code;
    const pattern = wanted.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    expect(await shown()).toMatch(new RegExp(`^${pattern.join('.*')}$`));
  });

  it('says why not, and computes the same on the processor, where there is no WebGPU', async () => {
    const energyOf = (text: string): number => Number(/atoms, (\S+) eV/.exec(text)?.[1]);
    const without = await shown(`Object.defineProperty(navigator, 'gpu', { value: undefined });`);
    expect(without).toMatch(/^not by webgpu: this browser has no WebGPU\. .*\ncomputed by wasm: /);
    expect(energyOf(without)).toBeCloseTo(energyOf(await shown()), 2);
  });
});
