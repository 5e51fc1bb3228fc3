/** What dynamics moves: positions, momenta and forces of all structures of a system, one after the other. */
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
