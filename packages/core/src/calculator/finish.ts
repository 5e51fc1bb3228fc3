/**
 * The float64 finish: isolated-atom energies and shift are added, atoms are summed per structure, virials become stress. None of this
 * passes through the precision of the backend.
 */
import type { RealArray, RunOutputs } from '../backend/index.js';
import type { MaceModel } from '../model/index.js';
import { volumeOf } from '../structure/index.js';
import type { Batch } from './batch.js';
import { requireFinite } from './finite.js';
import type { SystemArrays } from './system.js';
import type { Weights } from './weights.js';

/** What does not change while atoms move. */
export interface Finish {
  /** Place of each atom of the caller [atoms]. */
  readonly places: Int32Array;
  /** What an atom has beside its energy in the graph: shift of its head, energy of the isolated atom [atoms]. */
  readonly shifts: Float64Array;
  readonly isolated: Float64Array;
}

export function finishOf({ config }: MaceModel, weights: Weights, batch: Batch): Finish {
  const { graph, atoms } = batch.edges;
  const elements = config.atomicNumbers.length;
  const alone = weights['atomic_energies_fn.atomic_energies']!.data;
  const shifts = config.model === 'ScaleShiftMACE' ? weights['scale_shift.shift']?.data : undefined;
  const made = {
    places: new Int32Array(atoms),
    shifts: new Float64Array(atoms),
    isolated: new Float64Array(atoms),
  };
  const index = new Map(config.atomicNumbers.map((z, i) => [z, i]));
  batch.structures.forEach(({ numbers }, g) => {
    const first = graph.offsets[g]!;
    const head = config.heads.indexOf(batch.used[g]!.head.value);
    const row = alone.length > elements ? head * elements : 0;
    batch.orders[g]!.forEach((atom, place) => (made.places[first + atom] = first + place));
    numbers.forEach((z, atom) => {
      made.shifts[first + atom] = shifts ? shifts[shifts.length > 1 ? head : 0]! : 0;
      made.isolated[first + atom] = alone[row + index.get(z)!]!;
    });
  });
  return made;
}

/**
 * Writes what there are arrays for.
 * @param cells - of that moment [structures 9]
 */
export function finishInto(
  { places, shifts, isolated }: Finish,
  { structures, edges }: Batch,
  cells: Float64Array,
  outputs: RunOutputs,
  into: SystemArrays,
): void {
  const { offsets } = edges.graph;
  const { atomEnergy, embeddingEnergy, forces, atomVirial, features } = outputs;
  const featureWidth = features ? features.length / Math.max(1, edges.atoms) : 0;
  structures.forEach(({ cell, pbc }, g) => {
    const [first, end] = [offsets[g]!, offsets[g + 1]!];
    let energy = 0;
    let interactionEnergy = 0;
    for (let atom = first; atom < end; atom++) {
      const place = places[atom]!;
      const interaction = atomEnergy![place]! + shifts[atom]!;
      const own = interaction + isolated[atom]!;
      energy += own + (embeddingEnergy ? embeddingEnergy[place]! : 0);
      interactionEnergy += interaction;
      if (into.atomEnergies) into.atomEnergies[atom] = own;
      if (into.atomInteractionEnergies) into.atomInteractionEnergies[atom] = interaction;
      if (into.forces) copyRow(forces!, place, into.forces, atom, 3);
      if (into.atomVirials) copyRow(atomVirial!, place, into.atomVirials, atom, 9);
      if (into.descriptors) copyRow(features!, place, into.descriptors, atom, featureWidth);
    }
    into.energies[g] = energy;
    if (into.interactionEnergies) into.interactionEnergies[g] = interactionEnergy;
    if (into.virials || into.stresses) {
      const virial = new Float64Array(9);
      for (let atom = first; atom < end; atom++)
        for (let k = 0; k < 9; k++) virial[k]! += atomVirial![9 * places[atom]! + k]!;
      into.virials?.set(virial, 9 * g);
      const volume = pbc.every(Boolean) && cell ? volumeOf(cells.subarray(9 * g, 9 * g + 9)) : NaN;
      const stress = virial.map((value) => -value / volume);
      into.stresses?.set(stress, 9 * g);
    }
  });
}

/** Names as results have them. Stresses are NaN on purpose where there is no volume, and else follow from virials. */
const checked: readonly [keyof SystemArrays, string][] = [
  ['energies', 'energy'],
  ['interactionEnergies', 'interactionEnergy'],
  ['atomEnergies', 'energies'],
  ['atomInteractionEnergies', 'interactionEnergies'],
  ['forces', 'forces'],
  ['virials', 'virial'],
  ['atomVirials', 'atomVirials'],
  ['descriptors', 'descriptors'],
];
const perStructure: ReadonlySet<string> = new Set(['energies', 'interactionEnergies', 'virials']);

/** @throws StructureError that names the quantity and the structure. @param nameOf - what messages call a structure */
export function requireFiniteArrays(
  arrays: SystemArrays,
  { edges: { graph, atoms, graphs } }: Batch,
  nameOf: (structure: number) => string,
  precision: string,
): void {
  for (const [array, name] of checked) {
    const values = arrays[array];
    const bad = values ? firstNotFinite(values) : -1;
    if (bad < 0 || !values) continue;
    const isPerStructure = perStructure.has(array);
    const width = values.length / (isPerStructure ? graphs : atoms);
    const row = Math.floor(bad / width);
    const g = isPerStructure ? row : graph.values[row]!;
    const [from, to] = isPerStructure ? [g, g + 1] : [graph.offsets[g]!, graph.offsets[g + 1]!];
    requireFinite(name, values.subarray(from * width, to * width), nameOf(g), precision);
  }
}

function firstNotFinite(values: Float64Array): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

function copyRow(from: RealArray, row: number, to: Float64Array, target: number, width: number): void {
  for (let k = 0; k < width; k++) to[width * target + k] = from[width * row + k]!;
}
