/**
 * How much of a page's main thread `@mace/viewer` takes for a frame: all atoms moved, bonds measured, an arrow of force on every atom, 900 × 600
 * pixels, in headless Chromium. `move` and the callback that draws are timed; then, apart, the wait for the graphics device (without a
 * graphics processor a program on the same cores).
 *
 *     npm run bench -- viewer
 *
 * Prints a table beside the limit, and writes `local/viewer.json`.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { runInPage } from '../scripts/lib/page.mjs';
import { root } from '../scripts/lib/workspace.mjs';

const limitMs = 16;
const frames = 30;

/** @type {{ browser: string, gpu: string, rows: { atoms: number, cell: boolean, show: number, script: number, longest: number, device: number }[] }} */
const measured = await runInPage(
  `import { Viewer } from '@mace/viewer';
  const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
  const wait = globalThis.requestAnimationFrame.bind(globalThis);
  let drawing = 0;
  globalThis.requestAnimationFrame = (callback) => wait((now) => {
    const began = performance.now();
    callback(now);
    drawing += performance.now() - began;
  });
  function path(atoms) {
    const side = Math.ceil(Math.cbrt(atoms));
    const place = (i) => [i % side, Math.floor(i / side) % side, Math.floor(i / side ** 2)];
    return {
      size: 1.3 * side,
      at: (frame) => Float64Array.from({ length: 3 * atoms }, (_, k) => 1.3 * place(Math.floor(k / 3))[k % 3] + 0.1 * Math.sin(k + frame / 3)),
    };
  }
  async function measure(atoms, cell) {
    const stage = document.createElement('div');
    Object.assign(stage.style, { width: '900px', height: '600px' });
    document.body.append(stage);
    const { size, at } = path(atoms);
    const numbers = Array.from({ length: atoms }, (_, i) => [6, 1, 8, 1][i % 4]);
    const pbc = { cell: [size, 0, 0, 0, size, 0, 0, 0, size], pbc: [true, true, true] };
    const viewer = new Viewer(stage, { style: 'balls', bonds: true, cell: true, forces: true, labels: false, wrap: cell });
    const gl = stage.querySelector('canvas').getContext('webgl2');
    const settle = () => gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    const [scripts, devices] = [[], []];
    let show = 0;
    for (let frame = -2; frame < ${frames}; frame++) {
      const [x, forces] = [at(frame), at(3 * frame).map((value, i) => Math.sin(value * i))];
      drawing = 0;
      const began = performance.now();
      if (frame === -2) viewer.show({ numbers, positions: x, forces, ...(cell ? pbc : {}) });
      else viewer.move(x, forces);
      const moved = performance.now() - began;
      await new Promise(wait);
      if (frame === -2) show = moved + drawing;
      else if (frame >= 0) scripts.push(moved + drawing);
      const drawn = performance.now();
      settle();
      if (frame >= 0) devices.push(performance.now() - drawn);
    }
    const names = gl.getExtension('WEBGL_debug_renderer_info');
    const gpu = names ? gl.getParameter(names.UNMASKED_RENDERER_WEBGL) : 'unknown';
    viewer.dispose();
    stage.remove();
    return { gpu, row: { atoms, cell, show, script: median(scripts), longest: Math.max(...scripts), device: median(devices) } };
  }
  export async function main(progress) {
    const done = [];
    for (const atoms of [1000, 10000])
      for (const cell of [false, true]) {
        progress(atoms + ' atoms');
        done.push(await measure(atoms, cell));
      }
    return { browser: navigator.userAgent.replace(/^.*(Chrome[^ ]*).*$/, '$1'), gpu: done[0].gpu, rows: done.map(({ row }) => row) };
  }`,
  {
    folder: root,
    html: '<!doctype html><meta charset="utf-8"><title>viewer</title><body><script type="module" src="/main.js"></script></body>',
    onProgress: (text) => process.stderr.write(`${text}\n`),
  },
);

const result = {
  benchmark: 'viewer',
  date: new Date().toISOString().slice(0, 10),
  device: `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; ${measured.gpu}`,
  runtime: `${measured.browser}, headless`,
  loadAverage: loadavg()[0],
  frames,
  limitMs,
  rows: measured.rows,
};
writeFileSync(new URL('local/viewer.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(
  `${result.device}; ${result.runtime}; load ${result.loadAverage?.toFixed(1)}; ${frames} frames; limit ${limitMs} ms\n\n` +
    'atoms | cell | first, ms | main thread a frame, ms: median | longest | graphics device, ms\n--- | --- | --- | --- | --- | ---\n',
);
for (const { atoms, cell, show, script, longest, device } of result.rows)
  process.stdout.write(
    `${atoms} | ${cell ? 'periodic' : 'none'} | ${show.toFixed(0)} | ${script.toFixed(1)}${script > limitMs ? ' (over)' : ''} | ${longest.toFixed(1)} | ${device.toFixed(0)}\n`,
  );
