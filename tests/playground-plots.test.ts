// Plots of the playground as SVG: where points come to lie, and what cannot be drawn is left out.
import { expect, it } from 'vitest';
import { plotsAsSvg } from '../apps/playground/src/files/plot-svg.js';

const colors = { text: '#000', line: '#ccc', ground: '#fff', of: (name: string) => `color${name}` };
const drawn = (svg: string): number[][][] =>
  [...svg.matchAll(/<path d="([^"]*)" fill="none"/g)].map(([, path]) =>
    path!
      .replaceAll('Z', '')
      .slice(1)
      .split(/[LM]/)
      .map((point) => point.split(',').map(Number)),
  );

it('draws lines between axes whose ticks are at the places of their values', () => {
  const lines = [
    { label: 'potential', color: '--plot-2', values: [0, 5, 10] },
    { label: 'a < b', color: '--plot-3', values: [10, null, 0] },
  ];
  const svg = plotsAsSvg([{ title: 'energy (eV)', x: [0, 1, 2], xLabel: 'time (ps)', lines }], colors);
  const [first, second] = drawn(svg);
  expect(first).toEqual([
    [76, 256],
    [350, 145],
    [624, 34],
  ]);
  expect(second!.flat()).toContain(34);
  expect(svg).toContain('>a &lt; b</text>');
  const tick = new RegExp('<text x="68" y="([\\d.]+)"[^>]*>10</text>').exec(svg)!;
  expect(Number(tick[1])).toBe(34);
});

it('draws forces by their logarithm, and no zero', () => {
  const lines = [{ label: 'largest force', color: '--plot-1', values: [1, 0.1, 0, 0.01] }];
  const [points] = drawn(
    plotsAsSvg([{ title: 'f', x: [0, 1, 2, 3], xLabel: 'step', isLogarithmic: true, lines }], colors),
  );
  expect(points!.slice(0, 2).map(([, y]) => y)).toEqual([34, 145]);
  expect(points!.flat().every(Number.isFinite)).toBe(true);
});

it('draws what never changes, and nothing at all', () => {
  const lines = [{ label: 'same', color: '--plot-1', values: [3, 3] }];
  const svg = plotsAsSvg([{ title: 't', x: [0, 1], xLabel: 'x', lines }], colors);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(plotsAsSvg([], colors)).toContain('height="0"');
});
