/**
 * The stress with what moves, as a barostat sees it, whatever the ensemble. What bonds hold together counts as one particle at its center
 * of mass, so that the forces along the bonds, which no potential knows, have no part in it. Of atoms that are fixed, which do not move,
 * that of the potential counts whole.
 */
import type { Atoms } from '../atoms.js';
import { isHeldTogether } from '../constraints/bonds.js';
import type { Constraint } from '../constraints/constraint.js';
import { RigidGroups } from './rigid-groups.js';

export class TotalStress {
  /** Null where something else holds atoms that have bonds: it may hold their center. */
  readonly #groups: readonly (RigidGroups | null)[];

  constructor(readonly atoms: Atoms) {
    this.#groups = atoms.constraints.map((_, g) => (isHeldTwice(atoms, g) ? null : new RigidGroups(atoms, g)));
  }

  /** Positive under tension [structures 9], eV/Å³; NaN without a cell, and where something else holds atoms that have bonds. */
  now(): Float64Array {
    const stresses = new Float64Array(9 * this.#groups.length).fill(NaN);
    this.#groups.forEach((groups, g) => {
      if (!groups) return;
      const [slope, twice, size] = [groups.slope(), groups.kineticTensor(), groups.volume];
      for (let k = 0; k < 9; k++) stresses[9 * g + k] = (slope[k]! - twice[k]!) / size;
    });
    return stresses;
  }
}

/** Whether an atom that has bonds of one constraint is held by another one. */
function isHeldTwice({ constraints, offsets, positions, masses, cells }: Atoms, g: number): boolean {
  const [first, end] = [offsets[g]!, offsets[g + 1]!];
  const some = Float64Array.from({ length: 3 * (end - first) }, (_, i) => Math.sin(i + 1));
  const changes = (constraint: Constraint): Float64Array => {
    const left = some.slice();
    constraint.adjustMomenta(
      positions.subarray(3 * first, 3 * end),
      left,
      masses.subarray(first, end),
      cells.subarray(9 * g, 9 * g + 9),
    );
    return left.map((p, i) => p - some[i]!);
  };
  const own = constraints[g]!;
  return own.filter(isHeldTogether).some((bonds) => {
    const atoms = bonds.groups.flat().map(({ atom }) => atom);
    return own.some((other) => {
      const taken = other === bonds ? [] : changes(other);
      return atoms.some((atom) => [0, 1, 2].some((k) => taken[3 * atom + k]));
    });
  });
}
