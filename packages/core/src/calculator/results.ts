/** What a calculation gives. Units: eV, Å; signs and names follow ASE and mace-torch. */

/** Where a value of a calculation was taken from. */
export type ValueSource = 'option' | 'structure' | 'default';

/** An input that the calculation used, and where it came from. */
export interface UsedValue<T> {
  readonly value: T;
  readonly from: ValueSource;
  /** The key of the structure that held it. */
  readonly key?: string;
}

export interface Result {
  /** Total energy, isolated-atom energies included. */
  readonly energy: number;
  /** Total without isolated-atom energies and without the energy of extra embeddings. */
  readonly interactionEnergy: number;
  /** Per atom, isolated-atom energy included [atoms]. */
  readonly energies: Float64Array;
  /** Per atom, without isolated-atom energy [atoms]. */
  readonly interactionEnergies: Float64Array;
  /** −∂E/∂x [atoms 3], eV/Å. */
  readonly forces?: Float64Array;
  /** −∂E/∂ε [3 3] row-major, eV. */
  readonly virial?: Float64Array;
  /** ∂E/∂ε/V [3 3], eV/Å³, positive under tension; null unless all three directions are periodic. */
  readonly stress?: Float64Array | null;
  /** Å³; null unless all three directions are periodic. */
  readonly volume: number | null;
  /** Share of each atom in the virial [atoms 9], eV. */
  readonly atomVirials?: Float64Array;
  /** −atomVirials/V [atoms 9]; null unless all three directions are periodic. */
  readonly atomStresses?: Float64Array | null;
  /** Node features [atoms, descriptorSize], upstream's order. */
  readonly descriptors?: Float64Array;
  readonly descriptorSize?: number;
  readonly atoms: number;
  readonly edges: number;
  readonly head: UsedValue<string>;
  /** Extra inputs of the model, such as `total_charge`. */
  readonly inputs: Readonly<Record<string, UsedValue<number | readonly number[]>>>;
  readonly backend: string;
  readonly precision: 'f64' | 'f32';
  /** Whether functions of distance came from tables. */
  readonly tables: boolean;
  /** Things a person should know about this result: those of the structure's file, then those of the calculation. */
  readonly warnings: readonly string[];
}
