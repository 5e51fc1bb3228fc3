/**
 * The columns of an extended XYZ frame: the `Properties=` text, and a collector that grows with the rows that really arrive.
 */
import type { AtomArray } from '@mace/core/structure';
import { failAt, parseInteger, parseReal, quoted } from './text.js';

export type ColumnType = 'R' | 'I' | 'S' | 'L';

export interface ColumnProperty {
  readonly name: string;
  readonly type: ColumnType;
  readonly columns: number;
}

/** What a plain XYZ frame has. */
export const plainProperties: readonly ColumnProperty[] = [
  { name: 'species', type: 'S', columns: 1 },
  { name: 'pos', type: 'R', columns: 3 },
];

const kinds = { R: 'real', I: 'integer', S: 'text', L: 'logical' } as const;
const maximumColumns = 100_000;
const truths: ReadonlyMap<string, boolean> = new Map([
  ['T', true],
  ['True', true],
  ['TRUE', true],
  ['true', true],
  ['F', false],
  ['False', false],
  ['FALSE', false],
  ['false', false],
]);

const ownNames: readonly string[] = ['species', 'pos', 'Z'];
/** Names that ASE has for columns, and reads in files too. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['symbols', 'species'],
  ['positions', 'pos'],
  ['numbers', 'Z'],
]);

/** Parses `species:S:1:pos:R:3:…`. Throws FormatError when it is malformed, or has no element or no position. */
export function parseProperties(text: string, source: string, line: number, warnings: string[] = []): ColumnProperty[] {
  const fields = text.split(':');
  if (fields.length % 3 !== 0) {
    failAt(
      source,
      line,
      `Properties=${quoted(text)} is not a list of name:type:columns. Write for example species:S:1:pos:R:3.`,
    );
  }
  const properties: ColumnProperty[] = [];
  const names = new Set<string>();
  let total = 0;
  for (let at = 0; at < fields.length; at += 3) {
    const [name = '', type = '', count = ''] = fields.slice(at, at + 3);
    const columns = parseInteger(count);
    if (name === '' || names.has(name))
      failAt(source, line, `Properties names ${quoted(name)} twice or not at all. Give every property its own name.`);
    if (type !== 'R' && type !== 'I' && type !== 'S' && type !== 'L') {
      failAt(
        source,
        line,
        `property ${quoted(name)} has type ${quoted(type)}. Use R (real), I (integer), S (text) or L (logical).`,
      );
    }
    if (columns === undefined || columns < 1)
      failAt(source, line, `property ${quoted(name)} has ${quoted(count)} columns. Use a whole number of at least 1.`);
    total += columns;
    if (total > maximumColumns)
      failAt(
        source,
        line,
        `Properties asks for ${total} columns, more than ${maximumColumns}. Correct the column numbers.`,
      );
    names.add(name);
    properties.push({ name, type, columns });
  }
  for (const [at, property] of properties.entries()) {
    const name = property.name.toLowerCase();
    const known = otherNames.get(name) ?? name;
    if (!ownNames.includes(known) || names.has(known) || (known === 'Z' && names.has('species'))) continue;
    warnings.push(`line ${line}: the column ${quoted(property.name)} is read as ${known}`);
    properties[at] = { ...property, name: known };
    names.add(known);
  }
  const find = (name: string): ColumnProperty | undefined => properties.find((property) => property.name === name);
  const position = find('pos');
  if (position === undefined || position.columns !== 3 || position.type !== 'R')
    failAt(source, line, 'Properties has no pos:R:3. Add the positions, or correct their type.');
  const species = find('species');
  const numbers = find('Z');
  const hasSpecies = species !== undefined && species.type === 'S' && species.columns === 1;
  const hasNumbers = numbers !== undefined && numbers.type === 'I' && numbers.columns === 1;
  if (!hasSpecies && !hasNumbers)
    failAt(source, line, 'Properties has neither species:S:1 nor Z:I:1. Add the elements.');
  return properties;
}

/** Collects one property; rows are appended as they are read, nothing is allocated ahead. */
export class ColumnCollector {
  readonly values: (number | string | boolean)[] = [];
  constructor(readonly property: ColumnProperty) {}

  /** Appends one cell. Throws FormatError when the text is not of the declared type. */
  push(text: string, column: number, source: string, line: number): void {
    const { type, name, columns } = this.property;
    const value =
      type === 'S' ? text : type === 'R' ? parseReal(text) : type === 'I' ? parseInteger(text) : truths.get(text);
    if (value === undefined) {
      const what = { R: 'a number', I: 'a whole number', L: 'T or F', S: 'text' }[type];
      const where = columns === 1 ? name : `${name}[${column}]`;
      failAt(
        source,
        line,
        `expected ${what} for ${where}, got ${quoted(text)}. Correct this entry, or the type in Properties.`,
      );
    }
    this.values.push(value);
  }

  /** The collected values as a per-atom array [rows columns]. */
  finish(): AtomArray {
    const { type, columns } = this.property;
    const kind = kinds[type];
    const isNumber = type === 'R' || type === 'I';
    return {
      columns,
      kind,
      values: isNumber ? Float64Array.from(this.values as number[]) : (this.values as string[] | boolean[]),
    };
  }
}

/** `species:S:1:pos:R:3` of the properties, as it stands in a file. */
export function propertiesText(properties: readonly ColumnProperty[]): string {
  return properties.map(({ name, type, columns }) => `${name}:${type}:${columns}`).join(':');
}

/** The type letter of a per-atom array. */
export function columnType(kind: AtomArray['kind']): ColumnType {
  return kind === 'real' ? 'R' : kind === 'integer' ? 'I' : kind === 'text' ? 'S' : 'L';
}
