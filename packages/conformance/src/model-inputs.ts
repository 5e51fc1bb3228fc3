/** Structures and weights as a model's graph takes them, for cases that do without a calculator. */
import { indexMapValues, type RealArray, type RunInputs } from '@mace/core/backend';
import type { MaceConfig, MaceModel } from '@mace/core/model';
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

/** The weights of a model by name. */
export function parametersOf(model: MaceModel): Record<string, RealArray> {
  return Object.fromEntries(Object.entries(model.weights).map(([name, { data }]) => [name, data]));
}
