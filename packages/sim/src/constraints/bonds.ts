/**
 * Bonds that keep their lengths, as `FixBondLengths` of ASE 3.29: SHAKE of positions and RATTLE of momenta and forces, one bond after the
 * other until all hold. Ryckaert, Ciccotti, Berendsen, J. Comput. Phys. 23, 327 (1977); Andersen, J. Comput. Phys. 52, 24 (1983).
 */
import { StructureError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { refuse, refuseUnknown } from '../refuse.js';
import { massesOf } from '../units.js';
import type { Constraint } from './constraint.js';
import { nearestImage } from './find-bonds.js';

/** A constraint that a barostat can take along: what it holds together moves as one. */
export interface HeldTogether extends Constraint {
  /** Atoms of each group, and the lattice translation that brings each to the others: position + translation·cell. */
  readonly groups: readonly (readonly { readonly atom: number; readonly translation: readonly number[] }[])[];
}

export function isHeldTogether(constraint: Constraint): constraint is HeldTogether {
  return 'groups' in constraint;
}

export interface BondOptions {
  /** Å, of each pair. Default as they are, through the nearest images. */
  readonly lengths?: readonly number[];
}

/** Relative error of squared lengths that is left. */
const tolerance = 1e-13;
const mostSweeps = 1000;

/**
 * Keeps the distances of pairs of atoms, each to the nearest image of the other. For a restart make it of the structure of the beginning,
 * or give the lengths: those of later positions differ in their last bits.
 * @param pairs - numbers of atoms within the structure
 * @throws UnsupportedError (`option`) for pairs that are none or come twice, StructureError for atoms in one place
 */
export function holdBonds(
  structure: Structure,
  pairs: readonly (readonly [number, number])[],
  options: BondOptions = {},
): HeldTogether {
  refuseUnknown('holdBonds', options, ['lengths']);
  const { lengths } = options;
  if (lengths && lengths.length !== pairs.length)
    refuse('lengths', lengths.length, `a length for each of ${pairs.length} bonds`);
  const seen = new Set<string>();
  const bonds = pairs.map(([i, j], b) => {
    const atoms = structure.numbers.length;
    if (![i, j].every((atom) => Number.isInteger(atom) && atom >= 0 && atom < atoms) || i === j)
      refuse(`bond ${b}`, `${i}–${j}`, `two different atoms from 0 to ${atoms - 1}`);
    const name = i < j ? `${i}–${j}` : `${j}–${i}`;
    if (seen.has(name)) refuse(`bond ${b}`, name, 'each pair once');
    seen.add(name);
    const { translation, distance } = nearestImage(structure, i, j);
    const length = lengths?.[b] ?? distance;
    if (!(length > 0 && Number.isFinite(length))) refuse(`length of bond ${b}`, length, 'a number above 0, in Å');
    return { i, j, translation, square: length * length };
  });
  return new Bonds(bonds, structure.cell ?? new Float64Array(9), massesOf(structure.numbers));
}

interface Bond {
  readonly i: number;
  readonly j: number;
  /** Of atom j. */
  readonly translation: readonly number[];
  readonly square: number;
}

class Bonds implements HeldTogether {
  readonly removed: number;
  readonly groups: HeldTogether['groups'];

  /** @param cell - of the beginning @param masses - of the elements */
  constructor(
    readonly bonds: readonly Bond[],
    readonly cell: Float64Array,
    readonly masses: Float64Array,
  ) {
    this.removed = bonds.length;
    this.groups = groupsOf(bonds);
  }

  adjustPositions(positions: Float64Array, next: Float64Array, masses: Float64Array, cell = this.cell): void {
    this.#sweep('positions', (bond) => {
      const now = vector(bond, next, cell);
      const off = bond.square - dot(now, now);
      if (Math.abs(off) <= tolerance * bond.square) return true;
      const along = vector(bond, positions, cell);
      const [a, b] = [1 / masses[bond.i]!, 1 / masses[bond.j]!];
      const overlap = dot(now, along);
      if (!(overlap > 0.05 * bond.square))
        throw new StructureError(
          `The bond of atoms ${bond.i} and ${bond.j} turns by nearly a right angle in one step, and cannot be held. Take shorter steps.`,
        );
      push(next, bond, along, off / (2 * overlap * (a + b)), a, b);
      return false;
    });
  }

  adjustForces(positions: Float64Array, forces: Float64Array, masses = this.masses, cell = this.cell): void {
    this.#project('forces', positions, forces, masses, cell);
  }

  adjustMomenta(positions: Float64Array, momenta: Float64Array, masses: Float64Array, cell = this.cell): void {
    this.#project('momenta', positions, momenta, masses, cell);
  }

  /** Takes off what stretches bonds, in proportion to the masses. */
  #project(
    what: string,
    positions: Float64Array,
    vectors: Float64Array,
    masses: Float64Array,
    cell: Float64Array,
  ): void {
    let largest = 0;
    vectors.forEach((value, k) => (largest = Math.max(largest, Math.abs(value) / masses[Math.floor(k / 3)]!)));
    if (largest === 0) return;
    this.#sweep(what, (bond) => {
      const along = vector(bond, positions, cell);
      const [a, b] = [1 / masses[bond.i]!, 1 / masses[bond.j]!];
      const square = dot(along, along);
      let stretch = 0;
      for (let k = 0; k < 3; k++) stretch += (vectors[3 * bond.j + k]! * b - vectors[3 * bond.i + k]! * a) * along[k]!;
      if (Math.abs(stretch) <= 10 * tolerance * largest * Math.sqrt(square)) return true;
      push(vectors, bond, along, -stretch / (square * (a + b)), 1, 1);
      return false;
    });
  }

  /** One bond after the other until none has anything to do. */
  #sweep(what: string, settle: (bond: Bond) => boolean): void {
    for (let sweep = 0; sweep < mostSweeps; sweep++) {
      let isSettled = true;
      for (const bond of this.bonds) if (!settle(bond)) isSettled = false;
      if (isSettled) return;
    }
    throw new StructureError(
      `Bonds cannot be held: ${what} do not settle in ${mostSweeps} rounds. Take shorter steps, or fewer bonds that form rings.`,
    );
  }
}

/** From atom i to the image of atom j. */
function vector({ i, j, translation }: Bond, positions: Float64Array, cell: Float64Array): [number, number, number] {
  const [a, b, c] = translation as [number, number, number];
  const component = (k: number): number =>
    positions[3 * j + k]! - positions[3 * i + k]! + a * cell[k]! + b * cell[3 + k]! + c * cell[6 + k]!;
  return [component(0), component(1), component(2)];
}

/** Moves the atoms of a bond apart, by an amount each. */
function push(
  values: Float64Array,
  { i, j }: Bond,
  along: readonly number[],
  amount: number,
  ofFirst: number,
  ofSecond: number,
): void {
  for (let k = 0; k < 3; k++) {
    values[3 * i + k]! -= amount * ofFirst * along[k]!;
    values[3 * j + k]! += amount * ofSecond * along[k]!;
  }
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!;
}

/** Atoms that bonds connect, each with the translation that brings it to the first of its group. */
function groupsOf(bonds: readonly Bond[]): HeldTogether['groups'] {
  const ways = new Map<number, { readonly to: number; readonly translation: readonly number[] }[]>();
  const way = (from: number, to: number, translation: readonly number[]): void =>
    void ways.set(from, [...(ways.get(from) ?? []), { to, translation }]);
  for (const { i, j, translation } of bonds) {
    way(i, j, translation);
    way(
      j,
      i,
      translation.map((n) => -n),
    );
  }
  const places = new Map<number, readonly number[]>();
  const groups: { readonly atom: number; readonly translation: readonly number[] }[][] = [];
  for (const first of ways.keys()) {
    if (places.has(first)) continue;
    places.set(first, [0, 0, 0]);
    const group = [{ atom: first, translation: places.get(first)! }];
    for (const { atom, translation } of group)
      for (const { to, translation: step } of ways.get(atom)!) {
        const place = translation.map((n, k) => n + step[k]!);
        const known = places.get(to);
        if (known?.some((n, k) => n !== place[k]))
          throw new StructureError(
            `The bonds of atom ${to} go around the cell and come back to it: such a group has no center. Name fewer bonds.`,
          );
        if (known) continue;
        places.set(to, place);
        group.push({ atom: to, translation: place });
      }
    groups.push(group);
  }
  return groups;
}
