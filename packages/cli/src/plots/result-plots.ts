/** The plots of runs: energies and temperature over time, what observers saw, equations of state. */
import type { Column, ObserverResult, Table } from '@mace/sim';
import { linePlot, stackedPlots } from './line-plot.js';
import type { Panel, Series, StackedPlots } from './plot.js';

/** A picture and a word for the name of its file. */
export interface Picture {
  readonly name: string;
  readonly svg: string;
}

/**
 * Columns of a log over time, one panel for each unit, as the text of an SVG file.
 * @param time - fs
 * @param columns - in the order of their panels; those without any number are left out
 */
export function logPlot(title: string, time: ArrayLike<number>, columns: readonly Column[]): string {
  const panels = new Map<string, Column[]>();
  for (const column of columns)
    if (Array.from(column.values).some(Number.isFinite))
      panels.set(column.unit, [...(panels.get(column.unit) ?? []), column]);
  return stackedPlots({
    title,
    x: timeAxis(time),
    panels: [...panels].map(([unit, group]): Panel => {
      const name = group.length === 1 ? capital(group[0]!.name) : (quantityOf[unit] ?? capital(group[0]!.name));
      return { label: axis(name, unit), series: group.map(({ name: label, values }) => ({ label, values })) };
    }),
  });
}

/** What several columns of one unit have in common. */
const quantityOf: Readonly<Record<string, string>> = {
  eV: 'Energy',
  K: 'Temperature',
  GPa: 'Pressure',
  Å: 'Length',
  'eV/Å': 'Force',
};

/** A plot of each table of an observer that is a function of something. */
export function observerPlots({ tables, quantities }: ObserverResult): Picture[] {
  return tables.flatMap((table) => {
    const svg = plotOf(table, quantities.map(quantityText).join(', '));
    return svg === undefined ? [] : [{ name: table.name, svg }];
  });
}

/** Energies of volumes and a curve through them, as the text of an SVG file. */
export function equationOfStatePlot(
  title: string,
  points: { readonly volumes: ArrayLike<number>; readonly energies: ArrayLike<number> },
  curve: { readonly label: string; readonly volumes: ArrayLike<number>; readonly energies: ArrayLike<number> },
  subtitle?: string,
): string {
  return linePlot({
    title,
    ...(subtitle !== undefined && { subtitle }),
    x: { label: 'Volume [Å³]', values: points.volumes },
    y: { label: 'Energy [eV]' },
    series: [
      { label: 'computed', values: points.energies, style: 'points' },
      { label: curve.label, values: curve.energies, x: curve.volumes },
    ],
  });
}

/** `diffusion coefficient (4.1 ± 0.2) × 10⁻⁵ cm²/s`: with two digits of the error. */
function quantityText({ name, unit, value, error }: ObserverResult['quantities'][number]): string {
  const exponent =
    value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6) ? Math.floor(Math.log10(Math.abs(value))) : 0;
  const scale = 10 ** exponent;
  const digits =
    error === undefined || !(error > 0) ? 3 : Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(error / scale))));
  const fixed = (x: number): string => (x / scale).toFixed(digits);
  const number = error === undefined ? fixed(value) : `${fixed(value)} ± ${fixed(error)}`;
  const power = exponent === 0 ? '' : ` × 10${superscript(exponent)}`;
  return `${name} ${error !== undefined && power !== '' ? `(${number})` : number}${power} ${unit}`.trim();
}

function superscript(exponent: number): string {
  return Array.from(String(exponent), (letter) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(letter)] ?? '⁻').join('');
}

function plotOf({ title, columns }: Table, subtitle: string): string | undefined {
  const find = (name: string): Column | undefined => columns.find((column) => column.name === name);
  const [x, y] = [columns[0], columns[1]];
  if (!x || !y || x.values.length < 2) return undefined;
  const more = subtitle === '' ? {} : { subtitle };
  if (x.name === 'r')
    return linePlot({
      title,
      x: { label: 'r [Å]', values: x.values, range: [0, lastIn(x.values)] },
      y: { label: axis(y.name === 'g' ? 'g(r)' : capital(y.name), y.unit), fromZero: true },
      series: [only(y)],
    });
  if (x.name === 'wavenumber') {
    const density = find('density of states')!;
    return linePlot({
      title,
      x: { label: 'Wavenumber [cm⁻¹]', values: x.values, range: [0, visible(x.values, density.values)] },
      y: { label: axis('Density of states', density.unit), fromZero: true },
      series: [only(density)],
    });
  }
  if (x.name !== 'time') return undefined;
  const normalized = find('normalized');
  const fit = find('fit');
  const series: Series[] = normalized ? [only(normalized)] : [{ label: y.name, values: y.values }];
  if (fit) series.push({ label: 'fit', values: fit.values, style: 'dashed' });
  const label = normalized ? 'C(t) / C(0)' : axis(capital(y.name), y.unit);
  return linePlot({
    title,
    ...more,
    x: timeAxis(x.values, fit && 3 * lastFitted(x.values, fit.values)),
    y: { label },
    series,
  });
}

/** Behind it there is nothing to see: less than a fiftieth of the greatest. */
function visible(x: ArrayLike<number>, values: ArrayLike<number>): number {
  const least = Math.max(...Array.from(values)) / 50;
  let last = values.length - 1;
  while (last > 1 && !(values[last]! > least)) last--;
  return Math.min(lastIn(x), 1.15 * x[last]!);
}

function only({ name, values }: Column): Series {
  return { label: name, values };
}

/** The end of a fit, of which the picture shows three times as much: longer times have few samples. */
function lastFitted(time: ArrayLike<number>, fit: ArrayLike<number>): number {
  return Array.from(time).reduce((last, at, i) => (Number.isFinite(fit[i]) ? at : last), 0);
}

/** From zero on, in fs, ps or ns, whichever gives numbers of few digits; to the end, or to another time. */
function timeAxis(femtoseconds: ArrayLike<number>, end = Infinity): StackedPlots['x'] {
  const longest = Math.min(lastIn(femtoseconds), end);
  const [unit, scale] = longest >= 5e6 ? ['ns', 1e6] : longest >= 5e3 ? ['ps', 1e3] : (['fs', 1] as const);
  const values = Array.from(femtoseconds, (time) => time / scale);
  return { label: `Time [${unit}]`, values, range: [Math.min(0, values[0] ?? 0), longest / scale || 1] };
}

function lastIn(values: ArrayLike<number>): number {
  return values[values.length - 1] ?? 0;
}

function axis(name: string, unit: string): string {
  return unit === '' ? name : `${name} [${unit}]`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
