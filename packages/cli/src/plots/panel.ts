/** One panel of a plot: scales, grid, axes, series, legend. */
import { scaleLinear, type ScaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import type { Panel, Series, StackedPlots } from './plot.js';
import { escaped, shown, textWidth } from './svg.js';
import { thinned } from './thinned.js';

type X = StackedPlots['x'];

/** Where a panel stands, pixels. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly height: number;
  readonly legendHeight: number;
  readonly marginLeft: number;
}

/** Told apart in print and by eyes that see fewer colors. */
const colors = ['#1f5fa8', '#d55e00', '#2a8c5a', '#8e4a9e', '#a07000', '#5a5a5a'];
const [gridColor, axisColor, quiet] = ['#e4e6ea', '#8a8f98', '#444'];
const legendLine = 20;
/** An axis from zero on has no place below it for less than this, of the greatest. */
const negligible = 0.03;
/** Pixels that a legend may take. */
const legendWidth = 640;

/** What a panel needs around it. */
export function panelFrame(panel: Panel, x: X, height: number): Frame {
  const ticks = ticksOf(yScale(panel, x, [height, 0]), tickCount(height));
  const widest = Math.max(0, ...ticks.map(({ text }) => textWidth(text)));
  const rows = legendRows(panel.series, legendWidth).length;
  return {
    left: 0,
    right: 0,
    top: 0,
    height,
    legendHeight: rows * legendLine + (rows > 0 ? 4 : 0),
    marginLeft: Math.ceil(widest + 42),
  };
}

/** @param hasXLabels - false above another panel that has them */
export function drawPanel(panel: Panel, x: X, frame: Frame, hasXLabels: boolean): string {
  const { left, right, top, height } = frame;
  const bottom = top + height;
  const [xs, ys] = [xScale(panel, x, [left, right]), yScale(panel, x, [bottom, top])];
  const parts: string[] = [];
  for (const { at, text } of ticksOf(ys, tickCount(height))) {
    parts.push(`<path d="M${left} ${shown(at)}H${right}" stroke="${gridColor}"/>`);
    parts.push(`<text x="${left - 8}" y="${shown(at + 4)}" text-anchor="end" fill="${quiet}">${text}</text>`);
  }
  for (const { at, text } of ticksOf(xs, 7)) {
    parts.push(`<path d="M${shown(at)} ${shown(top)}V${shown(bottom)}" stroke="${gridColor}"/>`);
    if (hasXLabels)
      parts.push(
        `<path d="M${shown(at)} ${shown(bottom)}v5" stroke="${axisColor}"/>`,
        `<text x="${shown(at)}" y="${shown(bottom + 19)}" text-anchor="middle" fill="${quiet}">${text}</text>`,
      );
  }
  const [low, high] = ys.domain() as [number, number];
  if (low < 0 && high > 0)
    parts.push(`<path d="M${left} ${shown(ys(0))}H${right}" stroke="${axisColor}" stroke-dasharray="1 3"/>`);
  const inside = `${left} ${shown(top - 4)} ${right - left} ${height + 8}`;
  const [x0, y0, w, h] = inside.split(' ');
  parts.push(
    // A drawing of its own, with the same coordinates: what leaves it is cut off.
    `<svg x="${x0}" y="${y0}" width="${w}" height="${h}" viewBox="${inside}">`,
    // Points lie on lines.
    ...[false, true].flatMap((isPoints) =>
      panel.series.map((series, i) =>
        (series.style === 'points') === isPoints ? drawSeries(series, x, xs, ys, colorOf(i)) : '',
      ),
    ),
    '</svg>',
    `<path d="M${left} ${shown(top)}V${shown(bottom)}H${right}" fill="none" stroke="${axisColor}"/>`,
    `<text transform="translate(16 ${shown((top + bottom) / 2)}) rotate(-90)" text-anchor="middle">${escaped(panel.label)}</text>`,
  );
  if (hasXLabels)
    parts.push(
      `<text x="${shown((left + right) / 2)}" y="${shown(bottom + 42)}" text-anchor="middle">${escaped(x.label)}</text>`,
    );
  parts.push(...drawLegend(panel.series, left, top - frame.legendHeight));
  return parts.join('\n');
}

function drawSeries(
  { values, x: own, style = 'line' }: Series,
  x: X,
  xs: ScaleLinear<number, number>,
  ys: ScaleLinear<number, number>,
  color: string,
): string {
  const at = own ?? x.values;
  const finite = (i: number): boolean => Number.isFinite(at[i]) && Number.isFinite(values[i]);
  const [from, to] = xs.range() as [number, number];
  const kept = thinned(at, values, to - from);
  if (style === 'points')
    return kept
      .filter(finite)
      .map(
        (i) =>
          `<circle cx="${shown(xs(at[i]!))}" cy="${shown(ys(values[i]!))}" r="4" fill="${color}" stroke="#fff" stroke-width="0.8"/>`,
      )
      .join('');
  const path = line<number>()
    .defined(finite)
    .digits(1)
    .x((i) => xs(at[i]!))
    .y((i) => ys(values[i]!))(kept);
  return `<path d="${path ?? ''}" fill="none" stroke="${color}" stroke-width="${style === 'dashed' ? 2.5 : 1.5}" stroke-linejoin="round" stroke-linecap="round"${style === 'dashed' ? ' stroke-dasharray="6 4"' : ''}/>`;
}

/** Nothing for a single series: its axis says what it is. */
function legendRows(series: readonly Series[], pixels: number): number[][] {
  if (series.length < 2) return [];
  const rows: number[][] = [[]];
  let used = 0;
  series.forEach(({ label }, i) => {
    const needed = 46 + textWidth(label);
    if (used > 0 && used + needed > pixels) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)!.push(i);
    used += needed;
  });
  return rows;
}

function drawLegend(series: readonly Series[], left: number, top: number): string[] {
  return legendRows(series, legendWidth).flatMap((row, r) => {
    let x = left;
    const y = top + r * legendLine + 8;
    return row.map((i) => {
      const { label, style = 'line' } = series[i]!;
      const mark =
        style === 'points'
          ? `<circle cx="${shown(x + 12)}" cy="${shown(y)}" r="3.5" fill="${colorOf(i)}"/>`
          : `<path d="M${shown(x)} ${shown(y)}h24" stroke="${colorOf(i)}" stroke-width="2"${style === 'dashed' ? ' stroke-dasharray="6 4"' : ''}/>`;
      const text = `<text x="${shown(x + 30)}" y="${shown(y + 4)}">${escaped(label)}</text>`;
      x += 46 + textWidth(label);
      return mark + text;
    });
  });
}

function colorOf(series: number): string {
  return colors[series % colors.length]!;
}

function xScale({ series }: Panel, x: X, range: [number, number]): ScaleLinear<number, number> {
  const all = extent(
    series.some(({ x: own }) => own === undefined) ? [x.values] : [],
    ...series.map(({ x: own }) => own ?? []),
  );
  return scaleLinear(x.range ?? widened(all), range);
}

function yScale({ series, fromZero }: Panel, x: X, range: [number, number]): ScaleLinear<number, number> {
  const inside = series.map(({ values, x: own }) => {
    const at = own ?? x.values;
    const [from, to] = x.range ?? [-Infinity, Infinity];
    return Array.from(values).filter((_, i) => at[i]! >= from && at[i]! <= to);
  });
  const [low, high] = extent([], ...inside);
  const zeroed: [number, number] = [low > -negligible * high ? 0 : low, Math.max(0, high)];
  return scaleLinear(widened(fromZero === true ? zeroed : [low, high]), range).nice(
    tickCount(Math.abs(range[0] - range[1])),
  );
}

/** Least and greatest of all numbers; 0 and 1 where there are none. */
function extent(more: readonly ArrayLike<number>[], ...lists: readonly ArrayLike<number>[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const list of [...more, ...lists])
    for (let i = 0; i < list.length; i++) {
      const value = list[i]!;
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return low <= high ? [low, high] : [0, 1];
}

/** A range that is not empty: a constant has some room around it. */
function widened([low, high]: readonly [number, number]): [number, number] {
  const room = Math.max(Math.abs(low), Math.abs(high)) * 1e-12;
  if (high - low > room) return [low, high];
  const half = low === 0 ? 1 : Math.abs(low) / 100;
  return [low - half, high + half];
}

function tickCount(height: number): number {
  return Math.max(3, Math.round(height / 50));
}

function ticksOf(scale: ScaleLinear<number, number>, count: number): { at: number; text: string }[] {
  const ticks = scale.ticks(count);
  const largest = Math.max(...ticks.map(Math.abs));
  const isPowers = largest !== 0 && (largest >= 1e6 || largest < 1e-3);
  const format = scale.tickFormat(count, isPowers ? 'e' : 'f');
  return ticks.map((tick) => ({ at: scale(tick), text: tick === 0 ? '0' : powers(format(tick)) }));
}

/** `1.5e-5` as `1.5×10⁻⁵`. */
function powers(text: string): string {
  const [, digits, exponent] = /^(.*)e\+?(.*)$/.exec(text) ?? [];
  if (digits === undefined) return text;
  return `${digits}×10${Array.from(exponent!, (letter) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(letter)] ?? '⁻').join('')}`;
}
