/**
 * Extended XYZ and plain XYZ, without loss: every comment key and every column, several frames, in memory or as a stream.
 *
 * A frame whose comment assigns nothing (`=`) is plain XYZ: its comment is `info.comment`, columns after the fourth are ignored.
 * A frame with `Lattice` but without `pbc` is periodic in all directions, as in ASE.
 */
import { FormatError, isMaceError } from '@mace/core';
import type { AtomArray, InfoValue, Structure } from '@mace/core/structure';
import { chemicalSymbol } from '@mace/core/structure';
import { elementNumber, requireElement } from './element-label.js';
import { hasAssignments, pairText, parseComment } from './extxyz-comment.js';
import {
  ColumnCollector,
  columnType,
  parseProperties,
  plainProperties,
  propertiesText,
  type ColumnProperty,
} from './extxyz-columns.js';
import { streamLines } from './line-stream.js';
import { emptyRecord, failAt, parseInteger, quoted, realText, splitLines, tokens } from './text.js';

const reserved: ReadonlySet<string> = new Set(['Lattice', 'Properties', 'pbc']);

/** Reads all frames of an (extended) XYZ text. Throws FormatError with the line. `source` names the file in messages. */
export function readExtxyz(text: string, source = 'XYZ text'): Structure[] {
  const reader = new FrameReader(source);
  const structures: Structure[] = [];
  for (const line of splitLines(text)) {
    const structure = reader.push(line);
    if (structure !== undefined) structures.push(structure);
  }
  reader.end();
  return structures;
}

/** Reads frames one by one from chunks of text or (also gzipped) bytes; only one frame is held. Throws FormatError. */
export async function* streamExtxyz(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  source = 'XYZ stream',
): AsyncGenerator<Structure> {
  const reader = new FrameReader(source);
  for await (const lines of streamLines(chunks, source)) {
    for (const line of lines) {
      const structure = reader.push(line);
      if (structure !== undefined) yield structure;
    }
  }
  reader.end();
}

/** Writes frames as extended XYZ; reading them gives the same bits. Throws FormatError for what the format cannot hold. */
export function writeExtxyz(structures: readonly Structure[]): string {
  return structures.map(frameText).join('');
}

interface OpenFrame {
  readonly atoms: number;
  readonly headerLine: number;
  readonly isPlain: boolean;
  readonly info: Record<string, InfoValue>;
  readonly cell: Float64Array | null;
  readonly pbc: [boolean, boolean, boolean];
  readonly columns: readonly { collector: ColumnCollector; column: number }[];
  readonly collectors: readonly ColumnCollector[];
  readonly firstAtomLine: number;
  rows: number;
}

/** Takes one line at a time and gives back a structure with the line that completes it. */
class FrameReader {
  private line = 0;
  private count: { atoms: number; line: number } | undefined;
  private frame: OpenFrame | undefined;

  constructor(private readonly source: string) {}

  push(text: string): Structure | undefined {
    this.line++;
    if (this.frame !== undefined) {
      this.readAtom(this.frame, text);
    } else if (this.count !== undefined) {
      this.frame = openFrame(text, this.count, this.source, this.line);
      this.count = undefined;
    } else {
      this.readCount(text);
    }
    if (this.frame === undefined || this.frame.rows < this.frame.atoms) return undefined;
    const structure = closeFrame(this.frame, this.source);
    this.frame = undefined;
    return structure;
  }

  end(): void {
    if (this.count !== undefined) {
      failAt(
        this.source,
        this.line,
        'the file ends after the number of atoms. Expected a comment line and the atoms: the file is cut off, copy it again.',
      );
    }
    if (this.frame !== undefined) {
      const { atoms, headerLine, rows } = this.frame;
      failAt(
        this.source,
        this.line,
        `the file ends after ${rows} of the ${atoms} atoms announced in line ${headerLine}. Correct that number, or copy the file again.`,
      );
    }
  }

  private readCount(text: string): void {
    const trimmed = text.trim();
    if (trimmed === '') return;
    const atoms = parseInteger(trimmed);
    if (atoms === undefined || atoms < 0) {
      failAt(
        this.source,
        this.line,
        `expected the number of atoms of a frame, got ${quoted(trimmed)}. Check the number of atoms of the frame before, or whether this is an XYZ file.`,
      );
    }
    this.count = { atoms, line: this.line };
  }

  private readAtom(frame: OpenFrame, text: string): void {
    const cells = tokens(text);
    const expected = frame.columns.length;
    if (cells.length < expected || (cells.length > expected && !frame.isPlain)) {
      const properties = frame.collectors.map(({ property }) => property);
      failAt(
        this.source,
        this.line,
        `expected ${expected} columns (${columnNames(properties)}), got ${cells.length}. Correct this line, Properties, or the number of atoms in line ${frame.headerLine}.`,
      );
    }
    for (let at = 0; at < expected; at++) {
      const { collector, column } = frame.columns[at] as OpenFrame['columns'][number];
      collector.push(cells[at] as string, column, this.source, this.line);
    }
    frame.rows++;
  }
}

function columnNames(properties: readonly ColumnProperty[]): string {
  return properties.map(({ name, type, columns }) => (columns === 1 ? name : `${name}:${type}:${columns}`)).join(', ');
}

function openFrame(comment: string, count: { atoms: number; line: number }, source: string, line: number): OpenFrame {
  const { info } = readComment(comment, source, line);
  const cell = latticeOf(info['Lattice'], source, line);
  const pbc = periodicOf(info['pbc'], cell !== null, source, line);
  const text = info['Properties'];
  if (text !== undefined && typeof text !== 'string')
    failAt(source, line, 'Properties is not text. Write for example Properties=species:S:1:pos:R:3.');
  const properties = text === undefined ? plainProperties : parseProperties(text, source, line);
  for (const key of reserved) delete info[key];
  const collectors = properties.map((property) => new ColumnCollector(property));
  const columns = collectors.flatMap((collector) =>
    Array.from({ length: collector.property.columns }, (_, column) => ({ collector, column })),
  );
  return {
    atoms: count.atoms,
    headerLine: count.line,
    isPlain: text === undefined,
    info,
    cell,
    pbc,
    columns,
    collectors,
    firstAtomLine: line + 1,
    rows: 0,
  };
}

function readComment(
  comment: string,
  source: string,
  line: number,
): { info: Record<string, InfoValue>; isPlain: boolean } {
  const place = `${source} line ${line}`;
  const free = (): Record<string, InfoValue> => {
    const info = emptyRecord<InfoValue>();
    if (comment.trim() !== '') info['comment'] = comment.trim();
    return info;
  };
  if (!hasAssignments(comment)) return { info: free(), isPlain: true };
  try {
    return { info: parseComment(comment, place), isPlain: false };
  } catch (error) {
    // Free text may well hold an apostrophe and a `=`; only a comment that describes the frame must parse.
    if (!isMaceError(error) || /(?:^|\s)(?:Lattice|Properties)\s*=/.test(comment)) throw error;
    return { info: free(), isPlain: true };
  }
}

function latticeOf(value: InfoValue | undefined, source: string, line: number): Float64Array | null {
  if (value === undefined) return null;
  const numbers =
    typeof value === 'object' && (value.kind === 'real' || value.kind === 'integer')
      ? (value.values as readonly number[])
      : [];
  if (numbers.length !== 9 || !numbers.every(Number.isFinite)) {
    failAt(source, line, 'Lattice is not nine finite numbers. Write Lattice="ax ay az bx by bz cx cy cz" in Å.');
  }
  return Float64Array.from(numbers);
}

function periodicOf(
  value: InfoValue | undefined,
  hasLattice: boolean,
  source: string,
  line: number,
): [boolean, boolean, boolean] {
  if (value === undefined) return [hasLattice, hasLattice, hasLattice];
  const given = typeof value === 'object' ? value.values : [value, value, value];
  const flags = given.map((flag) =>
    flag === true || flag === 1 ? true : flag === false || flag === 0 ? false : undefined,
  );
  const [a, b, c] = flags;
  if (flags.length !== 3 || a === undefined || b === undefined || c === undefined)
    failAt(source, line, 'pbc is not three of T and F. Write for example pbc="T T F".');
  return [a, b, c];
}

function closeFrame(frame: OpenFrame, source: string): Structure {
  const arrays = emptyRecord<AtomArray>();
  for (const collector of frame.collectors) arrays[collector.property.name] = collector.finish();
  const positions = (arrays['pos'] as AtomArray).values as Float64Array;
  const bad = positions.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    failAt(
      source,
      frame.firstAtomLine + Math.floor(bad / 3),
      `a position is not a finite number. Correct or remove the atom.`,
    );
  }
  delete arrays['pos'];
  const { species, Z } = arrays;
  const numbers = new Int32Array(frame.atoms);
  if (isNumberColumn(Z)) {
    Z.values.forEach((value, atom) => {
      if (value < 0 || value > 118)
        failAt(source, frame.firstAtomLine + atom, `atomic number ${value} does not exist. Use 1 to 118.`);
      numbers[atom] = value;
    });
    delete arrays['Z'];
    // Labels beside atomic numbers are kept only where they say more than the number does.
    if (
      species !== undefined &&
      (species.values as readonly string[]).every((label, atom) => elementNumber(label) === numbers[atom])
    )
      delete arrays['species'];
  } else {
    (species?.values as readonly string[]).forEach((label, atom) => {
      numbers[atom] = requireElement(label, source, frame.firstAtomLine + atom);
    });
    delete arrays['species'];
  }
  return { numbers, positions, cell: frame.cell, pbc: frame.pbc, info: frame.info, arrays };
}

function isNumberColumn(array: AtomArray | undefined): array is AtomArray & { values: Float64Array } {
  return array !== undefined && array.kind === 'integer' && array.columns === 1;
}

function frameText(structure: Structure): string {
  const { numbers, positions, cell, pbc, info } = structure;
  const labels = structure.arrays['species'];
  const arrays = Object.entries(structure.arrays).filter(([name]) => name !== 'species' || labels === undefined);
  const properties: ColumnProperty[] = [...plainProperties];
  if (labels !== undefined) properties.push({ name: 'Z', type: 'I', columns: 1 });
  for (const [name, array] of arrays) properties.push(checkedProperty(name, array, numbers.length));
  const pairs: string[] = [];
  if (cell !== null) pairs.push(`Lattice="${Array.from(cell, realText).join(' ')}"`);
  const names = propertiesText(properties);
  pairs.push(/[\s"'{}[\]=\\]/.test(names) ? `Properties="${names.replace(/[\\"]/g, '\\$&')}"` : `Properties=${names}`);
  for (const [key, value] of Object.entries(info)) {
    if (reserved.has(key))
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

function checkedProperty(name: string, array: AtomArray, atoms: number): ColumnProperty {
  if (name === '' || /[:\r\n]/.test(name) || name === 'pos' || name === 'Z') {
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

/** Used by the format table: does this text start like an XYZ frame? */
export function looksLikeXyz(head: string): boolean {
  const lines = splitLines(head);
  const first = lines.findIndex((line) => line.trim() !== '');
  return (
    first >= 0 &&
    parseInteger((lines[first] ?? '').trim()) !== undefined &&
    (lines.length < first + 3 || tokens(lines[first + 2] ?? '').length >= 4)
  );
}
