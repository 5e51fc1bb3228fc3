/**
 * What a barostat moves with the cell: single atoms, and centers of what bonds hold together. Within a group nothing is stretched, so
 * what acts along its bonds has no part in the pressure.
 */
import type { Atoms } from '../atoms.js';
import { isHeldTogether } from '../constraints/bonds.js';
import { multiply, rowTimes, volume } from '../matrices.js';
import { refuse } from '../refuse.js';

interface Member {
  /** Numbered through all structures. */
  readonly atom: number;
  /** That brings it to the others of its group. */
  readonly translation: readonly number[];
}

export class RigidGroups {
  readonly #single: readonly number[];
  readonly #groups: readonly (readonly Member[])[];

  /** Atoms that other constraints hold are single ones. @throws UnsupportedError (`option`) for an atom in two lists of bonds */
  constructor(
    readonly atoms: Atoms,
    readonly g: number,
  ) {
    const [first, end] = [atoms.offsets[g]!, atoms.offsets[g + 1]!];
    const bonds = atoms.constraints[g]!.filter(isHeldTogether);
    this.#groups = bonds.flatMap(({ groups }) =>
      groups.map((group) => group.map((member) => ({ ...member, atom: first + member.atom }))),
    );
    const taken = new Set<number>();
    for (const { atom } of this.#groups.flat()) {
      if (taken.has(atom))
        refuse(`constraints of structure ${g}`, `atom ${atom - first} twice`, 'all bonds in one list');
      taken.add(atom);
    }
    this.#single = Array.from({ length: end - first }, (_, i) => first + i).filter((atom) => !taken.has(atom));
  }

  get cell(): Float64Array {
    return this.atoms.cells.subarray(9 * this.g, 9 * this.g + 9);
  }

  get volume(): number {
    return volume(this.atoms.cells, 9 * this.g);
  }

  /** Σ P·Pᵀ/M of the centers [9], eV. */
  kineticTensor(): Float64Array {
    const { momenta, masses } = this.atoms;
    const sum = new Float64Array(9);
    for (const atom of this.#single) addProduct(sum, 1 / masses[atom]!, momenta, momenta, 3 * atom);
    for (const members of this.#groups) {
      const { mass, momentum } = this.#middle(members);
      addProduct(sum, 1 / mass, momentum, momentum);
    }
    return sum;
  }

  /** ∂U/∂ε where centers move with the strain ε [9], eV; of the forces and stresses of now. */
  slope(): Float64Array {
    const { forces, stresses } = this.atoms;
    const sum = stresses.slice(9 * this.g, 9 * this.g + 9);
    for (let k = 0; k < 9; k++) sum[k]! *= this.volume;
    for (const members of this.#groups) {
      const { center } = this.#middle(members);
      for (const { atom, translation } of members) {
        const out = this.#place(atom, translation).map((x, k) => x - center[k]!);
        const force = forces.subarray(3 * atom, 3 * atom + 3);
        // The symmetric part: turning everything changes nothing.
        addProduct(sum, 0.5, force, out);
        addProduct(sum, 0.5, out, force);
      }
    }
    return sum;
  }

  /** Cell and centers go with a symmetric matrix, momenta of centers with its inverse. */
  stretch(matrix: Float64Array, inverse: Float64Array): void {
    const { positions, momenta } = this.atoms;
    for (const atom of this.#single) {
      timesInPlace(positions, 3 * atom, matrix);
      timesInPlace(momenta, 3 * atom, inverse);
    }
    if (this.#groups.length > 0) this.#stretchGroups(matrix, inverse);
    this.cell.set(multiply(this.cell, matrix));
  }

  #stretchGroups(matrix: Float64Array, inverse: Float64Array): void {
    const { positions, momenta, masses } = this.atoms;
    const growth = matrix.map((value, k) => value - (k % 4 === 0 ? 1 : 0));
    const slowing = inverse.map((value, k) => value - (k % 4 === 0 ? 1 : 0));
    for (const members of this.#groups) {
      const { mass, center, momentum } = this.#middle(members);
      const [px, py, pz] = momentum as [number, number, number];
      const ways = members.map(({ translation }) => {
        const [x, y, z] = center.map((value, k) => value - this.#shift(translation, k)) as [number, number, number];
        return [0, 1, 2].map((k) => rowTimes(x, y, z, growth, k));
      });
      members.forEach(({ atom }, i) => {
        for (let k = 0; k < 3; k++) {
          positions[3 * atom + k]! += ways[i]![k]!;
          momenta[3 * atom + k]! += (masses[atom]! / mass) * rowTimes(px, py, pz, slowing, k);
        }
      });
    }
  }

  #middle(members: readonly Member[]): {
    readonly mass: number;
    readonly center: readonly number[];
    readonly momentum: readonly number[];
  } {
    const { momenta, masses } = this.atoms;
    let mass = 0;
    const [center, momentum] = [
      [0, 0, 0],
      [0, 0, 0],
    ];
    for (const { atom, translation } of members) {
      mass += masses[atom]!;
      this.#place(atom, translation).forEach((x, k) => (center[k]! += masses[atom]! * x));
      for (let k = 0; k < 3; k++) momentum[k]! += momenta[3 * atom + k]!;
    }
    return { mass, center: center.map((x) => x / mass), momentum };
  }

  #place(atom: number, translation: readonly number[]): number[] {
    return [0, 1, 2].map((k) => this.atoms.positions[3 * atom + k]! + this.#shift(translation, k));
  }

  #shift(translation: readonly number[], k: number): number {
    return rowTimes(translation[0]!, translation[1]!, translation[2]!, this.cell, k);
  }
}

/** sum += factor·a·bᵀ. */
function addProduct(sum: Float64Array, factor: number, a: ArrayLike<number>, b: ArrayLike<number>, from = 0): void {
  for (let j = 0; j < 3; j++) for (let k = 0; k < 3; k++) sum[3 * j + k]! += factor * a[from + j]! * b[from + k]!;
}

function timesInPlace(values: Float64Array, at: number, matrix: Float64Array): void {
  const [x, y, z] = [values[at]!, values[at + 1]!, values[at + 2]!];
  for (let k = 0; k < 3; k++) values[at + k] = rowTimes(x, y, z, matrix, k);
}
