/**
 * Line plots as SVG text: axes with units, a legend where there is more than one series, light background, no script.
 *
 * Scales and paths are those of d3 (ISC), the lower half of Observable Plot: that needs a document, and with one for Node would be half
 * as large as this whole program.
 */
import { drawPanel, panelFrame, type Frame } from './panel.js';
import type { LinePlot, StackedPlots } from './plot.js';
import { escaped, shown, textWidth } from './svg.js';

/** Pixels. */
const width = 760;
const heights = { one: 340, stacked: 190 };
const gap = 18;

/** One panel of series over x, as the text of an SVG file. */
export function linePlot({ y, series, ...plot }: LinePlot): string {
  return stackedPlots({ ...plot, panels: [{ ...y, series }] });
}

/** Panels one below the other over one x axis, as the text of an SVG file. */
export function stackedPlots({ title, subtitle, x, panels }: StackedPlots): string {
  const height = panels.length === 1 ? heights.one : heights.stacked;
  const top = subtitle === undefined ? 44 : 64;
  const frames = panels.map((panel) => panelFrame(panel, x, height));
  const left = Math.max(...frames.map(({ marginLeft }) => marginLeft));
  const place = (i: number): Frame => ({
    ...frames[i]!,
    left,
    right: width - 24,
    top:
      top +
      frames.slice(0, i).reduce((sum, { legendHeight }) => sum + legendHeight + height + gap, 0) +
      frames[i]!.legendHeight,
    height,
  });
  const drawn = panels.map((panel, i) => drawPanel(panel, x, place(i), i === panels.length - 1));
  const last = place(panels.length - 1);
  const total = last.top + height + 56;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${shown(total)}" viewBox="0 0 ${width} ${shown(total)}" role="img" font-family="Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif" font-size="12" fill="#222">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${shown(total)}" fill="#fff"/>`,
    `<text x="${left}" y="28" font-size="16" font-weight="600">${escaped(title)}</text>`,
    ...(subtitle === undefined
      ? []
      : [`<text x="${left}" y="47" fill="#666">${escaped(cut(subtitle, width - left - 24))}</text>`]),
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

/** What fits into so many pixels. */
function cut(text: string, pixels: number): string {
  if (textWidth(text) <= pixels) return text;
  let end = text.length;
  while (end > 0 && textWidth(`${text.slice(0, end)}…`) > pixels) end--;
  return `${text.slice(0, end).trimEnd()}…`;
}
