/**
 * VASP's POSCAR and CONTCAR (version 5, and version 4 with the elements in the comment), and XDATCAR trajectories.
 *
 * Selective dynamics become the array `move_mask` (true = may move, along the lattice vectors), the name that ASE uses in extended XYZ.
 * Velocities become the array `velocities` in Å/fs. Periodic in all directions.
 */
import { FormatError } from '@mace/core';
import type { AtomArray, InfoValue, Structure } from '@mace/core/structure';
import { chemicalSymbol, signedVolume } from '@mace/core/structure';
import { inverseCell, timesMatrix } from './cell-parameters.js';
import { elementNumber, requireElement } from './element-label.js';
import {
  emptyRecord,
  failAt,
  finiteReal,
  parseInteger,
  parseReal,
  quoted,
  realText,
  splitLines,
  tokens,
} from './text.js';

interface Header {
  readonly comment: string;
  readonly scale: readonly [number, number, number];
  readonly cell: Float64Array;
  readonly counts: readonly number[];
  /** Atomic number and number of atoms of each group. */
  readonly groups: readonly { number: number; count: number }[];
  readonly atoms: number;
  readonly next: number;
}

/** Reads one POSCAR or CONTCAR. Throws FormatError with the line. */
export function readPoscar(text: string, source = 'POSCAR text'): Structure[] {
  const lines = splitLines(text);
  const header = readHeader(lines, 0, source);
  let at = header.next;
  const isSelective = /^\s*s/i.test(lines[at] ?? '');
  if (isSelective) at++;
  const mode = (lines[at] ?? '').trim();
  // VASP: C, c, K and k mean Cartesian, anything else that is a word means direct.
  if (!/^[A-Za-z]/.test(mode))
    failAt(source, at + 1, `expected Direct or Cartesian, got ${quoted(mode)}. Add that line before the positions.`);
  const isCartesian = /^[ck]/i.test(mode);
  at++;
  const positions: number[] = [];
  const moves: boolean[] = [];
  for (let atom = 0; atom < header.atoms; atom++, at++) {
    const words = atomWords(lines, at, header.atoms, atom, source);
    positions.push(...place(words, header, isCartesian, source, at + 1));
    if (isSelective) moves.push(...flags(words, source, at + 1));
  }
  const arrays = emptyRecord<AtomArray>();
  if (isSelective) arrays['move_mask'] = { columns: 3, kind: 'logical', values: moves };
  const velocities = readVelocities(lines, at, header, source);
  if (velocities !== undefined) arrays['velocities'] = { columns: 3, kind: 'real', values: velocities };
  return [structureOf(header, positions, arrays)];
}

/** Reads all frames of an XDATCAR, with a fixed or a changing cell. Throws FormatError with the line. */
export function readXdatcar(text: string, source = 'XDATCAR text'): Structure[] {
  const lines = splitLines(text);
  let header = readHeader(lines, 0, source);
  let at = header.next;
  const structures: Structure[] = [];
  while (at < lines.length) {
    if ((lines[at] ?? '').trim() === '') {
      at++;
      continue;
    }
    if (!isFrameLine(lines[at] ?? '')) {
      header = readHeader(lines, at, source);
      at = header.next;
      if (!isFrameLine(lines[at] ?? ''))
        failAt(
          source,
          at + 1,
          `expected "Direct configuration=", got ${quoted(lines[at] ?? '')}. The file is cut off, or not an XDATCAR.`,
        );
    }
    const isCartesian = /^\s*[ck]/i.test(lines[at] ?? '');
    at++;
    const positions: number[] = [];
    for (let atom = 0; atom < header.atoms; atom++, at++) {
      positions.push(...place(atomWords(lines, at, header.atoms, atom, source), header, isCartesian, source, at + 1));
    }
    structures.push(structureOf(header, positions, emptyRecord()));
  }
  if (structures.length === 0) throw new FormatError(`${source}: the XDATCAR has no frame. Copy the file again.`);
  return structures;
}

/** Writes one structure as POSCAR (VASP 5, Cartesian, same bits). Throws FormatError without a cell or for several structures. */
export function writePoscar(structures: readonly Structure[]): string {
  const [structure] = structures;
  if (structure === undefined || structures.length !== 1) {
    throw new FormatError(
      `POSCAR: the format holds one structure, got ${structures.length}. Write one file each, or extended XYZ.`,
    );
  }
  const { cell, numbers, positions, info } = structure;
  if (cell === null) throw new FormatError('POSCAR: the structure has no cell. Give it one, or write extended XYZ.');
  inverseCell(cell, 'POSCAR');
  const groups: { number: number; count: number }[] = [];
  for (const number of numbers) {
    const last = groups[groups.length - 1];
    if (last !== undefined && last.number === number) last.count++;
    else groups.push({ number, count: 1 });
  }
  const symbols = groups.map(({ number }) => chemicalSymbol(number));
  const comment =
    typeof info['comment'] === 'string' && !/[\r\n]/.test(info['comment'])
      ? info['comment']
      : [...new Set(symbols)].join(' ');
  const triple = (values: ArrayLike<number>, at: number): string =>
    [0, 1, 2].map((axis) => realText(values[at + axis] ?? 0)).join(' ');
  const mask = threeColumns(structure, 'move_mask', 'logical');
  const velocities = threeColumns(structure, 'velocities', 'real');
  const lines = [
    comment,
    '1.0',
    triple(cell, 0),
    triple(cell, 3),
    triple(cell, 6),
    symbols.join(' '),
    groups.map(({ count }) => count).join(' '),
  ];
  if (mask !== undefined) lines.push('Selective dynamics');
  lines.push('Cartesian');
  numbers.forEach((_, atom) => {
    const moves =
      mask === undefined
        ? ''
        : ` ${[0, 1, 2].map((axis) => (mask.values[3 * atom + axis] === true ? 'T' : 'F')).join(' ')}`;
    lines.push(triple(positions, 3 * atom) + moves);
  });
  if (velocities !== undefined) {
    lines.push('Cartesian');
    numbers.forEach((_, atom) => lines.push(triple(velocities.values as Float64Array, 3 * atom)));
  }
  return `${lines.join('\n')}\n`;
}

/** Used by the format table: does this text have the header of a POSCAR? */
export function looksLikePoscar(head: string): boolean {
  const lines = splitLines(head);
  const threeNumbers = (line: string): boolean => {
    const words = tokens(line);
    return words.length >= 3 && words.slice(0, 3).every((word) => parseReal(word) !== undefined);
  };
  const scale = tokens(lines[1] ?? '');
  return (
    scale.length > 0 &&
    parseReal(scale[0] ?? '') !== undefined &&
    lines.length > 6 &&
    [2, 3, 4].every((index) => threeNumbers(lines[index] ?? ''))
  );
}

function isFrameLine(line: string): boolean {
  return /^\s*(?:direct|cartesian)/i.test(line);
}

function threeColumns(structure: Structure, name: string, kind: AtomArray['kind']): AtomArray | undefined {
  const array = structure.arrays[name];
  return array?.columns === 3 && array.kind === kind ? array : undefined;
}

function readHeader(lines: readonly string[], start: number, source: string): Header {
  const words = (offset: number): string[] => tokens(lines[start + offset] ?? '');
  const number = (word: string | undefined, what: string, offset: number): number =>
    finiteReal(word, what, source, start + offset + 1);
  if (lines.length < start + 7)
    failAt(
      source,
      lines.length,
      'the file ends inside the header. A POSCAR has a comment, a scale, three lattice vectors, elements and numbers of atoms: copy it again.',
    );
  const given = words(1).filter((word) => parseReal(word) !== undefined);
  if (given.length !== 1 && given.length < 3)
    failAt(source, start + 2, `expected one or three scale factors, got ${quoted(lines[start + 1] ?? '')}. Write 1.0.`);
  const raw = [0, 1, 2].flatMap((row) =>
    [0, 1, 2].map((axis) =>
      number(words(2 + row)[axis], `component ${axis + 1} of lattice vector ${row + 1}`, 2 + row),
    ),
  );
  const volume = Math.abs(signedVolume(raw));
  if (!(volume > 1e-12)) failAt(source, start + 3, 'the lattice vectors lie in one plane. Correct them.');
  const factors = given.slice(0, 3).map((word) => number(word, 'the scale', 1));
  const [first = 1] = factors;
  const one = factors.length === 1 ? (first < 0 ? Math.cbrt(-first / volume) : first) : undefined;
  const scale: [number, number, number] =
    one === undefined ? [first, factors[1] ?? 1, factors[2] ?? 1] : [one, one, one];
  if (scale.some((factor) => !(factor > 0)))
    failAt(source, start + 2, 'the scale is zero or not positive. Write 1.0, or minus the volume in Å³.');
  const cell = Float64Array.from(raw, (value, index) => value * (scale[index % 3] ?? 1));
  const isFour = parseInteger(words(5)[0] ?? '') !== undefined;
  const countLine = isFour ? 5 : 6;
  const counts: number[] = [];
  for (const word of words(countLine)) {
    if (/^[!#]/.test(word)) break;
    const count = parseInteger(word.split('!')[0] ?? '');
    if (count === undefined || count < 0)
      failAt(
        source,
        start + countLine + 1,
        `expected numbers of atoms, got ${quoted(word)}. Write one whole number per element.`,
      );
    counts.push(count);
    if (word.includes('!')) break;
  }
  if (counts.length === 0)
    failAt(
      source,
      start + countLine + 1,
      'the line with the numbers of atoms is empty. Write one whole number per element.',
    );
  const comment = (lines[start] ?? '').trim();
  const numbers = isFour
    ? commentElements(comment, counts.length, source, start + 1)
    : groupElements(words(5), counts.length, source, start + 6);
  const atoms = counts.reduce((sum, count) => sum + count, 0);
  const groups = counts.map((count, index) => ({ number: numbers[index] ?? 0, count }));
  return { comment, scale, cell, counts, groups, atoms, next: start + countLine + 1 };
}

function groupElements(words: readonly string[], groups: number, source: string, line: number): number[] {
  const labels = words.filter((word, index) => !words.slice(0, index + 1).some((earlier) => /^[!#]/.test(earlier)));
  if (labels.length !== groups)
    failAt(
      source,
      line,
      `${labels.length} elements stand above ${groups} numbers of atoms. Write one number for each element.`,
    );
  // POTCAR names such as Si_pv or O/4a5b6c end at the mark.
  return labels.map((label) => requireElement(label.split(/[_/.]/)[0] ?? '', source, line));
}

/** VASP 4 has no line of elements; by custom the comment lists them. */
function commentElements(comment: string, groups: number, source: string, line: number): number[] {
  const found = tokens(comment).map((word) => elementNumber(word.replace(/[_/\d].*$/, '')));
  const first = found.slice(0, groups);
  if (first.length < groups || first.some((number) => number === undefined || number === 0)) {
    failAt(
      source,
      line,
      `this VASP 4 file has no line of elements, and its comment ${quoted(comment)} does not start with ${groups} chemical symbols. Add the line of elements above the numbers of atoms.`,
    );
  }
  return first as number[];
}

function atomWords(lines: readonly string[], at: number, atoms: number, atom: number, source: string): string[] {
  const line = lines[at];
  if (line === undefined || line.trim() === '') {
    failAt(
      source,
      Math.min(at + 1, lines.length),
      `the positions end after ${atom} of ${atoms} atoms. Correct the numbers of atoms, or copy the file again.`,
    );
  }
  return tokens(line);
}

function place(
  words: readonly string[],
  header: Header,
  isCartesian: boolean,
  source: string,
  line: number,
): [number, number, number] {
  const [x = 0, y = 0, z = 0] = [0, 1, 2].map((axis) =>
    finiteReal(words[axis], `the ${'xyz'.charAt(axis)} coordinate of an atom`, source, line),
  );
  return isCartesian
    ? [x * header.scale[0], y * header.scale[1], z * header.scale[2]]
    : timesMatrix(x, y, z, header.cell);
}

function flags(words: readonly string[], source: string, line: number): boolean[] {
  return [3, 4, 5].map((column) => {
    const word = words[column] ?? '';
    const letter = /^\.?([TtFf])/.exec(word)?.[1]?.toUpperCase();
    if (letter === undefined)
      failAt(
        source,
        line,
        `selective dynamics expects three of T and F after the position, got ${quoted(word)}. Add them, or remove the line "Selective dynamics".`,
      );
    return letter === 'T';
  });
}

/** Velocities follow after an empty line or a mode line; anything else there (predictor-corrector data) is not read. */
function readVelocities(
  lines: readonly string[],
  start: number,
  header: Header,
  source: string,
): Float64Array | undefined {
  let at = start;
  if (/^\s*l/i.test(lines[at] ?? '')) at += 8;
  const mode = (lines[at] ?? '').trim();
  if (at >= lines.length || (mode !== '' && !/^[ckd]/i.test(mode))) return undefined;
  const first = tokens(lines[at + 1] ?? '');
  if (first.length !== 3 || first.some((word) => parseReal(word) === undefined)) return undefined;
  if (/^d/i.test(mode))
    failAt(
      source,
      at + 1,
      'velocities in direct coordinates need the time step of the run. Write them as Cartesian, or remove the block.',
    );
  const values: number[] = [];
  for (let atom = 0; atom < header.atoms; atom++) {
    const words = atomWords(lines, at + 1 + atom, header.atoms, atom, source);
    for (let axis = 0; axis < 3; axis++) values.push(finiteReal(words[axis], 'a velocity', source, at + 2 + atom));
  }
  return Float64Array.from(values);
}

function structureOf(header: Header, positions: readonly number[], arrays: Record<string, AtomArray>): Structure {
  const numbers = new Int32Array(header.atoms);
  let at = 0;
  for (const { number, count } of header.groups) {
    numbers.fill(number, at, at + count);
    at += count;
  }
  const info = emptyRecord<InfoValue>();
  if (header.comment !== '') info['comment'] = header.comment;
  return {
    numbers,
    positions: Float64Array.from(positions),
    cell: header.cell.slice(),
    pbc: [true, true, true],
    info,
    arrays,
  };
}
