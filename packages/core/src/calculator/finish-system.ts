/** The float64 finish of a system, into arrays: the arithmetic of `finishBatch`, in its order, without making objects. */
import type { RealArray, RunOutputs } from '../backend/index.js';
import { StructureError } from '../errors.js';
import type { MaceModel, Tensor } from '../model/index.js';
import { volumeOf } from '../structure/index.js';
import type { Batch } from './batch.js';
import type { SystemArrays } from './system.js';

/** What does not change while atoms move. */
export interface SystemFinish {
  /** Place of each atom of the caller [atoms]. */
  readonly places: Int32Array;
  /** What an atom has beside its energy in the graph: shift of its head, energy of the isolated atom [atoms]. */
  readonly shifts: Float64Array;
  readonly isolated: Float64Array;
}

export function systemFinish(model: MaceModel, weights: Readonly<Record<string, Tensor>>, batch: Batch): SystemFinish {
  const { config } = model;
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
 * @throws StructureError for what is not a finite number
 */
export function finishSystem(
  { places, shifts, isolated }: SystemFinish,
  { structures, edges }: Batch,
  cells: Float64Array,
  outputs: RunOutputs,
  into: SystemArrays,
): void {
  const { offsets } = edges.graph;
  const { atomEnergy, embeddingEnergy, forces, atomVirial } = outputs;
  structures.forEach(({ cell, pbc }, g) => {
    let energy = 0;
    for (let atom = offsets[g]!; atom < offsets[g + 1]!; atom++) {
      const place = places[atom]!;
      const own = atomEnergy![place]! + shifts[atom]! + isolated[atom]!;
      if (into.atomEnergies) into.atomEnergies[atom] = own;
      energy += own + (embeddingEnergy ? embeddingEnergy[place]! : 0);
      if (into.forces) copyRow(forces!, place, into.forces, atom, 3);
    }
    into.energies[g] = energy;
    if (atomVirial && (into.virials || into.stresses)) {
      const virial = new Float64Array(9);
      for (let atom = offsets[g]!; atom < offsets[g + 1]!; atom++)
        for (let k = 0; k < 9; k++) virial[k]! += atomVirial[9 * places[atom]! + k]!;
      into.virials?.set(virial, 9 * g);
      const volume = pbc.every(Boolean) && cell ? volumeOf(cells.subarray(9 * g, 9 * g + 9)) : NaN;
      into.stresses?.set(
        virial.map((value) => -value / volume),
        9 * g,
      );
    }
    requireFinite('energy', Number.isFinite(energy), g, structures.length);
  });
  if (into.forces) {
    const bad = into.forces.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) requireFinite('a force', false, edges.graph.values[Math.floor(bad / 3)]!, structures.length);
  }
}

function copyRow(from: RealArray, row: number, to: Float64Array, target: number, width: number): void {
  for (let k = 0; k < width; k++) to[width * target + k] = from[width * row + k]!;
}

function requireFinite(what: string, isFinite: boolean, structure: number, structures: number): void {
  if (!isFinite)
    throw new StructureError(
      `${structures > 1 ? `Structure ${structure}: ` : ''}${what} is not a finite number. Look for atoms too near to each other, and take a shorter step.`,
    );
}
