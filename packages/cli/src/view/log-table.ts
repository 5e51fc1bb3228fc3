/** The numbers of a log: comma-separated, names in the first line, `#` before what is said about them. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { FormatError } from '@mace/core/errors';

/** Columns of numbers, [rows] each; null where there is none. */
export type LogTable = Readonly<Record<string, (number | null)[]>>;

/** Beyond so many rows every second one is left out, again and again: a plot has no more points than a screen. */
const mostRows = 40_000;

/** @throws FormatError for a file without a line of names */
export async function readLog(path: string): Promise<LogTable> {
  let names: string[] | undefined;
  let rows: (number | null)[][] = [];
  let [stride, line] = [1, 0];
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (text.startsWith('#') || text.trim() === '') continue;
    const cells = text.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    if (!names) names = cells;
    else if (line++ % stride === 0) rows.push(names.map((_, i) => numberOf(cells[i])));
    if (rows.length > mostRows) {
      rows = rows.filter((_, i) => i % 2 === 0);
      stride *= 2;
    }
  }
  if (!names) throw new FormatError(`${path}: expected names of columns in the first line; the file is empty.`);
  const columns = names.map((name, i) => [name, rows.map((row) => row[i] ?? null)] as const);
  return Object.fromEntries(columns.filter(([, values]) => values.some((value) => value !== null)));
}

function numberOf(text: string | undefined): number | null {
  const value = text ? Number(text) : NaN;
  return Number.isFinite(value) ? value : null;
}
