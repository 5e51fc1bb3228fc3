/**
 * The numbers of mace-torch that ship with the kit: six tiny models on three structures, made by
 * `oracle/make_golden.py`. Their weights follow a rule, so only inputs and results are stored.
 */
import { indexMapValues, type RunInputs } from '@mace/core/backend';
import { deterministicModel, tinyModels, type TinyModelName } from '@mace/core/generators';
import { makeStructure } from '@mace/core/structure';
import type { StagesCase } from '../case.js';
import { tinyModelNames } from '../tiny-models.js';
import type { GoldenEntry } from './entry.js';
import { goldenText } from './golden-data.js';

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** What upstream has on the way to the energy, on one structure. */
export interface StoredStages {
  readonly structure: string;
  readonly harmonics: StoredTensor;
  readonly radial: StoredTensor;
  readonly messages: readonly StoredTensor[];
  readonly product: readonly (StoredTensor & { readonly irreps: string })[];
}

interface StoredStructure {
  readonly numbers: readonly number[];
  readonly positions: StoredTensor;
  readonly cell: StoredTensor | null;
  readonly pbc: readonly boolean[];
  readonly species: readonly number[];
  readonly sender: readonly number[];
  readonly receiver: readonly number[];
  readonly vectors: StoredTensor;
}

interface StoredResult {
  readonly structure: string;
  readonly head: string;
  readonly energy: number;
  readonly forces: StoredTensor;
  readonly virial: StoredTensor;
  readonly stress: StoredTensor | null;
}

interface Golden {
  readonly structures: Readonly<Record<string, StoredStructure>>;
  readonly models: Readonly<
    Record<TinyModelName, { readonly stages: StoredStages; readonly results: readonly StoredResult[] }>
  >;
}

const { structures, models } = JSON.parse(goldenText) as Golden;

export function packagedEntries(): GoldenEntry[] {
  return tinyModelNames.flatMap((name) =>
    models[name].results.map(({ structure, head, energy, forces, virial, stress }): GoldenEntry => {
      const { numbers, positions, cell, pbc } = structures[structure]!;
      const heads = tinyModels[name].config.heads.length;
      return {
        name: [name, structure, ...(heads > 1 ? [head] : [])].join('-'),
        model: () => deterministicModel(tinyModels[name].config),
        structure: makeStructure({
          numbers,
          positions: positions.data,
          cell: cell && cell.data,
          pbc: pbc as [boolean, boolean, boolean],
        }),
        head,
        expected: { energy, forces: forces.data, virial: virial.data, ...(stress && { stress: stress.data }) },
      };
    }),
  );
}

export function stageCases(): StagesCase[] {
  return tinyModelNames.map((model) => ({ kind: 'stages', path: `golden/stages/${model}`, model }));
}

/** The stages of a model, and the inputs that upstream had, its own edges included. */
export function storedStages(name: TinyModelName): { readonly stages: StoredStages; readonly inputs: RunInputs } {
  const { stages } = models[name];
  const { numbers, species, sender, receiver, vectors } = structures[stages.structure]!;
  const { atomicNumbers, heads } = tinyModels[name].config;
  const atoms = numbers.length;
  const map = (values: readonly number[], size: number): RunInputs['maps'][string] =>
    indexMapValues(Int32Array.from(values), size);
  return {
    stages,
    inputs: {
      dims: { atoms, edges: sender.length, graphs: 1 },
      maps: {
        sender: map(sender, atoms),
        receiver: map(receiver, atoms),
        species: map(species, atomicNumbers.length),
        graph: map(new Array<number>(atoms).fill(0), 1),
        head: map([0], heads.length),
      },
      values: { edgeVectors: Float64Array.from(vectors.data) },
    },
  };
}
