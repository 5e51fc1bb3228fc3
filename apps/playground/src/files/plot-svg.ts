/** Plots as a drawing for papers and slides (SVG), with axes and keys; one below the other. */
import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import type { PlotData } from '../panels/plot-data.js';

export interface SvgColors {
  readonly text: string;
  readonly line: string;
  readonly ground: string;
  /** Of a line of a plot, from the name of its property, such as `--plot-1`. */
  of(name: string): string;
}

const [width, height] = [640, 300];
const margin = { left: 76, right: 16, top: 34, bottom: 44 };

export function plotsAsSvg(plots: readonly PlotData[], colors: SvgColors): string {
  const whole = plots.length * height;
  const body = plots.map((plot, i) => `<g transform="translate(0 ${i * height})">${onePlot(plot, colors)}</g>`);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${whole}" viewBox="0 0 ${width} ${whole}" ` +
    `font-family="system-ui, sans-serif" font-size="12" fill="${colors.text}">` +
    `<rect width="${width}" height="${whole}" fill="${colors.ground}"/>${body.join('')}</svg>\n`
  );
}

function onePlot({ title, x, xLabel, isLogarithmic = false, lines }: PlotData, colors: SvgColors): string {
  const [right, bottom] = [width - margin.right, height - margin.bottom];
  const across = scaleLinear(extent(x, false), [margin.left, right]);
  const all = lines.flatMap(({ values }) => values.filter((value) => value !== null));
  const up = (isLogarithmic ? scaleLog : scaleLinear)(extent(all, isLogarithmic), [bottom, margin.top]).nice();
  const isDrawn = (value: number | null): boolean => value !== null && (!isLogarithmic || value > 0);
  // Without the prefixes of d3, whose 10m is a hundredth.
  const label = isLogarithmic ? up.tickFormat(5, '~g') : up.tickFormat(5);
  const rules = up.ticks(5).map((value) => {
    const y = up(value).toFixed(1);
    return (
      `<path d="M${margin.left} ${y}H${right}" stroke="${colors.line}"/>` +
      `<text x="${margin.left - 8}" y="${y}" dy="0.32em" text-anchor="end">${escaped(label(value))}</text>`
    );
  });
  const places = across
    .ticks(6)
    .map((value) => `<text x="${across(value).toFixed(1)}" y="${bottom + 18}" text-anchor="middle">${value}</text>`);
  const paths = lines.map(({ values, color }) => {
    const path = line<number | null>()
      .defined(isDrawn)
      .x((_, i) => across(x[i]!))
      .y((value) => up(value!))
      .digits(2)(values);
    return `<path d="${path ?? ''}" fill="none" stroke="${colors.of(color)}" stroke-width="1.5"/>`;
  });
  const keys = lines.length < 2 ? [] : lines.map((one, i) => key(one, right - 110 * (lines.length - i), colors));
  return [
    ...rules,
    ...places,
    ...paths,
    ...keys,
    `<text x="${margin.left}" y="20" font-weight="600">${escaped(title)}</text>`,
    `<text x="${(margin.left + right) / 2}" y="${height - 8}" text-anchor="middle">${escaped(xLabel)}</text>`,
  ].join('');
}

function key({ label, color }: PlotData['lines'][number], x: number, colors: SvgColors): string {
  return (
    `<path d="M${x} 16h16" stroke="${colors.of(color)}" stroke-width="3"/>` +
    `<text x="${x + 22}" y="20">${escaped(label)}</text>`
  );
}

/** From the least to the largest; wider where they are one. */
function extent(values: readonly number[], isLogarithmic: boolean): [number, number] {
  const drawn = isLogarithmic ? values.filter((value) => value > 0) : values;
  const [least, most] = drawn.reduce(
    ([a, b], value) => [Math.min(a, value), Math.max(b, value)],
    [Infinity, -Infinity],
  );
  if (least > most) return [1, 10];
  if (least < most) return [least, most];
  return isLogarithmic ? [least / 2, least * 2] : [least - 1, least + 1];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
