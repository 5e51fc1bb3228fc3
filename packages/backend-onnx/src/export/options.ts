/** What a file needs to know beside the graph. */
import type { RealArray } from '@mace/core/backend';

/** What a file can give. */
export type FileOutput = 'energy' | 'energies' | 'forces' | 'stress' | 'descriptors';

/** What the positions of atoms come as. */
export type GeometryInput = 'positions' | 'edges';

export interface ExportOptions {
  /** Weights, by the names of the graph. */
  readonly parameters: Readonly<Record<string, RealArray>>;
  /** What the graph is computed in; geometry and sums over atoms are always in float64. */
  readonly precision: 'f32' | 'f64';
  /** Outputs of the file. Default all that the graph has. */
  readonly outputs?: readonly FileOutput[];
  /** Inputs of the file: `positions`, `cell_shifts` and `cell`, or `edge_vectors`. Default `positions`. */
  readonly from?: GeometryInput;
  /** Atomic number of each target of the map `species`, in order. */
  readonly atomicNumbers: readonly number[];
  /** Atomic numbers that the graph still knows, if it was specialised. Default all. */
  readonly elements?: readonly number[];
  /** Names of the heads: one, or one for each target of the map `head`. */
  readonly heads: readonly string[];
  /** Energy of an isolated atom, eV, [elements] or [heads elements], elements as in `atomicNumbers`. */
  readonly isolatedEnergies: ArrayLike<number>;
  /** Added to each atom, eV: one number, or one for each head. Default 0. */
  readonly shift?: ArrayLike<number>;
  /** Å */
  readonly cutoff: number;
  /** Row of a categorical input = value + offset, by the name of its map. Default 0. */
  readonly offsets?: Readonly<Record<string, number>>;
  /** Of this software, for `producer_version`. */
  readonly version: string;
  /** For people, `doc_string` of the file. */
  readonly description?: string;
  /** Further `metadata_props`: `licence`, `source`, `source_sha256`, … They win over those that are written anyway. */
  readonly metadata?: Readonly<Record<string, string>>;
}
