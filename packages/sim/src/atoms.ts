/** What dynamics moves: positions, momenta, forces and cells of all structures of a system, one after the other. */
import type { Constraint } from './constraints/constraint.js';
import { applyTogether } from './constraints/together.js';
import { volume } from './matrices.js';
import { boltzmannConstant } from './units.js';

/** Arrays in place; units of `units.ts`. */
export interface Atoms {
  /** First atom of each structure, and the number of atoms [structures + 1]. */
  readonly offsets: Int32Array;
  /** [atoms], u */
  readonly masses: Float64Array;
  /** [atoms 3], Å */
  readonly positions: Float64Array;
  /** [atoms 3], √(u·eV) */
  readonly momenta: Float64Array;
  /** [atoms 3], eV/Å: of the positions */
  readonly forces: Float64Array;
  /** [structures 9], rows are lattice vectors, Å; zeros of a structure without a cell */
  readonly cells: Float64Array;
  /** ∂U/∂ε/V of the potential energy [structures 9], eV/Å³, positive under tension; of the positions. Empty where nobody asks for it. */
  readonly stresses: Float64Array;
  /** What atoms of each structure may not do [structures]. */
  readonly constraints: readonly (readonly Constraint[])[];
  /** Degrees of freedom, as ASE counts them: three an atom, less what constraints take [structures] */
  readonly freedom: Float64Array;
  /** Whether nothing holds a structure in its place, so that forces between its atoms never change its drift [structures]. */
  readonly drifts: readonly boolean[];
}

/** p += t·F, as ASE rounds it, and what leads away from constraints taken off. */
export function kick(atoms: Atoms, time: number): void {
  const { momenta, forces } = atoms;
  for (let i = 0; i < momenta.length; i++) momenta[i]! += time * forces[i]!;
  constrainMomenta(atoms);
}

/**
 * x += t·p/m, as ASE rounds it. Where there are constraints x is put back to them, p is what has led there, and what leads away from them
 * at the new place is taken off: with `kick` RATTLE, Andersen, J. Comput. Phys. 52, 24 (1983).
 */
export function drift(atoms: Atoms, time: number): void {
  const { positions, momenta, masses, constraints } = atoms;
  const start = constraints.some(({ length }) => length > 0) ? positions.slice() : null;
  for (let i = 0; i < positions.length; i++) positions[i]! += (time * momenta[i]!) / masses[Math.floor(i / 3)]!;
  if (!start) return;
  const free = positions.slice();
  forConstraints(atoms, positions, (constraint, of, cell) =>
    constraint.adjustPositions(of(start), of(positions), of(masses), cell),
  );
  for (let i = 0; i < positions.length; i++)
    momenta[i]! += ((positions[i]! - free[i]!) * masses[Math.floor(i / 3)]!) / time;
  constrainMomenta(atoms);
}

/** Takes from momenta what leads away from constraints. */
export function constrainMomenta(atoms: Atoms): void {
  const { positions, momenta, masses } = atoms;
  forConstraints(atoms, momenta, (constraint, of, cell) =>
    constraint.adjustMomenta(of(positions), of(momenta), of(masses), cell),
  );
}

/** Of one structure. */
export function scaleMomenta({ momenta, offsets }: Atoms, g: number, scale: number): void {
  for (let i = 3 * offsets[g]!; i < 3 * offsets[g + 1]!; i++) momenta[i]! *= scale;
}

/**
 * With the constraints of each structure, what gives the part of an array that is of it, and its cell.
 * @param values - what is changed
 */
function forConstraints(
  { constraints, offsets, masses, cells }: Atoms,
  values: Float64Array,
  apply: (constraint: Constraint, of: (all: Float64Array) => Float64Array, cell: Float64Array) => void,
): void {
  constraints.forEach((own, g) => {
    if (own.length === 0) return;
    const of = (all: Float64Array): Float64Array => {
      const width = all.length === masses.length ? 1 : 3;
      return all.subarray(width * offsets[g]!, width * offsets[g + 1]!);
    };
    const cell = cells.subarray(9 * g, 9 * g + 9);
    applyTogether(own, of(values), (constraint) => apply(constraint, of, cell));
  });
}

/** Of each structure [structures], eV. */
export function kineticEnergies(atoms: Atoms): Float64Array {
  return Float64Array.from({ length: atoms.offsets.length - 1 }, (_, g) => kineticEnergy(atoms, g));
}

/** Of one structure, eV. */
export function kineticEnergy({ momenta, masses, offsets }: Atoms, g: number): number {
  let energy = 0;
  for (let i = 3 * offsets[g]!; i < 3 * offsets[g + 1]!; i++)
    energy += (0.5 * momenta[i]! * momenta[i]!) / masses[Math.floor(i / 3)]!;
  return energy;
}

/** Of each structure [structures], K; with degrees of freedom as ASE counts them. NaN where nothing can move. */
export function temperatures(atoms: Atoms): Float64Array {
  return kineticEnergies(atoms).map((energy, g) => (2 * energy) / (atoms.freedom[g]! * boltzmannConstant));
}

/** Of each structure [structures], Å³; 0 without a cell. */
export function volumes({ cells, offsets }: Atoms): Float64Array {
  return Float64Array.from({ length: offsets.length - 1 }, (_, g) => volume(cells, 9 * g));
}
