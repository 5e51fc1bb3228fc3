/**
 * Positions and cell as coordinates that an optimizer moves together, with the numbers of `FrechetCellFilter` and `UnitCellFilter` of
 * ASE 3.29: Tadmor, Smith, Bernstein, Kaxiras, Phys. Rev. B 59, 235 (1999). With F the deformation of the cell at the beginning, the
 * coordinates of atoms are F⁻¹·x, and three rows more are N·F, or N·log F, of N atoms.
 */
import { StructureError } from '@mace/core';
import { cellInverse, signedVolume, volumeOf, type Structure } from '@mace/core/structure';
import { exponential, exponentialDerivative, identity, logarithm, multiply, trace, transpose } from '../matrices.js';

export interface CellSettings {
  readonly filter: 'frechet' | 'unit-cell';
  /** Whether the cell only grows and shrinks. */
  readonly hydrostatic: boolean;
  readonly constantVolume: boolean;
  /** Which strains are relaxed [3 3]: 1, others 0. */
  readonly mask: Float64Array;
  /** eV/Å³, from outside */
  readonly pressure: number;
}

/** What pulls at atoms and cell. */
export interface CellForces {
  /** [atoms + 3, 3], eV/Å */
  readonly forces: Float64Array;
  /** Of what may change, with the pressure from outside [3 3], eV/Å³: zero in the end. */
  readonly stress: Float64Array;
}

const one = identity(3);

export class CellFilter {
  /** Å, of the beginning */
  readonly #cell: Float64Array;
  readonly #inverse: Float64Array;

  constructor(
    structure: Structure,
    readonly settings: CellSettings,
  ) {
    this.#cell = structure.cell!;
    this.#inverse = cellInverse(this.#cell);
  }

  /** Of a structure [atoms + 3, 3], Å. */
  coordinates({ positions, cell, numbers }: Structure): Float64Array {
    const deformation = this.#deformation(cell!);
    const shape = this.settings.filter === 'frechet' ? logarithm(deformation) : deformation;
    return joined(
      multiply(positions, cellInverse(transpose(deformation))),
      shape.map((x) => numbers.length * x),
    );
  }

  /** Enthalpy of a structure, eV. */
  energy({ cell }: Structure, energy: number): number {
    return energy + this.settings.pressure * volumeOf(cell!);
  }

  /** Of a structure, from forces on its atoms [atoms 3], eV/Å, and its stress [3 3], eV/Å³. */
  forces({ cell, numbers }: Structure, forces: Float64Array, stress: Float64Array): CellForces {
    const { filter, pressure, hydrostatic, mask, constantVolume } = this.settings;
    const deformation = this.#deformation(cell!);
    const volume = volumeOf(cell!);
    const back = cellInverse(transpose(deformation));
    const virial = stress.map((s, i) => -volume * (s + pressure * one[i]!));
    const allowed = (a: Float64Array): Float64Array => {
      const part = trace(a) / 3;
      return a.map((x, i) => mask[i]! * (hydrostatic ? part * one[i]! : x));
    };
    const shaped = (a: Float64Array): Float64Array =>
      constantVolume ? a.map((x, i) => x - (trace(a) / 3) * one[i]!) : a;
    const held = filter === 'frechet' ? allowed(virial) : shaped(allowed(multiply(virial, back)));
    // The transpose of the derivative of exp is that of exp at the transpose.
    const pull =
      filter === 'frechet'
        ? shaped(exponentialDerivative(transpose(logarithm(deformation)), multiply(held, back)))
        : held;
    const rest = shaped(held);
    return {
      forces: joined(
        multiply(forces, deformation),
        pull.map((x) => x / numbers.length),
      ),
      stress: rest.map((x) => -x / volume),
    };
  }

  /** Where coordinates put atoms and cell, Å. @throws StructureError for a cell that collapses */
  place(coordinates: Float64Array): { readonly positions: Float64Array; readonly cell: Float64Array } {
    const { filter, mask } = this.settings;
    const size = coordinates.length - 9;
    const shape = coordinates.slice(size).map((x) => x / (size / 3));
    const wanted = transpose(filter === 'frechet' ? exponential(shape) : shape);
    const deformation = one.map((x, i) => x + (wanted[i]! - x) * mask[i]!);
    const cell = multiply(this.#cell, deformation);
    const growth = signedVolume(cell) / signedVolume(this.#cell);
    if (!(growth > 1e-3 && growth < 1e3))
      throw new StructureError(
        `Relaxation of the cell: its volume would be ${growth.toPrecision(3)} of that at the beginning; expected 0.001 to 1000. Begin nearer to the minimum, relax atoms first, or hold the volume.`,
      );
    return { positions: multiply(coordinates.slice(0, size), deformation), cell };
  }

  /** F [3 3]: columns are moved by it. */
  #deformation(cell: Float64Array): Float64Array {
    return transpose(multiply(this.#inverse, cell));
  }
}

function joined(atoms: Float64Array, cell: Float64Array): Float64Array {
  const rows = new Float64Array(atoms.length + 9);
  rows.set(atoms);
  rows.set(cell, atoms.length);
  return rows;
}
