/**
 * VASP's XDATCAR trajectories: a header as in POSCAR, once or before every frame, and frames that begin with a line
 * "Direct configuration=" (VASP 5 and 6), "Konfig=" or an empty one (older). Periodic in all directions.
 */
import { FormatError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { elementsOf } from './poscar-elements.js';
import { readHeader } from './poscar-header.js';
import { periodicStructure, readPositions } from './poscar.js';
import { emptyRecord, failAt, parseInteger, parseReal, quoted, splitLines, tokens } from './text.js';
import { wordsOf } from './vasp-rows.js';

/** Reads all frames of an XDATCAR, with a fixed or a changing cell. Throws FormatError with the line. */
export function readXdatcar(text: string, source = 'XDATCAR text'): Structure[] {
  const lines = splitLines(text);
  let last = lines.length;
  while (last > 0 && (lines[last - 1] ?? '').trim() === '') last--;
  if (isVersionFour(lines))
    failAt(
      source,
      1,
      'this XDATCAR of VASP 4 holds neither elements nor lattice vectors. Add the first seven lines of a POSCAR of the run (comment, scale, lattice, elements, numbers of atoms) in place of its first five.',
    );
  let headerWarnings: string[] = [];
  let header = readHeader(lines, 0, source, headerWarnings);
  let at = header.next;
  const structures: Structure[] = [];
  while (at < last) {
    const line = lines[at] ?? '';
    if (!isFrameLine(line)) {
      if (structures.length > 0 && isRow(line))
        failAt(
          source,
          at + 1,
          `a row follows the ${header.atoms} atoms of frame ${structures.length}. Correct the numbers of atoms, or copy the file again.`,
        );
      if (structures.length > 0) {
        headerWarnings = [];
        header = readHeader(lines, at, source, headerWarnings);
        at = header.next;
      }
      if (!isFrameLine(lines[at] ?? ''))
        failAt(
          source,
          at + 1,
          `expected "Direct configuration=", got ${quoted(lines[at] ?? '')}. The file is cut off, or not an XDATCAR.`,
        );
    }
    // A frame that says what it is may have an empty line before it.
    if ((lines[at] ?? '').trim() === '' && !isRow(lines[at + 1] ?? '')) {
      at++;
      continue;
    }
    const isCartesian = /^\s*c/i.test(lines[at] ?? '');
    const { positions, rows, next } = readPositions(lines, at + 1, header, isCartesian, source);
    const warnings = [...headerWarnings];
    const numbers = elementsOf(header, rows, source, warnings);
    structures.push(periodicStructure(header, numbers, positions, emptyRecord(), warnings));
    at = next;
  }
  if (structures.length === 0) throw new FormatError(`${source}: the XDATCAR has no frame. Copy the file again.`);
  return structures;
}

function isFrameLine(line: string): boolean {
  return line.trim() === '' || /^\s*(?:direct|cartesian|konfig)/i.test(line);
}

function isRow(line: string): boolean {
  const words = wordsOf(line).slice(0, 3);
  return words.length > 0 && words.every((word) => /^[-+.\d]/.test(word));
}

/** Numbers of atoms and steps, five lengths and a time, a temperature, `CAR`. */
function isVersionFour(lines: readonly string[]): boolean {
  const first = tokens(lines[0] ?? '');
  return (
    first.length >= 2 &&
    first.every((word) => parseInteger(word) !== undefined) &&
    tokens(lines[1] ?? '').every((word) => parseReal(word) !== undefined) &&
    /^\s*CAR\s*$/.test(lines[3] ?? '')
  );
}
