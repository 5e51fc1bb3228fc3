/**
 * VASP's POSCAR and CONTCAR, of version 5 and of version 4 with the elements on the atom lines or in the comment.
 *
 * Selective dynamics become the array `move_mask` (true = may move, along the lattice vectors), the name that ASE uses in extended XYZ.
 * Velocities become the array `velocities` in Å/fs. Periodic in all directions. Writing: `poscar-write.ts`.
 */
import type { AtomArray, InfoValue, Structure } from '@mace/core/structure';
import { timesMatrix } from './cell-parameters.js';
import { elementsOf, type LabelRow } from './poscar-elements.js';
import { readEnd } from './poscar-end.js';
import { readHeader, type PoscarHeader } from './poscar-header.js';
import { emptyRecord, failAt, parseReal, quoted, splitLines, tokens } from './text.js';
import { threeNumbers } from './vasp-rows.js';

/** Reads one POSCAR or CONTCAR. Throws FormatError with the line. */
export function readPoscar(text: string, source = 'POSCAR text'): Structure[] {
  const lines = splitLines(text);
  const warnings: string[] = [];
  const header = readHeader(lines, 0, source, warnings);
  let at = header.next;
  const isSelective = /^\s*s/i.test(lines[at] ?? '');
  if (isSelective) at++;
  const isCartesian = readMode(lines[at] ?? '', at, source, warnings);
  const { positions, rows, next } = readPositions(lines, at + 1, header, isCartesian, source);
  const arrays = emptyRecord<AtomArray>();
  if (isSelective) {
    const values = rows.flatMap((row) => flags(row, source));
    arrays['move_mask'] = { columns: 3, kind: 'logical', values };
  } else if (rows.some(hasFlags)) {
    warnings.push('T and F after positions are ignored: the line "Selective dynamics" is missing');
  }
  const labels = rows.map((row) => (isSelective || hasFlags(row) ? { ...row, words: row.words.slice(3) } : row));
  const numbers = elementsOf(header, labels, source, warnings);
  const velocities = readEnd(lines, next, header.atoms, source, warnings);
  if (velocities !== undefined) arrays['velocities'] = { columns: 3, kind: 'real', values: velocities };
  return [periodicStructure(header, numbers, positions, arrays, warnings)];
}

/** Reads the positions of all atoms, Å, and what else stands on their lines. Throws FormatError when there are fewer. */
export function readPositions(
  lines: readonly string[],
  start: number,
  header: PoscarHeader,
  isCartesian: boolean,
  source: string,
): { positions: number[]; rows: LabelRow[]; next: number } {
  const { atoms, cell, scale } = header;
  const positions: number[] = [];
  const rows: LabelRow[] = [];
  for (let at = start; at < start + atoms; at++) {
    const line = lines[at];
    if (line === undefined || line.trim() === '')
      failAt(
        source,
        Math.min(at + 1, lines.length),
        `the positions end after ${at - start} of ${atoms} atoms. Correct the numbers of atoms, or copy the file again.`,
      );
    const { numbers, words } = threeNumbers(line, 'coordinate of an atom', source, at + 1);
    const [x, y, z] = numbers;
    positions.push(...(isCartesian ? [x * scale[0], y * scale[1], z * scale[2]] : timesMatrix(x, y, z, cell)));
    rows.push({ words, at });
  }
  return { positions, rows, next: start + atoms };
}

/** A structure that is periodic in all directions. */
export function periodicStructure(
  header: PoscarHeader,
  numbers: Int32Array,
  positions: readonly number[],
  arrays: Record<string, AtomArray>,
  warnings: readonly string[],
): Structure {
  const info = emptyRecord<InfoValue>();
  if (header.comment !== '') info['comment'] = header.comment;
  return {
    numbers,
    positions: Float64Array.from(positions),
    cell: header.cell.slice(),
    pbc: [true, true, true],
    info,
    arrays,
    ...(warnings.length > 0 && { warnings }),
  };
}

/** Used by the format table: does this text have the header of a POSCAR? */
export function looksLikePoscar(head: string): boolean {
  const lines = splitLines(head);
  const hasNumbers = (line: string, count: number): boolean => {
    const words = tokens(line).slice(0, count);
    return words.length === count && words.every((word) => parseReal(word) !== undefined);
  };
  return (
    lines.length > 6 && hasNumbers(lines[1] ?? '', 1) && [2, 3, 4].every((index) => hasNumbers(lines[index] ?? '', 3))
  );
}

/** True for Cartesian. For VASP only the first letter counts, and every letter but C and K means direct. */
function readMode(line: string, at: number, source: string, warnings: string[]): boolean {
  const mode = line.trim();
  if (!/^[A-Za-z]/.test(mode))
    failAt(source, at + 1, `expected Direct or Cartesian, got ${quoted(mode)}. Add that line before the positions.`);
  if (!/^(?:d|direct|frac|fractional|c|cart|cartesian|k|kartesisch)\b/i.test(mode))
    warnings.push(
      `line ${at + 1}: ${quoted(mode)} is taken for ${/^[ck]/i.test(mode) ? 'Cartesian' : 'Direct'}, by its first letter, as VASP does`,
    );
  return /^[ck]/i.test(mode);
}

function hasFlags({ words }: LabelRow): boolean {
  return words.length >= 3 && words.slice(0, 3).every((word) => flag(word) !== undefined);
}

function flags({ words, at }: LabelRow, source: string): boolean[] {
  return [0, 1, 2].map((column) => {
    const word = words[column] ?? '';
    const value = flag(word);
    if (value === undefined)
      failAt(
        source,
        at + 1,
        `selective dynamics expects three of T and F after the position, got ${quoted(word)}. Add them, or remove the line "Selective dynamics".`,
      );
    return value;
  });
}

function flag(word: string): boolean | undefined {
  const letter = /^(?:\.?([tf])\.?|\.?(t)rue\.?|\.?(f)alse\.?)$/i.exec(word)?.slice(1).find(Boolean);
  return letter === undefined ? undefined : letter.toUpperCase() === 'T';
}
