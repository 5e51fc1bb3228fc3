/** Plots as SVG: that a point stands where its axes say, gaps, long series, text of others, what is constant or empty. */
import { describe, expect, test } from 'vitest';
import { parseObservers } from '@mace/sim';
import { linePlot, stackedPlots } from '../src/plots/line-plot.js';
import { equationOfStatePlot, logPlot, observerPlots } from '../src/plots/result-plots.js';
import { thinned } from '../src/plots/thinned.js';

/** Numbers of the axes and their places: x [text-anchor middle], y [text-anchor end]. */
function axes(svg: string): { x: Map<number, number>; y: Map<number, number> } {
  const read = (anchor: string, place: 1 | 2): Map<number, number> =>
    new Map(
      [
        ...svg.matchAll(
          new RegExp(`<text x="([\\d.]+)" y="([\\d.]+)" text-anchor="${anchor}" fill="#444">([^<]*)<`, 'g'),
        ),
      ].map((found) => [Number(found[3]!.replace('−', '-')), Number(found[place]!) - (place === 2 ? 4 : 0)]),
    );
  return { x: read('middle', 1), y: read('end', 2) };
}

/** The place of a value between two numbers of an axis. */
function placeOf(axis: Map<number, number>, value: number): number {
  const all = [...axis];
  const [[a, from], [b, to]] = [all[0]!, all.at(-1)!];
  return from + ((value - a) / (b - a)) * (to - from);
}

describe('linePlot', () => {
  const points = { label: 'points', values: [-3, 1, 8.5], style: 'points' } as const;
  test('points stand where the numbers of the axes say, whatever their size', () => {
    for (const scale of [1, 1e-4, 2e7, 0.02]) {
      const x = [1.5, 2, 7].map((value) => value * scale);
      const svg = linePlot({ title: 'T', x: { label: 'x [m]', values: x }, y: { label: 'y' }, series: [points] });
      const powers = (text: string): string =>
        text.replaceAll(
          /([\d.]+)×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g,
          (_, digits: string, power: string) =>
            `${digits}e${Array.from(power, (letter) => ('⁰¹²³⁴⁵⁶⁷⁸⁹'.includes(letter) ? '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(letter) : '-')).join('')}`,
        );
      const { x: horizontal, y: vertical } = axes(powers(svg));
      expect(horizontal.size).toBeGreaterThan(3);
      const circles = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="4"/g)].map(([, cx, cy]) => [
        Number(cx),
        Number(cy),
      ]);
      expect(circles.length).toBe(3);
      circles.forEach(([cx, cy], i) => {
        expect(Math.abs(cx! - placeOf(horizontal, x[i]!))).toBeLessThan(0.3);
        expect(Math.abs(cy! - placeOf(vertical, points.values[i]!))).toBeLessThan(0.3);
      });
    }
  });

  test('a number that is missing is a gap; a series may have places of its own', () => {
    const svg = linePlot({
      title: 'T',
      x: { label: 'x', values: [0, 1, 2, 3, 4] },
      y: { label: 'y' },
      series: [
        { label: 'a', values: [1, 2, NaN, 4, 5] },
        { label: 'b', values: [2, 3], x: [0, 4], style: 'dashed' },
      ],
    });
    const [a, b] = [...svg.matchAll(/<path d="([^"]*)" fill="none" stroke="#[^"]*" stroke-width/g)].map(([, d]) => d!);
    expect(a!.split('M').length - 1).toBe(2);
    expect(b!.split('M').length - 1).toBe(1);
    expect(b!.match(/M([\d.]+)/)![1]).toBe(a!.match(/M([\d.]+)/)![1]);
    expect(svg).toContain('>a</text>');
  });

  test('text of others is text', () => {
    const name = '<script>"&\u0001</script>';
    const svg = linePlot({
      title: name,
      x: { label: name, values: [1] },
      y: { label: name },
      series: [
        { label: name, values: [1] },
        { label: name, values: [2] },
      ],
    });
    expect(svg).not.toMatch(/<script|\u0001|"&"/);
    expect(svg.match(/&lt;script&gt;&quot;&amp;\?&lt;\/script&gt;/g)!.length).toBe(6);
  });

  test.each([
    ['nothing', [], []],
    ['one', [3], [4]],
    ['a constant', [1, 2], [-12345.5, -12345.5]],
    ['no numbers', [1, 2], [NaN, Infinity]],
    ['the same place', [5, 5], [1, 2]],
  ])('%s is drawn without a number that is none', (_, x, values) => {
    const svg = stackedPlots({
      title: 'T',
      x: { label: 'x', values: x },
      panels: [{ label: 'y', series: [{ label: 'y', values }] }],
    });
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(axes(svg).y.size).toBeGreaterThan(1);
  });

  test('of a long series its extremes stay, and the picture stays small', () => {
    const count = 200_000;
    const [x, y] = [
      Float64Array.from({ length: count }, (_, i) => i),
      Float64Array.from({ length: count }, (_, i) => Math.sin(i / 9000)),
    ];
    [y[77_777], y[150_001], y[5]] = [40, -30, NaN];
    const kept = thinned(x, y, 700);
    expect(kept).toEqual(expect.arrayContaining([0, 77_777, 150_001, count - 1]));
    expect(kept.length).toBeLessThan(2900);
    expect(kept.every((i, at) => at === 0 || i > kept[at - 1]!)).toBe(true);
    expect(thinned([1, 2, 3], [4, 5, 6], 700)).toEqual([0, 1, 2]);
    expect(
      linePlot({ title: 'T', x: { label: 'x', values: x }, y: { label: 'y' }, series: [{ label: 'y', values: y }] })
        .length,
    ).toBeLessThan(60_000);
  });
});

describe('plots of results', () => {
  test('a log has a panel for each unit, and times of few digits', () => {
    const time = [0, 5_000, 10_000];
    const column = (
      name: string,
      unit: string,
      values: number[],
    ): { name: string; unit: string; values: number[] } => ({ name, unit, values });
    const svg = logPlot('Run', time, [
      column('potential energy', 'eV', [1, 2, 3]),
      column('total energy', 'eV', [2, 3, 4]),
      column('temperature', 'K', [300, 310, 290]),
      column('pressure', 'GPa', [NaN, NaN, NaN]),
    ]);
    const labels = [...svg.matchAll(/rotate\(-90\)" text-anchor="middle">([^<]*)</g)].map(([, label]) => label);
    expect(labels).toEqual(['Energy [eV]', 'Temperature [K]']);
    expect(svg).toContain('Time [ps]');
    expect([...axes(svg).x.keys()].at(-1)).toBe(10);
  });

  test('observers have pictures with their units; what is a list of bonds has none', () => {
    const observers = parseObservers('rdf:O-H,msd,vacf,bond:0-1,density').map(({ create }) => create());
    // A walk, as msd has a picture of its line only where atoms diffuse.
    const positions = [0, 0, 0, 0.9, 0, 0, 3, 3, 0];
    let seed = 1;
    for (let step = 0; step < 600; step++) {
      positions.forEach((x, i) => (positions[i] = x + (seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5));
      for (const observer of observers)
        observer.add({
          step,
          time: step,
          positions: positions.slice(),
          momenta: [0, 0, 0, Math.cos(step), 0, 0, 0.1, 0, 0],
          cell: Float64Array.of(8, 0, 0, 0, 8, 0, 0, 0, 8),
          pbc: [true, true, true],
          numbers: [8, 1, 8],
          masses: [16, 1, 16],
        });
    }
    const pictures = observers.flatMap((observer) => observerPlots(observer.result()));
    expect(pictures.map(({ name }) => name)).toEqual(['rdf-O-H', 'msd', 'vacf', 'spectrum']);
    const [rdf, msd, vacf, spectrum] = pictures.map(({ svg }) => svg) as [string, string, string, string];
    expect(rdf).toContain('>r [Å]<');
    expect(rdf).toContain('>g(r)<');
    expect(msd).toMatch(/diffusion coefficient \(?-?\d+\.\d+ ± \d+\.\d+\)?( × 10⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)? cm²\/s/);
    expect(msd).toContain('stroke-dasharray="6 4"');
    expect(vacf).toContain('>C(t) / C(0)<');
    expect(spectrum).toContain('>Wavenumber [cm⁻¹]<');
    for (const { svg } of pictures) expect(svg).not.toMatch(/NaN|undefined/);
  });

  test('an equation of state has its points on its curve', () => {
    const svg = equationOfStatePlot(
      'E(V)',
      { volumes: [10, 12], energies: [1, 2] },
      { label: 'fit', volumes: [9, 13], energies: [0.5, 2.5] },
      'B₀ = 1 GPa',
    );
    const points = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="4" fill="[^"]*" stroke/g)].map(
      ([, x, y]) => [Number(x), Number(y)],
    );
    const [, x0, y0, x1, y1] = /<path d="M([\d.]+),([\d.]+)L([\d.]+),([\d.]+)" fill="none"/.exec(svg)!.map(Number);
    for (const [x, y] of points)
      expect(Math.abs(y! - (y0! + ((x! - x0!) / (x1! - x0!)) * (y1! - y0!)))).toBeLessThan(0.2);
    expect(points.length).toBe(2);
    expect(svg).toContain('>B₀ = 1 GPa<');
  });
});
