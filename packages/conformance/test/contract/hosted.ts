/** The reference with the optional members of a backend, done by loops on the host: subjects for their checks. */
import { reference } from '@mace/core';
import type { BackendDefinition, NeighborEdges, NeighborRequest } from '@mace/core/backend';
import { findNeighbors, makeStructure, type NeighborList } from '@mace/core/structure';

/** The reference that finds neighbors. */
export function hosted(): BackendDefinition {
  const sound = reference();
  return {
    ...sound,
    create: async () => {
      const backend = await sound.create();
      return { ...backend, neighbors: hostNeighbors };
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
