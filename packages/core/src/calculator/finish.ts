/**
 * The float64 finish of a batch: isolated-atom energies and shift are added, atoms are summed per structure, virials
 * become stress. None of this passes through the precision of the backend.
 */
import type { RealArray } from '../backend/index.js';
import type { MaceModel, Tensor } from '../model/index.js';
import { volumeOf, type Structure } from '../structure/index.js';
import type { Batch } from './batch.js';
import { askedHead, textOf } from './model-inputs.js';
import type { Result } from './results.js';

export interface FinishOptions {
  readonly properties: ReadonlySet<string>;
  readonly backend: string;
  readonly precision: 'f64' | 'f32';
  readonly tables: boolean;
  /** A warning for each structure with atoms too near, `nearAtoms`. */
  readonly near: readonly (string | null)[];
}

export function finishBatch(
  model: MaceModel,
  weights: Readonly<Record<string, Tensor>>,
  batch: Batch,
  outputs: Readonly<Record<string, RealArray>>,
  options: FinishOptions,
): Result[] {
  const { config } = model;
  const elements = config.atomicNumbers.length;
  const isolated = weights['atomic_energies_fn.atomic_energies']!.data;
  const shifts = config.model === 'ScaleShiftMACE' ? weights['scale_shift.shift']?.data : undefined;
  return batch.structures.map((structure, g) => {
    const atoms = structure.numbers.length;
    const per = (name: string, width: number): Float64Array | undefined =>
      outputs[name] && batch.rowsOf(g, outputs[name], width);
    const atomEnergy = per('atomEnergy', 1)!;
    const embeddingEnergy = per('embeddingEnergy', 1);
    const forces = per('forces', 3);
    const elementOf = elementIndices(config.atomicNumbers, structure.numbers);
    const { head, inputs } = batch.used[g]!;
    const headIndex = config.heads.indexOf(head.value);
    const shift = shifts ? shifts[shifts.length > 1 ? headIndex : 0]! : 0;
    const row = isolated.length > elements ? headIndex * elements : 0;
    const energies = new Float64Array(atoms);
    const interactionEnergies = new Float64Array(atoms);
    let energy = 0;
    let interactionEnergy = 0;
    for (let i = 0; i < atoms; i++) {
      const own = atomEnergy[i]! + shift;
      interactionEnergies[i] = own;
      energies[i] = own + isolated[row + elementOf[i]!]!;
      interactionEnergy += own;
      energy += energies[i]! + (embeddingEnergy ? embeddingEnergy[i]! : 0);
    }
    const volume = structure.pbc.every(Boolean) && structure.cell ? volumeOf(structure.cell) : null;
    const atomVirials = per('atomVirial', 9);
    const virial = atomVirials && sumRows(atomVirials, 9);
    const featureWidth = outputs.features ? outputs.features.length / Math.max(1, batch.edges.atoms) : 0;
    const descriptors = per('features', featureWidth);
    return {
      energy,
      interactionEnergy,
      energies,
      interactionEnergies,
      ...(forces && { forces }),
      ...(virial && options.properties.has('stress') && { virial, stress: overVolume(virial, volume) }),
      ...(atomVirials &&
        options.properties.has('atomStresses') && { atomVirials, atomStresses: overVolume(atomVirials, volume) }),
      ...(descriptors && { descriptors, descriptorSize: featureWidth }),
      volume,
      atoms,
      edges: batch.edges.edgeOffsets[g + 1]! - batch.edges.edgeOffsets[g]!,
      head,
      inputs,
      backend: options.backend,
      precision: options.precision,
      tables: options.tables,
      warnings: [
        ...(structure.warnings ?? []),
        ...[options.near[g] ?? []].flat(),
        ...warningsOf(model, structure.info, inputs),
      ],
    };
  });
}

function elementIndices(atomicNumbers: readonly number[], numbers: Int32Array): Int32Array {
  const index = new Map(atomicNumbers.map((z, i) => [z, i]));
  return numbers.map((z) => index.get(z)!);
}

function overVolume(virial: Float64Array, volume: number | null): Float64Array | null {
  return volume === null ? null : virial.map((value) => -value / volume);
}

function sumRows(values: Float64Array, width: number): Float64Array {
  const total = new Float64Array(width);
  values.forEach((value, i) => (total[i % width]! += value));
  return total;
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
