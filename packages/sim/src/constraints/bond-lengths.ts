/**
 * Distances that stay, as `FixBondLengths` of ASE 3.29: positions by SHAKE (Ryckaert, Ciccotti, Berendsen, J. Comput. Phys. 23, 327 (1977)),
 * momenta and forces by RATTLE (Andersen, J. Comput. Phys. 52, 24 (1983)), bond after bond until all are right.
 */
import { ConvergenceError } from '@mace/core';
import { cellInverse, completeCell, type Structure } from '@mace/core/structure';
import { multiply } from '../matrices.js';
import { refuse } from '../refuse.js';
import { massesOf } from '../units.js';
import type { Constraint } from './constraint.js';

type Pair = readonly [number, number];

/** As ASE has it: of what is added, relative to the bond. */
const tolerance = 1e-13;
const sweeps = 500;

/**
 * Keeps distances, of nearest images where directions are periodic.
 * @param lengths - Å [pairs]; default those of the structure
 * @throws UnsupportedError (`option`)
 */
export function fixBondLengths(structure: Structure, pairs: readonly Pair[], lengths?: readonly number[]): Constraint {
  check(structure, pairs, lengths);
  const bonds = pairs.map(([a, b]) => ({ a, b, cells: cellsBetween(structure, a, b) }));
  type Bond = (typeof bonds)[number];

  /** From b to a [3], Å. */
  const way = (positions: Float64Array, { a, b, cells }: Bond, cell = structure.cell): Float64Array => {
    const image = cell ? multiply(cells, cell) : cells;
    return image.map((x, k) => x + positions[3 * a + k]! - positions[3 * b + k]!);
  };
  const squares = bonds.map((bond, i) => (lengths?.[i] ?? Math.hypot(...way(structure.positions, bond))) ** 2);

  /** Pushes the atoms of bonds along `ways` until none needs a push. @param push - of bond i: how much of its way, over its reduced mass */
  const sweep = (
    what: string,
    ways: readonly Float64Array[],
    masses: Float64Array,
    push: (i: number) => number,
    move: (atom: number, mass: number, by: Float64Array, factor: number) => void,
  ): void => {
    for (let sweep = 0; sweep < sweeps; sweep++) {
      let isRight = true;
      for (const [i, { a, b }] of bonds.entries()) {
        const x = push(i);
        if (Math.abs(x) <= tolerance) continue;
        isRight = false;
        const factor = x / (1 / masses[a]! + 1 / masses[b]!);
        move(a, masses[a]!, ways[i]!, factor);
        move(b, masses[b]!, ways[i]!, -factor);
      }
      if (isRight) return;
    }
    throw new ConvergenceError(
      `fixBondLengths: ${what} along ${pairs.length} bonds are not right after ${sweeps} sweeps. Take shorter steps, or leave out bonds that close rings.`,
    );
  };

  const own = massesOf(structure.numbers);
  const adjustMomenta: Constraint['adjustMomenta'] = (positions, momenta, masses, cell) => {
    const ways = bonds.map((bond) => way(positions, bond, cell));
    const push = (i: number): number => {
      const { a, b } = bonds[i]!;
      return -dot(ways[i]!, (k) => momenta[3 * a + k]! / masses[a]! - momenta[3 * b + k]! / masses[b]!) / squares[i]!;
    };
    sweep('velocities', ways, masses, push, (atom, _, by, factor) => {
      for (let k = 0; k < 3; k++) momenta[3 * atom + k]! += factor * by[k]!;
    });
  };
  return {
    removed: pairs.length,
    adjustMomenta,
    adjustForces: (positions, forces, masses = own, cell) => adjustMomenta(positions, forces, masses, cell),
    adjustPositions: (positions, next, masses, cell) => {
      const ways = bonds.map((bond) => way(positions, bond, cell));
      const push = (i: number): number => {
        const now = way(next, bonds[i]!, cell);
        return (0.5 * (squares[i]! - dot(now, (k) => now[k]!))) / dot(ways[i]!, (k) => now[k]!);
      };
      sweep('distances', ways, masses, push, (atom, mass, by, factor) => {
        for (let k = 0; k < 3; k++) next[3 * atom + k]! += (factor / mass) * by[k]!;
      });
    },
  };
}

/** Lattice vectors from b to the image of it that is nearest to a, counted, with the sign turned [3]. */
function cellsBetween({ positions, cell, pbc }: Structure, a: number, b: number): Float64Array {
  const none = new Float64Array(3);
  if (!cell || !pbc.some(Boolean)) return none;
  const apart = none.map((_, k) => positions[3 * a + k]! - positions[3 * b + k]!);
  const rounded = multiply(apart, cellInverse(completeCell(cell, pbc))).map((x, k) => (pbc[k] ? -Math.round(x) : 0));
  let [nearest, best] = [Infinity, none];
  // In a skewed cell rounding may miss by one.
  for (let code = 0; code < 27; code++) {
    const cells = rounded.map((x, k) => x + (pbc[k] ? (Math.floor(code / 3 ** k) % 3) - 1 : 0));
    const far = Math.hypot(...multiply(cells, cell).map((x, k) => x + apart[k]!));
    if (far < nearest - 1e-9) [nearest, best] = [far, cells];
  }
  return best;
}

function dot(a: Float64Array, b: (k: number) => number): number {
  return a[0]! * b(0) + a[1]! * b(1) + a[2]! * b(2);
}

function check({ numbers, positions }: Structure, pairs: readonly Pair[], lengths?: readonly number[]): void {
  for (const pair of pairs) {
    const isPair = pair.length === 2 && pair[0] !== pair[1];
    if (!isPair || !pair.every((atom) => Number.isInteger(atom) && atom >= 0 && atom < numbers.length))
      refuse('fixBondLengths', JSON.stringify(pair), `pairs of two atoms from 0 to ${numbers.length - 1}`);
    const [a, b] = pair;
    if ([0, 1, 2].every((k) => positions[3 * a + k] === positions[3 * b + k]))
      refuse('fixBondLengths', JSON.stringify(pair), 'atoms that are apart: a bond needs a direction');
  }
  if (lengths && lengths.length !== pairs.length)
    refuse('fixBondLengths', `${lengths.length} lengths`, `one for each of ${pairs.length} pairs`);
  const wrong = lengths?.find((length) => !(length > 0 && Number.isFinite(length)));
  if (wrong !== undefined) refuse('fixBondLengths', wrong, 'lengths above 0, in Å');
}
