/** Tables of observers as text. */
import type { Column, Table } from './observer.js';

/** Comma-separated values; the first line names the columns with their units: `time [fs],mean-square displacement [Å²]`. */
export function tableText({ columns }: Table): string {
  const rows = columns[0]?.values.length ?? 0;
  const lines = Array.from({ length: rows }, (_, row) => columns.map(({ values }) => String(values[row])).join(','));
  return [columns.map(columnTitle).join(','), ...lines, ''].join('\n');
}

/** Columns of such text, without lines that begin with `#`; NaN where a row has nothing. */
export function readTable(text: string): (Column & { readonly values: Float64Array })[] {
  const [head = '', ...rows] = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const cells = rows.map((row) => row.split(','));
  if (head === '') return [];
  return head.split(',').map((title, column) => {
    const [, name = title, unit = ''] = /^(.*?)(?: \[(.*)\])?$/.exec(title) ?? [];
    const values = Float64Array.from(cells, (row) => (row[column] ? Number(row[column]) : NaN));
    return { name, unit, values };
  });
}

/** `time [fs]`; the name alone for numbers without unit. */
export function columnTitle({ name, unit }: Pick<Column, 'name' | 'unit'>): string {
  return unit === '' ? name : `${name} [${unit}]`;
}

/** `rdf:O-O` as a part of the name of a file: `rdf-O-O`. */
export function fileWord(spelling: string): string {
  return spelling.replaceAll(/[^A-Za-z0-9.-]+/g, '-');
}
