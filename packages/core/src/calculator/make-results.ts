/** What was computed of a batch, as a result for each structure, with what a person should know about it. */
import type { MaceModel } from '../model/index.js';
import { volumeOf, type Structure } from '../structure/index.js';
import type { Batch } from './batch.js';
import { askedHead, textOf } from './model-inputs.js';
import type { Result } from './results.js';
import type { SystemArrays } from './system.js';

/** What all results of a batch share, and what was found of it. */
export interface MadeWith {
  readonly backend: string;
  readonly precision: 'f64' | 'f32';
  /** For each structure, whether its functions of distance came from tables. */
  readonly tables: readonly boolean[];
  /** A warning for each structure with atoms too near, `nearAtoms`. */
  readonly near: readonly (string | null)[];
}

export function makeResults(
  model: MaceModel,
  { structures, edges, used }: Batch,
  arrays: SystemArrays,
  { backend, precision, tables, near }: MadeWith,
): Result[] {
  return structures.map((structure, g) => {
    const [first, end] = [edges.graph.offsets[g]!, edges.graph.offsets[g + 1]!];
    const atoms = end - first;
    const ofAtoms = (values: Float64Array, width = 1): Float64Array => values.slice(first * width, end * width);
    const { forces, virials, atomVirials, descriptors } = arrays;
    const { pbc, cell, info } = structure;
    const volume = pbc.every(Boolean) && cell ? volumeOf(cell) : null;
    const virial = virials?.slice(9 * g, 9 * g + 9);
    const ownVirials = atomVirials && ofAtoms(atomVirials, 9);
    const descriptorSize = descriptors ? descriptors.length / Math.max(1, edges.atoms) : 0;
    const { head, inputs } = used[g]!;
    return {
      energy: arrays.energies[g]!,
      interactionEnergy: arrays.interactionEnergies![g]!,
      energies: ofAtoms(arrays.atomEnergies!),
      interactionEnergies: ofAtoms(arrays.atomInteractionEnergies!),
      ...(forces && { forces: ofAtoms(forces, 3) }),
      ...(virial && { virial, stress: overVolume(virial, volume) }),
      ...(ownVirials && { atomVirials: ownVirials, atomStresses: overVolume(ownVirials, volume) }),
      ...(descriptors && { descriptors: ofAtoms(descriptors, descriptorSize), descriptorSize }),
      volume,
      atoms,
      edges: edges.edgeOffsets[g + 1]! - edges.edgeOffsets[g]!,
      head,
      inputs,
      backend,
      precision,
      tables: tables[g]!,
      warnings: [...(structure.warnings ?? []), ...[near[g] ?? []].flat(), ...warningsOf(model, info, inputs)],
    };
  });
}

function overVolume(virial: Float64Array, volume: number | null): Float64Array | null {
  return volume === null ? null : virial.map((value) => -value / volume);
}

/** Inputs, what stands for nothing said, and the keys that people write them under; upstream reads some. */
const knownInputs = [
  ['total_charge', 0, ['charge', 'total_charge', 'net_charge', 'totalcharge']],
  ['total_spin', 1, ['spin', 'total_spin', 'spin_multiplicity', 'multiplicity', 'mult']],
] as const;

function warningsOf(model: MaceModel, info: Structure['info'], inputs: Result['inputs']): string[] {
  const warnings: string[] = [];
  if (model.config.radialBasis === 'chebyshev') {
    warnings.push(
      'forces are the exact gradient of the energy; those of mace-torch lack a term for the Chebyshev basis',
    );
  }
  const head = askedHead(info);
  if (head !== undefined && model.config.heads.length === 1 && !model.config.heads.includes(head)) {
    warnings.push(`the structure asks for head ${head}; this model has only ${model.config.heads[0]}, which was used`);
  }
  for (const [name, usual, keys] of knownInputs) {
    const used = inputs[name];
    for (const key of keys) {
      const value = info[key];
      if (value === undefined || used?.from === 'option') continue;
      const said = textOf(value);
      if ([used?.value ?? usual].flat().join(' ') === said) continue;
      warnings.push(
        `the structure has ${key} = ${said}; ${used ? `${name} = ${String(used.value)} was used` : `this model does not know ${name.slice(6)}s and ignored it`}`,
      );
    }
  }
  return warnings;
}
