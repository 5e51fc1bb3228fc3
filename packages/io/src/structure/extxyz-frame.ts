/**
 * One frame of (extended) XYZ: what its comment line opens, and the structure that its rows make.
 *
 * A frame without `Properties` is plain XYZ: element and position, further columns are named in a warning. A frame with
 * `Lattice` but without `pbc` is periodic in all directions, as in ASE; with `VEC1` to `VEC3`, in theirs.
 */
import { isMaceError } from '@mace/core';
import type { AtomArray, InfoValue, Structure } from '@mace/core/structure';
import { elementNumber } from './element-label.js';
import { checkLabels, checkTypes, elementsOfLabels, isNumbersName } from './extxyz-elements.js';
import { hasAssignments, parseComment } from './extxyz-comment.js';
import { ColumnCollector, parseProperties, plainProperties } from './extxyz-columns.js';
import { reservedKeys, settleKeys, warnOfLookalikes, warnOfText } from './extxyz-keys.js';
import { emptyRecord, failAt } from './text.js';

export interface OpenFrame {
  /** Rows that the frame announces. */
  readonly rows: number;
  readonly headerLine: number;
  /** The frame says nothing about its columns. */
  readonly isPlain: boolean;
  readonly comment: string;
  readonly info: Record<string, InfoValue>;
  readonly cell: Float64Array | null;
  readonly pbc: [boolean, boolean, boolean] | undefined;
  readonly columns: readonly { collector: ColumnCollector; column: number }[];
  readonly collectors: readonly ColumnCollector[];
  readonly firstAtomLine: number;
  readonly warnings: string[];
  /** Lattice vectors from `VEC` rows, Å. */
  readonly vectors: number[][];
  /** Atoms that were read. */
  atoms: number;
  /** Columns of the first atom in the file. */
  width: number;
}

/** Opens a frame of so many rows with its comment line. Throws FormatError for keys of the format that cannot be read. */
export function openFrame(
  comment: string,
  count: { rows: number; line: number },
  source: string,
  line: number,
): OpenFrame {
  const warnings: string[] = [];
  const info = readComment(comment, source, line, warnings);
  const cell = latticeOf(info['Lattice'], source, line);
  const pbc = periodicOf(info['pbc'], source, line);
  const text = info['Properties'];
  if (text !== undefined && typeof text !== 'string')
    failAt(source, line, 'Properties is not text. Write for example Properties=species:S:1:pos:R:3.');
  const properties = text === undefined ? plainProperties : parseProperties(text, source, line, warnings);
  for (const key of reservedKeys) delete info[key];
  const collectors = properties.map((property) => new ColumnCollector(property));
  const columns = collectors.flatMap((collector) =>
    Array.from({ length: collector.property.columns }, (_, column) => ({ collector, column })),
  );
  return {
    rows: count.rows,
    headerLine: count.line,
    isPlain: text === undefined,
    comment,
    info,
    cell,
    pbc,
    columns,
    collectors,
    firstAtomLine: line + 1,
    warnings,
    vectors: [],
    atoms: 0,
    width: 0,
  };
}

/** The structure of a frame whose rows have all been read. Throws FormatError with the line. */
export function closeFrame(frame: OpenFrame, source: string): Structure {
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
  const others = arrays['positions']?.values;
  const apart = others === undefined ? -1 : positions.findIndex((value, at) => value !== others[at]);
  if (apart >= 0)
    failAt(
      source,
      frame.firstAtomLine + Math.floor(apart / 3),
      'the columns pos and positions are two places, and other readers take the second. Remove one of them.',
    );
  delete arrays['pos'];
  delete arrays['positions'];
  const warnings = [...frame.warnings];
  const numbers = takeElements(arrays, frame, source, warnings);
  const extra = frame.width - frame.columns.length;
  if (extra > 0)
    warnings.push(
      `${extra === 1 ? `column ${frame.width} of the atoms is` : `columns ${frame.columns.length + 1} to ${frame.width} of the atoms are`} ignored: the file does not say what they are (Properties=species:S:1:pos:R:3:NAME:R:${extra} would)`,
    );
  const vectors = frame.vectors.flat();
  const cell = vectors.length === 0 ? frame.cell : Float64Array.from({ length: 9 }, (_, at) => vectors[at] ?? 0);
  const given = [0, 1, 2].map((axis) => (vectors.length === 0 ? cell !== null : axis < frame.vectors.length));
  const pbc = frame.pbc ?? (given as [boolean, boolean, boolean]);
  return { numbers, positions, cell, pbc, info: frame.info, arrays, ...(warnings.length > 0 && { warnings }) };
}

function readComment(comment: string, source: string, line: number, warnings: string[]): Record<string, InfoValue> {
  const free = (): Record<string, InfoValue> => {
    const info = emptyRecord<InfoValue>();
    if (comment.trim() !== '') info['comment'] = comment.trim();
    warnOfText(comment, line, warnings);
    return info;
  };
  if (!hasAssignments(comment)) return free();
  try {
    const parsed = parseComment(comment, `${source} line ${line}`);
    settleKeys(parsed, source, line, warnings);
    warnOfLookalikes(parsed.info, line, warnings);
    return parsed.info;
  } catch (error) {
    // Free text may well hold an apostrophe and a `=`; only a comment that describes the frame must parse.
    if (!isMaceError(error) || /(?:^|\s)["']?(?:lattice|properties|pbc)["']?\s*=/i.test(comment)) throw error;
    warnings.push(
      `line ${line}: the comment is kept as text, its keys are not read: ${error.message.replace(/^.*? line \d+: /, '')}`,
    );
    return free();
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
  source: string,
  line: number,
): [boolean, boolean, boolean] | undefined {
  if (value === undefined) return undefined;
  const given = typeof value === 'object' ? value.values : [value, value, value];
  const flags = given.map((flag) =>
    flag === true || flag === 1 ? true : flag === false || flag === 0 ? false : undefined,
  );
  const [a, b, c] = flags;
  if (flags.length !== 3 || a === undefined || b === undefined || c === undefined)
    failAt(source, line, 'pbc is not three of T and F. Write for example pbc="T T F".');
  return [a, b, c];
}

/** Elements of the columns `Z` or `species`, which are taken out of `arrays` unless labels say more than the element. */
function takeElements(
  arrays: Record<string, AtomArray>,
  frame: OpenFrame,
  source: string,
  warnings: string[],
): Int32Array {
  const { species, Z } = arrays;
  const labels = species?.values as readonly string[] | undefined;
  let numbers: Int32Array;
  if (isNumberColumn(Z)) {
    numbers = Int32Array.from(Z.values);
    Z.values.forEach((value, atom) => {
      if (value < 0 || value > 118)
        failAt(source, frame.firstAtomLine + atom, `atomic number ${value} does not exist. Use 1 to 118.`);
    });
    delete arrays['Z'];
    if (labels !== undefined) checkLabels(labels, numbers, source, frame.firstAtomLine);
  } else {
    const isCounted = frame.width > frame.columns.length && frame.atoms > 2;
    if (isCounted && labels?.every((label, atom) => label === String(atom + 1)))
      failAt(
        source,
        frame.firstAtomLine,
        'the first column counts the atoms, where an element is expected. Remove that column.',
      );
    checkTypes(labels ?? [], frame.comment, source, frame.firstAtomLine, warnings);
    numbers = elementsOfLabels(labels ?? [], source, frame.firstAtomLine, warnings);
    for (const [name, array] of Object.entries(arrays)) {
      if (isNumbersName(name) && isNumberColumn(array))
        checkLabels(labels ?? [], array.values, source, frame.firstAtomLine);
      if (/^(?:element|symbol)s?$/i.test(name) && array.kind === 'text')
        checkLabels(array.values as readonly string[], numbers, source, frame.firstAtomLine);
    }
    delete arrays['symbols'];
  }
  if (labels?.every((label, atom) => elementNumber(label) === numbers[atom])) delete arrays['species'];
  return numbers;
}

function isNumberColumn(array: AtomArray | undefined): array is AtomArray & { values: Float64Array } {
  return array !== undefined && array.kind === 'integer' && array.columns === 1;
}
