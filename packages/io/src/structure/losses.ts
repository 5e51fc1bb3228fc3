/**
 * What a format does not keep of a structure, found by writing and reading it back: no table of abilities can be out of date.
 */
import { isMaceError } from '@mace/core';
import { cellInverse, signedVolume, type AtomArray, type InfoValue, type Structure } from '@mace/core/structure';
import { rightHanded, timesMatrix } from './cell-parameters.js';
import type { StructureFormat } from './formats.js';
import { quoted } from './text.js';

export interface Losses {
  /** What makes it another structure: atoms, places, cell, periodic directions. */
  readonly structure: readonly string[];
  /** Digits of positions and cell. */
  readonly digits: readonly string[];
  /** The cell, and all in it, is turned: a format of lengths and angles keeps no axes. Forces and the like are of the old ones. */
  readonly isTurned: boolean;
  /** Names of info values. */
  readonly keys: readonly string[];
  /** Names of per-atom arrays. */
  readonly columns: readonly string[];
}

/** Titles, which every format keeps in a place of its own or not at all. */
const titles: ReadonlySet<string> = new Set(['comment', 'name']);
/** Å; differences of positions and cell that are rounding. */
const rounding = 1e-6;

/** What is lost when a structure is written in a format. Throws FormatError where it cannot be written. */
export function lossesOf(structure: Structure, format: StructureFormat): Losses {
  const [again] = readBack(structure, format);
  if (again === undefined) return { structure: ['all atoms'], digits: [], isTurned: false, keys: [], columns: [] };
  return {
    ...structureLosses(structure, again),
    keys: Object.keys(structure.info).filter(
      (key) => !titles.has(key) && !isSameValue(structure.info[key], again.info[key]),
    ),
    columns: Object.keys(structure.arrays).filter((name) => !isSameArray(structure.arrays[name], again.arrays[name])),
  };
}

function readBack(structure: Structure, format: StructureFormat): Structure[] {
  if (format.isBinary) return format.read(format.write([structure]), format.name);
  return format.read(format.write?.([structure]) ?? '', format.name);
}

/** A structure without what makes a format refuse it: names, and values of text, that it has no way to write. */
export function writablePart(
  structure: Structure,
  format: StructureFormat,
): { structure: Structure; keys: readonly string[]; columns: readonly string[] } {
  const isWritten = (candidate: Structure): boolean => {
    try {
      format.write?.([candidate]);
      return true;
    } catch (error) {
      if (isMaceError(error)) return false;
      throw error;
    }
  };
  const bare = { ...structure, info: {}, arrays: {} };
  if (isWritten(structure) || !isWritten(bare)) return { structure, keys: [], columns: [] };
  const { info, arrays } = structure;
  const keys = Object.keys(info).filter((key) => !isWritten({ ...bare, info: { [key]: info[key] as InfoValue } }));
  const columns = Object.keys(arrays).filter(
    (name) => !isWritten({ ...bare, arrays: { [name]: arrays[name] as AtomArray } }),
  );
  return { structure: { ...structure, info: without(info, keys), arrays: without(arrays, columns) }, keys, columns };
}

/** A copy, with the symbol that tells whole numbers from reals. */
function without<T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  const copy = { ...record };
  for (const name of names) delete copy[name];
  return copy;
}

/** `the keys a, b and the column c`; nothing for neither. */
export function lossText({ keys, columns }: { keys: readonly string[]; columns: readonly string[] }): string {
  const shown = (name: string): string => (/^[^\s,]+$/.test(name) ? name : quoted(name));
  const listed = (what: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`the ${what}${names.length === 1 ? '' : 's'} ${names.map(shown).join(', ')}`];
  return [...listed('key', keys), ...listed('column', columns)].join(' and ');
}

function structureLosses(before: Structure, after: Structure): Pick<Losses, 'structure' | 'digits' | 'isTurned'> {
  const lost: string[] = [];
  const digits: string[] = [];
  let isTurned = false;
  if (before.numbers.join() !== after.numbers.join())
    return { structure: ['the atoms, or their order'], digits, isTurned };
  if (before.pbc.join() !== after.pbc.join())
    lost.push(`the periodic directions (${flags(before.pbc)} becomes ${flags(after.pbc)})`);
  if ((before.cell === null) !== (after.cell === null)) return { structure: [...lost, 'the cell'], digits, isTurned };
  // CIF and PDB keep lengths and angles: the cell may turn, so products of its vectors are compared, and places in the cell.
  if (before.cell !== null && after.cell !== null) {
    if (worst(products(before.cell), products(after.cell)) > rounding) digits.push('digits of the cell');
    else isTurned = worst([...before.cell], [...after.cell]) > rounding;
  }
  const apart = worst(placesIn(before, before.cell), placesIn(after, after.cell));
  if (apart > rounding) digits.push(`digits of the positions (up to ${apart.toPrecision(1)} Å)`);
  return { structure: lost, digits, isTurned };
}

/** Dot products of the lattice vectors over their largest length, Å [9]. */
function products(cell: Float64Array): number[] {
  const row = (at: number): number[] => [...cell.subarray(3 * at, 3 * at + 3)];
  const longest = Math.max(...[0, 1, 2].map((at) => Math.hypot(...row(at))));
  return [0, 1, 2].flatMap((a) =>
    [0, 1, 2].map((b) => row(a).reduce((sum, x, axis) => sum + x * (row(b)[axis] ?? 0), 0) / longest),
  );
}

/** Positions, or where there is a cell that fills space, fractions of its vectors (of the same hand) times their lengths, Å. */
function placesIn({ positions }: Structure, cell: Float64Array | null): number[] {
  if (cell === null || isFlat(cell)) return [...positions];
  const inverse = cellInverse(rightHanded(cell));
  const lengths = [0, 3, 6].map((at) => Math.hypot(...cell.subarray(at, at + 3)));
  return Array.from({ length: positions.length / 3 }, (_, atom) => {
    const [x = 0, y = 0, z = 0] = positions.subarray(3 * atom, 3 * atom + 3);
    return timesMatrix(x, y, z, inverse).map((fraction, axis) => fraction * (lengths[axis] ?? 0));
  }).flat();
}

/** A slab or a chain may have a cell of two vectors or one. */
function isFlat(cell: Float64Array): boolean {
  const lengths = [0, 3, 6].map((at) => Math.hypot(...cell.subarray(at, at + 3)));
  return !(Math.abs(signedVolume(cell)) > 1e-9 * lengths.reduce((product, length) => product * length, 1));
}

function worst(a: readonly number[], b: readonly number[]): number {
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] ?? NaN))), 0);
}

function flags(pbc: Structure['pbc']): string {
  return pbc.map((flag) => (flag ? 'T' : 'F')).join(' ');
}

function isSameValue(a: InfoValue | undefined, b: InfoValue | undefined): boolean {
  const plain = (value: InfoValue | undefined): unknown =>
    typeof value === 'object' ? [value.shape, value.values.map(String)] : String(value);
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

function isSameArray(a: AtomArray | undefined, b: AtomArray | undefined): boolean {
  return a !== undefined && b !== undefined && a.columns === b.columns && a.values.join() === b.values.join();
}
