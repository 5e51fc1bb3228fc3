/**
 * Ways to write a structure by hand, and small facts about one: formula, symbols, mass.
 *
 * `makeStructure` copies its arguments and fills in defaults; whether a model can compute the result is asked in `validate.ts`.
 */
import { StructureError } from '../errors.js';
import { atomicMasses, atomicNumber, chemicalSymbol } from './elements.js';
import type { AtomArray, InfoValue, Structure } from './structure.js';

/** What `makeStructure` takes; exactly one of `numbers` and `symbols`. */
export interface StructureInput {
  /** Atomic numbers [atoms]. */
  readonly numbers?: ArrayLike<number>;
  /** Chemical symbols [atoms]. */
  readonly symbols?: readonly string[];
  /** Å, [atoms 3]: flat and row-major, or one triple per atom. */
  readonly positions: ArrayLike<number> | readonly (readonly number[])[];
  /** Å, lattice vectors as rows: nine numbers, three rows, or three lengths of an orthorhombic cell. Default none. */
  readonly cell?: ArrayLike<number> | readonly (readonly number[])[] | null;
  /** Default: periodic in all directions with a cell, in none without. */
  readonly pbc?: boolean | readonly [boolean, boolean, boolean];
  readonly info?: Readonly<Record<string, InfoValue>>;
  readonly arrays?: Readonly<Record<string, AtomArray>>;
}

/**
 * Makes a structure from plain values.
 * @throws StructureError for an unknown symbol, or for arrays whose lengths do not fit together.
 */
export function makeStructure(input: StructureInput): Structure {
  if ((input.numbers === undefined) === (input.symbols === undefined)) {
    const found = input.numbers === undefined ? 'neither' : 'both';
    throw new StructureError(
      `Cannot make a structure. Expected either numbers or symbols, found ${found}. Give one of them.`,
    );
  }
  const numbers = Int32Array.from(input.numbers ?? input.symbols!.map(atomicNumber));
  const positions = flatten(input.positions);
  if (positions.length !== 3 * numbers.length) {
    throw new StructureError(
      `Cannot make a structure. Expected ${3 * numbers.length} coordinates for ${numbers.length} atoms, found ${positions.length}. ` +
        'Give x, y and z of every atom.',
    );
  }
  const cell = makeCell(input.cell ?? null);
  const pbc = input.pbc ?? cell !== null;
  return {
    numbers,
    positions,
    cell,
    pbc: typeof pbc === 'boolean' ? [pbc, pbc, pbc] : [pbc[0], pbc[1], pbc[2]],
    info: { ...input.info },
    arrays: { ...input.arrays },
  };
}

/** Chemical symbols of the atoms, in their order. @throws StructureError for a number that is no element. */
export function structureSymbols(structure: Structure): string[] {
  return Array.from(structure.numbers, chemicalSymbol);
}

/** Formula in Hill order: C, then H, then the rest by symbol; all by symbol without carbon. `C2H6O`, `NaCl`, empty for no atoms. */
export function chemicalFormula(structure: Structure): string {
  const counts = new Map<string, number>();
  for (const symbol of structureSymbols(structure)) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  const organic = counts.has('C');
  const rank = (symbol: string): string =>
    organic && symbol === 'C' ? '0' : organic && symbol === 'H' ? '1' : `2${symbol}`;
  const symbols = [...counts.keys()].sort((p, q) => (rank(p) < rank(q) ? -1 : 1));
  return symbols.map((symbol) => symbol + (counts.get(symbol) === 1 ? '' : String(counts.get(symbol)))).join('');
}

/** Masses of the atoms [atoms], amu: the array `masses` of the structure where there is one, else the standard weights. */
export function structureMasses(structure: Structure): Float64Array {
  const own = structure.arrays['masses'];
  if (own !== undefined && own.columns === 1 && own.values instanceof Float64Array) return own.values.slice();
  return Float64Array.from(structure.numbers, (number) => {
    chemicalSymbol(number);
    return atomicMasses[number]!;
  });
}

function makeCell(cell: ArrayLike<number> | readonly (readonly number[])[] | null): Float64Array | null {
  if (cell === null) return null;
  const values = flatten(cell);
  if (values.length === 9) return values;
  if (values.length === 3) return Float64Array.of(values[0]!, 0, 0, 0, values[1]!, 0, 0, 0, values[2]!);
  throw new StructureError(
    `Cannot make a structure. Expected a cell of 9 or 3 numbers, found ${values.length}. Give the lattice vectors as rows.`,
  );
}

function flatten(values: ArrayLike<number> | readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(Array.from(values as ArrayLike<number | readonly number[]>).flat() as number[]);
}
