/**
 * What the neighbor search refuses while it runs: lists beyond measure, and two atoms in one place. Internal.
 */
import { StructureError, UnsupportedError } from '../errors.js';
import { chemicalSymbol } from './elements.js';
import type { Structure } from './structure.js';

/** Å; two atoms that are closer have no direction between them. */
export const coincidence = 1e-6;

/** `edges` says how many there would be, in words. @throws UnsupportedError (`size`), always. */
export function refuseSize(
  structure: Structure,
  cutoff: number,
  edges: string,
  maximum: number,
  cause?: unknown,
): never {
  throw new UnsupportedError(
    'size',
    `Too many neighbors for ${structure.numbers.length} atoms in a cell [${structure.cell === null ? 'none' : Array.from(structure.cell).join(' ')}] Å ` +
      `with a cutoff of ${cutoff} Å. Expected at most ${maximum} edges, found ${edges}. ` +
      'Check the unit of cell and positions (Å), use a shorter cutoff, split the structure, or give the process more memory.',
    cause === undefined ? {} : { cause },
  );
}

/** For an edge of sender `i`, receiver `j` and lattice translation `shift`; `distance` in Å. @throws StructureError, always. */
export function refuseCoincidence(
  structure: Structure,
  i: number,
  j: number,
  shift: readonly number[],
  distance: number,
): never {
  const name = (atom: number): string => `${atom} (${chemicalSymbol(structure.numbers[atom]!)})`;
  // Seen from the atom with the lower number: r_second + image · cell = r_first.
  const image = (i > j ? shift.map((value) => 0 - value) : shift).join(' ');
  const who =
    i === j
      ? `Atom ${name(i)} coincides with its own image [${image}]`
      : `Atoms ${name(Math.min(i, j))} and ${name(Math.max(i, j))} coincide, image [${image}] of the second`;
  throw new StructureError(
    `${who}. Expected a distance of at least ${coincidence.toExponential()} Å, found ${distance} Å. ` +
      'Remove one of them, or correct the positions or the cell.',
  );
}
