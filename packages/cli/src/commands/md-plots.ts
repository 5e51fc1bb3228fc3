/** Pictures of a run, made of the tables that it wrote: energies, temperature, pressure and volume over time, and what observers saw. */
import type { Storage } from '@mace/io';
import { readTable, type Column, type Quantity } from '@mace/sim';
import { logPlot, observerPlots } from '../plots/result-plots.js';

/** As `summary.json` has it. */
export interface Observed {
  readonly spelling: string;
  readonly quantities: readonly Quantity[];
  readonly notes: readonly string[];
  readonly tables: readonly { readonly file: string; readonly title: string }[];
}

/**
 * Writes them beside the tables.
 * @param folder - before the names of the files of a structure
 * @returns their names
 */
export async function writePlots(
  storage: Storage,
  folder: string,
  formula: string,
  observed: readonly Observed[],
): Promise<string[]> {
  const tableOf = async (name: string): Promise<Column[]> =>
    readTable(new TextDecoder().decode((await storage.read(folder + name)) ?? new Uint8Array()));
  const pictures: { readonly name: string; readonly svg: string }[] = [];
  const log = await tableOf('log.csv');
  const time = log.find(({ name }) => name === 'time')?.values;
  if (time && time.length > 1) pictures.push({ name: 'log', svg: logPlot(formula, time, shownColumns(log)) });
  for (const { tables, ...result } of observed) {
    const read = [];
    for (const { file, title } of tables)
      read.push({ name: file.replace(/\.csv$/, ''), title: `${formula}: ${title}`, columns: await tableOf(file) });
    pictures.push(...observerPlots({ ...result, tables: read, frames: 0 }));
  }
  for (const { name, svg } of pictures) await storage.replace(`${folder}${name}.svg`, new TextEncoder().encode(svg));
  return pictures.map(({ name }) => `${name}.svg`);
}

/** Energies from where they began, as they are large and change little; then what is worth a panel. */
function shownColumns(log: readonly Column[]): Column[] {
  const column = (name: string): Column | undefined => log.find((one) => one.name === name);
  const first = column('conserved')?.values[0] ?? 0;
  const energies = ['potential energy', 'total energy', 'conserved'].flatMap((name) => {
    const found = column(name);
    return found ? [{ ...found, values: Array.from(found.values, (value) => value - first) }] : [];
  });
  return [...energies, ...['temperature', 'pressure', 'volume'].flatMap((name) => column(name) ?? [])];
}
