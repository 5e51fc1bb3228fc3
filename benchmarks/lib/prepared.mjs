// A model and a structure made ready, so that a timing sees energy and forces alone: no file, no neighbor search, no set-up.
import { indexMapValues } from '../../packages/core/dist/backend/index.js';
import { deterministicModel, tinyModels } from '../../packages/core/dist/generators/index.js';
import { simplify } from '../../packages/core/dist/ir/index.js';
import { maceGraph, observablesGraph } from '../../packages/core/dist/model/index.js';
import { planValues } from '../../packages/core/dist/planner/index.js';
import { buildEdges } from '../../packages/core/dist/structure/index.js';

/** What tells the models of benchmarks apart. @typedef {{ elements: number[], cutoff: number, hiddenIrreps: string, edgesPerAtom: number }} ModelShape */

/** The model that benchmarks of backends use. */
export function benchmarkModel(channels = 32) {
  return seededModel({
    elements: [1, 8, 14],
    cutoff: 5,
    hiddenIrreps: `${channels}x0e+${channels}x1o`,
    edgesPerAtom: 30,
  });
}

/**
 * What mace-torch calls `MACE(hidden_irreps=…, max_ell=3, correlation=3, num_bessel=8, radial_MLP=[64, 64, 64])`.
 * @param {ModelShape} shape
 */
export function seededModel({ elements, cutoff, hiddenIrreps, edgesPerAtom }) {
  const model = deterministicModel({
    ...tinyModels.A.config,
    atomicNumbers: elements,
    cutoff,
    radialBasisSize: 8,
    maxEll: 3,
    numInteractions: 2,
    interactionFirst: 'RealAgnosticResidualInteractionBlock',
    interaction: 'RealAgnosticResidualInteractionBlock',
    hiddenIrreps,
    correlation: [3, 3],
    radialMlp: [64, 64, 64],
    mlpIrreps: '16x0e',
    avgNumNeighbors: [edgesPerAtom, edgesPerAtom],
  });
  const isolated = { shape: [1, elements.length], data: new Float64Array(elements.length) };
  return { ...model, weights: { ...model.weights, 'atomic_energies_fn.atomic_energies': isolated } };
}

/**
 * The planned graph of energy and forces, its parameters and its inputs.
 * @param {import('@mace/core').MaceModel} model
 * @param {import('@mace/core').Structure} structure
 */
export function prepare(model, structure) {
  const { species, ...bound } = inputsOf(model, structure);
  const plan = planValues(maceGraph(model), parametersOf(model), { species });
  return {
    graph: simplify(observablesGraph(plan.graph, ['atomEnergy', 'forces'])),
    parameters: plan.parameters,
    ...bound,
  };
}

/** The weights of a model as parameters of its graph. @param {import('@mace/core').MaceModel} model */
export function parametersOf({ weights }) {
  return Object.fromEntries(Object.entries(weights).map(([name, { data }]) => [name, data]));
}

/**
 * What a run is given, and the rows of the model's elements that the structure has.
 * @param {import('@mace/core').MaceModel} model
 * @param {import('@mace/core').Structure} structure
 */
export function inputsOf({ config }, structure) {
  const species = Int32Array.from(structure.numbers, (z) => config.atomicNumbers.indexOf(z));
  const edges = buildEdges([structure], config.cutoff);
  return {
    species: [...new Set(species)].sort((a, b) => a - b),
    atoms: edges.atoms,
    edges: edges.edges,
    inputs: {
      dims: { atoms: edges.atoms, edges: edges.edges, graphs: 1 },
      maps: {
        sender: edges.sender,
        receiver: edges.receiver,
        graph: edges.graph,
        species: indexMapValues(species, config.atomicNumbers.length),
        head: indexMapValues(Int32Array.of(0), 1),
      },
      values: { edgeVectors: edges.vectors },
    },
  };
}
