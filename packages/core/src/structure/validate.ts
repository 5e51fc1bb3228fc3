/**
 * Refuses structures that cannot be computed, before anything is allocated for them.
 *
 * Coincident atoms are not looked for here: the neighbor search meets them anyway and names the pair and its image.
 */
import { StructureError } from '../errors.js';
import { chemicalSymbol, chemicalSymbols } from './elements.js';
import type { Structure } from './structure.js';

/** What a structure is checked against. */
export interface ValidateOptions {
  /** Atomic numbers that the model covers, in any order. Without it any element from 0 to 118 passes. */
  readonly elements?: readonly number[];
}

/** Smallest |det| of the unit vectors along the lattice vectors; below it the cell is called singular. */
const smallestUnitVolume = 1e-8;
/** Å; of three such lengths the product is still a number. */
const largestLength = 1e100;
/** Å; a lattice vector of a periodic direction that is shorter is called zero. */
const smallestLength = 1e-6;

/**
 * Checks array lengths, finite numbers, elements, and the cell of periodic directions.
 * @throws StructureError for the first thing that is wrong, with the atom or lattice vector it is wrong for.
 */
export function validateStructure(structure: Structure, options: ValidateOptions = {}): void {
  if (!isStructure(structure))
    throw new StructureError(
      `Not a structure: ${Object.prototype.toString.call(structure).slice('[object '.length, -1)}. Expected one of makeStructure, or of a reader.`,
    );
  const { cell, pbc, info, arrays } = structure;
  const isWhole = (cell === null || ArrayBuffer.isView(cell)) && Array.isArray(pbc) && Boolean(info) && Boolean(arrays);
  if (!isWhole)
    throw new StructureError(
      'Not a whole structure: cell (or null), pbc, info and arrays belong to it. Make it with makeStructure({ numbers, positions, cell }).',
    );
  checkLengths(structure);
  checkElements(structure, options.elements);
  checkPositions(structure);
  checkCell(structure);
}

function isStructure(structure: Structure | null | undefined): boolean {
  return ArrayBuffer.isView(structure?.numbers) && ArrayBuffer.isView(structure.positions);
}

function checkLengths(structure: Structure): void {
  const atoms = structure.numbers.length;
  const wrong = (what: string, expected: number, found: number, remedy: string): never => {
    throw new StructureError(
      `Wrong length of ${what} in a structure of ${atoms} atoms. Expected ${expected} values, found ${found}. ${remedy}`,
    );
  };
  if (structure.positions.length !== 3 * atoms) {
    wrong('positions', 3 * atoms, structure.positions.length, 'Give x, y and z of every atom.');
  }
  if (structure.cell !== null && structure.cell.length !== 9) {
    wrong('cell', 9, structure.cell.length, 'Give three lattice vectors as rows, or null.');
  }
  if (structure.pbc.length !== 3)
    wrong('pbc', 3, structure.pbc.length, 'Give one truth value for each lattice direction.');
  for (const [name, array] of Object.entries(structure.arrays)) {
    if (array.values.length !== array.columns * atoms) {
      wrong(
        `the atom array "${name}"`,
        array.columns * atoms,
        array.values.length,
        `Give ${array.columns} for every atom.`,
      );
    }
  }
}

function checkElements(structure: Structure, elements: readonly number[] | undefined): void {
  const covered = elements === undefined ? null : new Set(elements);
  const { numbers } = structure;
  for (let atom = 0; atom < numbers.length; atom++) {
    const number = numbers[atom]!;
    if (covered === null ? number >= 0 && number < chemicalSymbols.length : covered.has(number)) continue;
    if (!(number >= 0 && number < chemicalSymbols.length)) {
      throw new StructureError(
        `Unknown element at atom ${atom}. Expected an atomic number from 0 to 118, found ${number}. Check the column that holds the elements.`,
      );
    }
    const known = [...elements!]
      .sort((p, q) => p - q)
      .map(chemicalSymbol)
      .join(' ');
    throw new StructureError(
      `Element that the model does not cover, at atom ${atom}. Expected one of ${known}, found ${chemicalSymbol(number)} (${number}). ` +
        'Use a model that was trained on it, or leave the atom out.',
    );
  }
}

function checkPositions(structure: Structure): void {
  const { positions, numbers } = structure;
  for (let k = 0; k < positions.length; k++) {
    if (Math.abs(positions[k]!) <= largestLength) continue;
    const atom = Math.floor(k / 3);
    const finite = Number.isFinite(positions[k]!);
    throw new StructureError(
      `Position that is ${finite ? `beyond ${largestLength} Å` : 'not a finite number'}, at atom ${atom} (${chemicalSymbol(numbers[atom]!)}). Expected x, y, z in Å, found ` +
        `${Array.from(positions.subarray(3 * atom, 3 * atom + 3)).join(' ')}. Check the file, or the step that moved the atom.`,
    );
  }
}

function checkCell(structure: Structure): void {
  const { cell, pbc } = structure;
  const periodic = [0, 1, 2].filter((k) => pbc[k]);
  const names = periodic.map((k) => 'abc'[k]).join(', ');
  if (cell === null) {
    if (periodic.length === 0) return;
    throw new StructureError(
      `No cell in a structure that is periodic along ${names}. Expected lattice vectors, found none. Give a cell, or set pbc to false.`,
    );
  }
  const row = (k: number): number[] => Array.from(cell.subarray(3 * k, 3 * k + 3));
  for (let k = 0; k < 3; k++) {
    const vector = row(k);
    if (!vector.every((value) => Math.abs(value) <= largestLength)) {
      throw new StructureError(
        `Cell that is ${vector.every(Number.isFinite) ? `longer than ${largestLength} Å` : 'not finite'}, in lattice vector ${'abc'[k]}. Expected three numbers in Å, found ${vector.join(' ')}. Check the cell.`,
      );
    }
    if (pbc[k] && Math.hypot(...vector) < smallestLength) {
      throw new StructureError(
        `Zero cell along a periodic direction, lattice vector ${'abc'[k]}. Expected a length above ${smallestLength} Å, found ` +
          `${vector.join(' ')}. Give the lattice vector, or set pbc to false along ${'abc'[k]}.`,
      );
    }
  }
  const volume = unitVolume(periodic.map(row));
  if (volume < smallestUnitVolume) {
    throw new StructureError(
      `Singular cell: the lattice vectors of the periodic directions (${names}) are not independent. Expected a volume of the unit ` +
        `vectors above ${smallestUnitVolume}, found ${volume} for [${Array.from(cell).join(' ')}] Å. Correct the cell, or switch off a direction.`,
    );
  }
}

/** Volume (length, area) of the parallelepiped of the unit vectors along up to three vectors; 1 for none. */
function unitVolume(vectors: readonly number[][]): number {
  const unit = vectors.map((vector) => vector.map((value) => value / Math.hypot(...vector)));
  const [p, q, r] = unit;
  if (p === undefined || q === undefined) return 1;
  const cross = [p[1]! * q[2]! - p[2]! * q[1]!, p[2]! * q[0]! - p[0]! * q[2]!, p[0]! * q[1]! - p[1]! * q[0]!];
  if (r === undefined) return Math.hypot(...cross);
  return Math.abs(cross[0]! * r[0]! + cross[1]! * r[1]! + cross[2]! * r[2]!);
}
