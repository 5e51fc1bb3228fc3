/** What a model file is, for people: also of a file that cannot be read, with the reason. */
import { isMaceError, type MaceConfig, type MaceModel } from '@mace/core';
import { isolatedAtomEnergies } from './isolated-atoms.js';
import { RefusedNameError } from './pickle/refused-name.js';
import { formatOf, readModel, type ReadModelOptions } from './read-model.js';
import { sha256 } from './sha256.js';

export interface ModelSummary {
  /** Kind of file, such as `PyTorch archive`; null when it is none that is known. */
  readonly format: string | null;
  readonly bytes: number;
  /** Checksum of these bytes. */
  readonly sha256: string;
  readonly model: {
    /** As resolved, defaults filled in. */
    readonly config: MaceConfig;
    /** As the file wrote it. */
    readonly asWritten: Readonly<Record<string, unknown>>;
    /** Number of trained values. */
    readonly parameters: number;
    /** Number of values of constants and buffers. */
    readonly constants: number;
    /** Head → atomic number → energy, eV. */
    readonly isolatedAtomEnergies: Readonly<Record<string, Readonly<Record<number, number>>>>;
    readonly provenance: NonNullable<MaceModel['provenance']>;
  } | null;
  /** Why the file was refused; null when it was read. */
  readonly refusal: {
    readonly code: string;
    readonly message: string;
    /** The Python name that is not allowed, if that was the reason. */
    readonly name: string | null;
  } | null;
}

/** Never executes anything and does not throw for a bad file: the reason is in `refusal`. */
export async function inspectModel(bytes: Uint8Array, options: ReadModelOptions = {}): Promise<ModelSummary> {
  const common = { bytes: bytes.length, sha256: await sha256(bytes) };
  let format: string | null = null;
  try {
    format = formatOf(bytes, options.name).name;
    const model = await readModel(bytes, options);
    return { ...common, format, model: summaryOf(model), refusal: null };
  } catch (error) {
    if (!isMaceError(error)) throw error;
    const name = error instanceof RefusedNameError ? error.refused : null;
    return { ...common, format, model: null, refusal: { code: error.code, message: error.message, name } };
  }
}

/** Buffers of upstream: everything that training leaves as it is. */
const buffers =
  /(^|\.)(U_matrix_\d+|atomic_numbers|r_max|num_interactions|atomic_energies|covalent_radii|prefactor)$|^(scale_shift|pair_repulsion_fn|radial_embedding)\./;

function summaryOf(model: MaceModel): NonNullable<ModelSummary['model']> {
  const counts = { parameters: 0, constants: 0 };
  for (const [name, { data }] of Object.entries(model.weights))
    counts[buffers.test(name) ? 'constants' : 'parameters'] += data.length;
  const provenance = model.provenance ?? {};
  return {
    config: model.config,
    asWritten: provenance.asWritten ?? {},
    ...counts,
    isolatedAtomEnergies: isolatedAtomEnergies(model),
    provenance,
  };
}
