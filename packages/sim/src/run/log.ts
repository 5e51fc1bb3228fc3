/** The log of a run: a table with commas, whose first lines say with what it was made, and whose columns say their units. */
import { columnTitle, readTable } from '../observers/index.js';
import { densityOfFrame, largestForceOfFrame, volumeOfFrame, type Frame } from './frame.js';

interface Column {
  readonly name: string;
  /** Empty for numbers without one. */
  readonly unit: string;
  readonly value: (frame: Frame) => number | null;
}

export const logColumns: readonly Column[] = [
  { name: 'step', unit: '', value: ({ step }) => step },
  { name: 'time', unit: 'fs', value: ({ time }) => time },
  { name: 'potential energy', unit: 'eV', value: ({ energy }) => energy },
  { name: 'kinetic energy', unit: 'eV', value: ({ kineticEnergy }) => kineticEnergy },
  { name: 'total energy', unit: 'eV', value: ({ energy, kineticEnergy }) => energy + kineticEnergy },
  { name: 'conserved', unit: 'eV', value: ({ conserved }) => conserved },
  { name: 'temperature', unit: 'K', value: ({ temperature }) => temperature },
  { name: 'largest force', unit: 'eV/Å', value: largestForceOfFrame },
  { name: 'pressure', unit: 'GPa', value: ({ pressure }) => pressure },
  { name: 'volume', unit: 'Å³', value: volumeOfFrame },
  { name: 'density', unit: 'g/cm³', value: densityOfFrame },
];

/** Lines before the first row: what it was made with, each after `# `, and the names of the columns. */
export function logHead(madeWith: Readonly<Record<string, string>>): string {
  const lines = Object.entries(madeWith).map(([name, value]) => `# ${name}: ${value.replaceAll(/\s+/g, ' ')}\n`);
  return `${lines.join('')}${logColumns.map(columnTitle).join(',')}\n`;
}

export function logRow(frame: Frame): string {
  return `${logColumns.map(({ value }) => value(frame) ?? '').join(',')}\n`;
}

/** Columns of a log by their names; NaN where a row has nothing. */
export function readLog(text: string): Readonly<Record<string, Float64Array>> {
  return Object.fromEntries(readTable(text).map(({ name, values }) => [name, values]));
}
