/** What dynamics moves: positions, momenta, forces and cells of all structures of a system, one after the other. */
import { volumeOf } from '@mace/core/structure';
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
}

/** p += t·F, as ASE rounds it. */
export function kick({ momenta, forces }: Atoms, time: number): void {
  for (let i = 0; i < momenta.length; i++) momenta[i]! += time * forces[i]!;
}

/** x += t·p/m, as ASE rounds it. */
export function drift({ positions, momenta, masses }: Atoms, time: number): void {
  for (let i = 0; i < positions.length; i++) positions[i]! += (time * momenta[i]!) / masses[Math.floor(i / 3)]!;
}

/** Of each structure [structures], eV. */
export function kineticEnergies({ momenta, masses, offsets }: Atoms): Float64Array {
  return Float64Array.from({ length: offsets.length - 1 }, (_, g) => {
    let energy = 0;
    for (let i = 3 * offsets[g]!; i < 3 * offsets[g + 1]!; i++)
      energy += (0.5 * momenta[i]! * momenta[i]!) / masses[Math.floor(i / 3)]!;
    return energy;
  });
}

/** Of each structure [structures], K; with three degrees of freedom an atom, as ASE counts them. NaN without atoms. */
export function temperatures(atoms: Atoms): Float64Array {
  const { offsets } = atoms;
  return kineticEnergies(atoms).map(
    (energy, g) => (2 * energy) / (3 * (offsets[g + 1]! - offsets[g]!) * boltzmannConstant),
  );
}

/** Of each structure [structures], Å³; 0 without a cell. */
export function volumes({ cells, offsets }: Atoms): Float64Array {
  return Float64Array.from({ length: offsets.length - 1 }, (_, g) => volumeOf(cells.subarray(9 * g, 9 * g + 9)));
}

/** Σ p·pᵀ/m of one structure [9], eV. */
export function kineticTensor({ momenta, masses, offsets }: Atoms, g: number): Float64Array {
  const tensor = new Float64Array(9);
  for (let atom = offsets[g]!; atom < offsets[g + 1]!; atom++)
    for (let j = 0; j < 3; j++)
      for (let k = 0; k < 3; k++)
        tensor[3 * j + k]! += (momenta[3 * atom + j]! * momenta[3 * atom + k]!) / masses[atom]!;
  return tensor;
}

/** Of each structure, with what moving atoms add, as ASE's `get_stress(include_ideal_gas=True)` [structures 9], eV/Å³; NaN without a cell. */
export function totalStresses(atoms: Atoms): Float64Array {
  const total = atoms.stresses.slice();
  volumes(atoms).forEach((volume, g) =>
    kineticTensor(atoms, g).forEach((twice, k) => (total[9 * g + k]! -= twice / volume)),
  );
  return total;
}
