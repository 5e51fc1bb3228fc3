/**
 * Writing extended XYZ without loss: every info key, every array, the same bits.
 */
import { FormatError } from '@mace/core';
import type { AtomArray, Structure } from '@mace/core/structure';
import { chemicalSymbol } from '@mace/core/structure';
import { columnType, plainProperties, propertiesText, type ColumnProperty } from './extxyz-columns.js';
import { contradicts, isNumbersName } from './extxyz-elements.js';
import { reservedKeys } from './extxyz-keys.js';
import { pairText } from './extxyz-comment-write.js';
import { quoted, realText } from './text.js';

/** Columns of the format itself, and those that ASE takes for the structure. */
const structural: ReadonlySet<string> = new Set(['pos', 'Z', 'positions', 'symbols']);

/** Writes frames as extended XYZ; reading them gives the same bits. Throws FormatError for what the format cannot hold. */
export function writeExtxyz(structures: readonly Structure[]): string {
  return structures.map(frameText).join('');
}

function frameText(structure: Structure): string {
  const { numbers, positions, cell, pbc, info } = structure;
  const labels = structure.arrays['species'];
  const arrays = Object.entries(structure.arrays).filter(([name]) => name !== 'species' || labels === undefined);
  const properties: ColumnProperty[] = [...plainProperties];
  if (labels !== undefined) properties.push({ name: 'Z', type: 'I', columns: 1 });
  for (const [name, array] of arrays) properties.push(checkedProperty(name, array, numbers.length));
  checkElements(structure);
  const pairs: string[] = [];
  if (cell !== null) pairs.push(`Lattice="${Array.from(cell, realText).join(' ')}"`);
  const names = propertiesText(properties);
  pairs.push(/[\s"'{}[\]=\\]/.test(names) ? `Properties="${names.replace(/[\\"]/g, '\\$&')}"` : `Properties=${names}`);
  for (const [key, value] of Object.entries(info)) {
    if (reservedKeys.includes(key))
      throw new FormatError(`extxyz: ${key} is not an info key. Set the cell, pbc or arrays of the structure instead.`);
    pairs.push(pairText(info, key, value));
  }
  pairs.push(`pbc="${pbc.map((flag) => (flag ? 'T' : 'F')).join(' ')}"`);
  const rows: string[] = [`${numbers.length}\n${pairs.join(' ')}\n`];
  for (let atom = 0; atom < numbers.length; atom++) {
    const cells = [
      labels === undefined ? chemicalSymbol(numbers[atom] as number) : String(labels.values[atom]),
      realText(positions[3 * atom] as number),
      realText(positions[3 * atom + 1] as number),
      realText(positions[3 * atom + 2] as number),
    ];
    if (labels !== undefined) cells.push(String(numbers[atom]));
    for (const [name, array] of arrays) appendCells(cells, name, array, atom);
    rows.push(`${cells.join(' ')}\n`);
  }
  return rows.join('');
}

/** Columns that state the elements once more: readers would take those for these. */
function checkElements({ arrays, numbers }: Structure): void {
  for (const [name, { kind, values }] of Object.entries(arrays)) {
    const isOther =
      name === 'species'
        ? kind !== 'text' || (values as readonly string[]).some((label, atom) => contradicts(label, numbers[atom]!))
        : isNumbersName(name) && numbers.some((number, atom) => values[atom] !== number);
    if (isOther)
      throw new FormatError(
        `extxyz: the array ${quoted(name)} states other elements than the structure has. Rename or correct it before writing.`,
      );
  }
}

function checkedProperty(name: string, array: AtomArray, atoms: number): ColumnProperty {
  if (name === '' || /[:\r\n]/.test(name) || structural.has(name)) {
    throw new FormatError(`extxyz: a per-atom array cannot be called ${quoted(name)}. Rename it before writing.`);
  }
  if (array.values.length !== atoms * array.columns) {
    throw new FormatError(
      `extxyz: array ${quoted(name)} has ${array.values.length} values, expected ${atoms} atoms × ${array.columns} columns. Give one row per atom.`,
    );
  }
  return { name, type: columnType(array.kind), columns: array.columns };
}

function appendCells(cells: string[], name: string, array: AtomArray, atom: number): void {
  for (let column = 0; column < array.columns; column++) {
    const value = array.values[atom * array.columns + column] as number | string | boolean;
    if (typeof value === 'number')
      cells.push(array.kind === 'integer' ? String(value === 0 ? 0 : value) : realText(value));
    else if (typeof value === 'boolean') cells.push(value ? 'T' : 'F');
    else if (value === '' || /\s/.test(value)) {
      throw new FormatError(
        `extxyz: array ${quoted(name)} holds ${quoted(value)} for atom ${atom + 1}; a column holds no empty text and no white space. Replace it before writing.`,
      );
    } else cells.push(value);
  }
}
