/**
 * What VASP writes after the positions: velocities of the lattice, velocities of the atoms and data of its predictor-corrector
 * in a CONTCAR, a grid in a CHGCAR. Velocities are read, the rest is only recognised; lines that are none of it are an error.
 */
import { failAt, finiteReal, parseInteger, parseReal, quoted } from './text.js';
import { threeNumbers, wordsOf } from './vasp-rows.js';

/** Lines of "Lattice velocities and vectors": its title, a flag, three velocities, three vectors. */
const latticeLines = 8;

/** Reads what follows line `start`: velocities [atoms 3] in Å/fs, or undefined. Throws FormatError for lines that are not understood. */
export function readEnd(
  lines: readonly string[],
  start: number,
  atoms: number,
  source: string,
  warnings: string[],
): Float64Array | undefined {
  let last = lines.length;
  while (last > start && (lines[last - 1] ?? '').trim() === '') last--;
  const numbersIn = (at: number): number => {
    const words = at < last ? wordsOf(lines[at] ?? '') : [];
    return words.every((word) => parseReal(word) !== undefined) ? words.length : NaN;
  };
  const rows = (from: number, count: number, what: string): number[] => {
    if (from + count > last)
      failAt(source, last, `the file ends inside its ${what}. Copy the file again, or remove that block.`);
    return Array.from({ length: count }, (_, row) => {
      const { numbers, words } = threeNumbers(lines[from + row] ?? '', what, source, from + row + 1);
      if (words.length > 0)
        failAt(source, from + row + 1, `${quoted(words.join(' '))} follows the ${what}. Remove it.`);
      return numbers;
    }).flat();
  };
  let at = start;
  if (/^\s*l/i.test(lines[at] ?? '')) {
    finiteReal(wordsOf(lines[at + 1] ?? '')[0], 'the flag of the lattice velocities', source, at + 2);
    rows(at + 2, latticeLines - 2, 'lattice velocities');
    at += latticeLines;
  }
  if (at >= last) return undefined;
  let velocities: Float64Array | undefined;
  const mode = (lines[at] ?? '').trim();
  const isMode = mode === '' || /^(?:c|d|k)(?:art|irect|$)/i.test(mode);
  if (mode === '' && isGrid(lines, at + 1, numbersIn)) {
    warnings.push(`line ${at + 2}: the grid of a CHGCAR, LOCPOT or the like is ignored`);
    return undefined;
  }
  if (isMode && numbersIn(at + 1) === 3) {
    if (/^d/i.test(mode))
      failAt(
        source,
        at + 1,
        'velocities in direct coordinates need the time step of the run. Write them as Cartesian, or remove the block.',
      );
    velocities = Float64Array.from(rows(at + 1, atoms, 'velocities'));
    at += 1 + atoms;
  }
  while (at < last && (lines[at] ?? '').trim() === '') at++;
  if (isMode && isPredictor(lines, at, numbersIn)) {
    rows(at + 3, 3 * atoms, 'predictor-corrector data');
    at += 3 + 3 * atoms;
  }
  if (at < last) {
    failAt(
      source,
      at + 1,
      `${quoted((lines[at] ?? '').trim())} is left over after ${atoms} atoms${velocities === undefined ? '' : ' and their velocities'}. Correct the numbers of atoms, or remove the rest.`,
    );
  }
  return velocities;
}

/** Three numbers of points, then the values in rows of five or ten. */
function isGrid(lines: readonly string[], at: number, numbersIn: (at: number) => number): boolean {
  return /^(?:\s*[1-9]\d*){3}\s*$/.test(lines[at] ?? '') && numbersIn(at + 1) >= 5;
}

/** A flag, the time step, four numbers of the thermostat, then three blocks of a row an atom. */
function isPredictor(lines: readonly string[], at: number, numbersIn: (at: number) => number): boolean {
  return (
    numbersIn(at) === 1 &&
    parseInteger((lines[at] ?? '').trim()) !== undefined &&
    numbersIn(at + 1) === 1 &&
    numbersIn(at + 2) >= 1
  );
}
