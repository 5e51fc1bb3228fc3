/** The reference with the two optional members of a backend, done by loops on the host: subjects for their checks. */
import { reference } from '@mace/core';
import type {
  Backend,
  BackendDefinition,
  NeighborEdges,
  NeighborRequest,
  StepperOptions,
  StepperState,
} from '@mace/core/backend';
import { buildEdges, edgeVectors, findNeighbors, makeStructure, type NeighborList } from '@mace/core/structure';

/** Å/fs² of 1 eV/Å on 1 amu: e / (atomic mass constant · 1e10), CODATA 2018. */
const accelerationUnit = 1.602176634e-19 / (1.6605390666e-27 * 1e10);

/** The reference that finds neighbors and makes steps. */
export function hosted(): BackendDefinition {
  const sound = reference();
  return {
    ...sound,
    create: async () => {
      const backend = await sound.create();
      return { ...backend, neighbors: hostNeighbors, stepper: hostStepper() };
    },
  };
}

export async function hostNeighbors(request: NeighborRequest): Promise<NeighborEdges> {
  const { positions, cell, pbc, cutoff, skin = 0 } = request;
  const structure = makeStructure({ numbers: new Int32Array(positions.length / 3).fill(6), positions, cell, pbc });
  return reversed(findNeighbors(structure, cutoff + skin));
}

/** The order of the edges is free. */
function reversed({ edges, sender, receiver, shifts, vectors }: NeighborList): NeighborEdges {
  const triples = (values: Int32Array | Float64Array): number[] =>
    Array.from({ length: edges }, (_, e) => [...values.subarray(3 * (edges - 1 - e), 3 * (edges - e))]).flat();
  return {
    sender: sender.slice().reverse(),
    receiver: receiver.slice().reverse(),
    shifts: Int32Array.from(triples(shifts)),
    vectors: Float64Array.from(triples(vectors)),
  };
}

/** What a faulty stepper does otherwise. */
export interface StepperFaults {
  /** Times the timestep. */
  readonly timestep?: number;
  /** The first list of edges is kept for ever. */
  readonly oneList?: boolean;
  /** Forces of the first step are used again where a run begins. */
  readonly forgets?: boolean;
}

/** Velocity Verlet with a list that is made again when an atom has moved by half the skin. */
export function hostStepper(faults: StepperFaults = {}): NonNullable<Backend['stepper']> {
  return async (executable, options: StepperOptions) => {
    const { cutoff, skin, masses, maps, values } = options;
    const dt = options.timestep * (faults.timestep ?? 1);
    let state: StepperState;
    let listed: { at: Float64Array; edges: ReturnType<typeof buildEdges> } | undefined;
    const structureAt = (positions: Float64Array): ReturnType<typeof makeStructure> =>
      makeStructure({ numbers: new Int32Array(masses.length).fill(6), positions, cell: state.cell, pbc: state.pbc });
    const accelerations = async (positions: Float64Array): Promise<Float64Array> => {
      const old = listed;
      const far = old === undefined || farthest(old.at, positions) > skin / 2;
      if (!old || (far && !faults.oneList))
        listed = { at: positions.slice(), edges: buildEdges([structureAt(positions)], cutoff + skin) };
      const { sender, receiver, shifts, atoms, edges } = listed!.edges;
      const list = { sender: sender.values, receiver: receiver.values, shifts };
      const { forces } = await executable.run({
        dims: { atoms, edges, graphs: 1 },
        maps: { ...maps, sender, receiver },
        values: { ...values, edgeVectors: edgeVectors(structureAt(positions), list) },
      });
      return Float64Array.from(forces!, (force, i) => (accelerationUnit * force) / masses[Math.floor(i / 3)]!);
    };
    return {
      upload: async (given) => {
        state = given;
        listed = undefined;
      },
      run: async (steps) => {
        const positions = Float64Array.from(state.positions);
        const velocities = Float64Array.from(state.velocities);
        let acceleration = faults.forgets ? new Float64Array(positions.length) : await accelerations(positions);
        for (let step = 0; step < steps; step++) {
          positions.forEach((x, i) => (positions[i] = x + dt * (velocities[i]! + 0.5 * dt * acceleration[i]!)));
          const next = await accelerations(positions);
          velocities.forEach((v, i) => (velocities[i] = v + 0.5 * dt * (acceleration[i]! + next[i]!)));
          acceleration = next;
        }
        state = { ...state, positions, velocities };
      },
      read: async () => state,
      dispose: () => {},
    };
  };
}

function farthest(from: Float64Array, to: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < from.length; i += 3)
    largest = Math.max(largest, Math.hypot(to[i]! - from[i]!, to[i + 1]! - from[i + 1]!, to[i + 2]! - from[i + 2]!));
  return largest;
}
