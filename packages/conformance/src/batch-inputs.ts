/** Structures as the inputs of one run of a model's graph, for cases that do without a calculator. */
import { indexMapValues, type RunInputs } from '@mace/core/backend';
import type { MaceConfig } from '@mace/core/model';
import { buildEdges, type Structure } from '@mace/core/structure';

/** @param headOf - head of each structure; default the first */
export function batchInputs(
  config: MaceConfig,
  structures: readonly Structure[],
  headOf: (structure: number) => number = () => 0,
): RunInputs {
  const edges = buildEdges(structures, config.cutoff);
  const species = structures.flatMap(({ numbers }) => [...numbers].map((z) => config.atomicNumbers.indexOf(z)));
  return {
    dims: { atoms: edges.atoms, edges: edges.edges, graphs: structures.length },
    maps: {
      sender: edges.sender,
      receiver: edges.receiver,
      graph: edges.graph,
      species: indexMapValues(Int32Array.from(species), config.atomicNumbers.length),
      head: indexMapValues(
        Int32Array.from(structures, (_, g) => headOf(g)),
        config.heads.length,
      ),
    },
    values: { edgeVectors: edges.vectors },
  };
}
