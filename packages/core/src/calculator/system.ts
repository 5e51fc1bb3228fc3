/** Structures that move: bound once, moved many times, computed into the caller's arrays. */
import type { Cancellation } from '../backend/index.js';
import type { Structure } from '../structure/index.js';
import type { InputOptions } from './model-inputs.js';

/** What `compute` can add to the energies. */
export type SystemProperty =
  | 'forces'
  | 'stress'
  | 'atomEnergies'
  | 'interactionEnergies'
  | 'atomVirials'
  | 'descriptors';

export interface BindOptions extends InputOptions {
  /** Å by which neighbor lists reach farther than the cutoff: a longer one is made anew less often. Default 0.5 with tables, 0.2 without. */
  readonly skin?: number;
  /** Default forces. */
  readonly properties?: readonly SystemProperty[];
  /** What `order` of another system said: which atom is computed in each place [atoms]. Default by place in space. */
  readonly order?: Int32Array;
}

/** Arrays that results go into; each is optional, and what is not given is made. */
export interface SystemArrays {
  /** Total energies [structures], eV. */
  readonly energies: Float64Array;
  /** −∂E/∂x [atoms 3], eV/Å. */
  readonly forces?: Float64Array;
  /** −∂E/∂ε [structures 9], row-major, eV. */
  readonly virials?: Float64Array;
  /** ∂E/∂ε/V [structures 9], eV/Å³, positive under tension; NaN where not all three directions are periodic. */
  readonly stresses?: Float64Array;
  /** Energy of each atom, isolated-atom energy included [atoms], eV. */
  readonly atomEnergies?: Float64Array;
  /** Total energies without isolated-atom energies and without the energy of extra embeddings [structures], eV. */
  readonly interactionEnergies?: Float64Array;
  /** Of each atom, with `interactionEnergies` [atoms], eV. */
  readonly atomInteractionEnergies?: Float64Array;
  /** Share of each atom in the virial [atoms 9], eV. */
  readonly atomVirials?: Float64Array;
  /** Node features [atoms, features of a node], upstream's order. */
  readonly descriptors?: Float64Array;
}

export interface ComputeOptions {
  readonly into?: Partial<SystemArrays>;
  readonly cancellation?: Cancellation;
}

/**
 * Structures bound to a calculator. Atoms are numbered through, in the order of the structures. For a given order of computation the
 * bits of a result depend on positions and cells only: not on the skin, on when lists are made anew, on other members, on threads.
 */
export interface System {
  /** First atom of each structure, and the number of atoms [structures + 1]. */
  readonly offsets: Int32Array;
  /** Which atom is computed in each place [atoms]; fixed until `reorder` or `replace`. */
  readonly order: Int32Array;
  /** Å by which lists reach beyond the cutoff: 0 for models whose edges do not end there, such as those with attention. */
  readonly skin: number;
  /** How often neighbor lists were made. */
  readonly lists: number;
  /**
   * Moves atoms, and changes cells where they are given.
   * @param positions - [atoms 3], Å
   * @param cells - [structures 9], rows are lattice vectors, Å; not read of structures without a cell
   * @throws StructureError, DisposedError; the system is as it was
   */
  update(positions: ArrayLike<number>, cells?: ArrayLike<number>): void;
  /**
   * Puts other structures in the place of some, by their numbers.
   * @throws StructureError for an element or head that the system does not have, DisposedError; the system is as it was
   */
  replace(structures: ReadonlyMap<number, Structure>): Promise<void>;
  /** Orders atoms by where they are now: for speed, once they have moved far. Changes bits. */
  reorder(): Promise<void>;
  /** The structures as they are now. */
  structures(): Structure[];
  /** @throws StructureError, CancelledError, DeviceError, DisposedError */
  compute(options?: ComputeOptions): Promise<SystemArrays>;
  dispose(): void;
}
