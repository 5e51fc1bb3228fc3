/** Small graphs and inputs that the checks of the contract run. */
import { indexMapValues, sizeOf, type IndexMapValues, type RealArray, type RunInputs } from '@mace/core/backend';
import { deterministicModel, randomInputs, seededRandom, tinyModels, type Dims } from '@mace/core/generators';
import { GraphBuilder, simplify, type Dim, type Graph, type IndexMap } from '@mace/core/ir';
import { maceGraph, observablesGraph, type MaceConfig } from '@mace/core/model';
import { parametersOf } from '../../model-inputs.js';
import type { Outputs } from '../../subject.js';
import type { Example } from '../../case.js';

const channels = 24;
const sender: IndexMap = { name: 'sender', from: 'edges', to: 'atoms' };
const receiver: IndexMap = { name: 'receiver', from: 'edges', to: 'atoms' };
const graphOf: IndexMap = { name: 'graph', from: 'atoms', to: 'graphs' };

/**
 * A graph with all that a model has: inputs on edges and atoms, maps between all runtime dimensions, a matrix, and `bias`,
 * which enters only through values that depend on parameters alone. Outputs `energy` [graphs], `atoms` [atoms 4],
 * `edges` [edges 4]; inputs `features` [edges 3] and `start` [atoms 4].
 */
export const sample: Example = { graph: sampleGraph(), parameters: sampleParameters(1) };

/** Other values for the parameters of `sample`. */
export function sampleParameters(seed: number): { weights: Float64Array; bias: Float64Array } {
  return { weights: numbers(12, seed), bias: numbers(4, seed + 1000) };
}

function sampleGraph(): Graph {
  const build = new GraphBuilder();
  const features = build.input('features', ['edges', 3]);
  const start = build.input('start', ['atoms', 4]);
  const messages = build.scoped('message', () => build.sin(build.matmul(features, build.parameter('weights', [3, 4]))));
  const atoms = build.scoped('update', () => {
    const folded = build.exp(build.parameter('bias', [4]));
    return build.add(
      build.segmentSum(messages, receiver),
      build.mul(start, build.expand(folded, start.type.shape, [1])),
    );
  });
  const energy = build.scoped('energy', () => build.sum(build.segmentSum(atoms, graphOf), [1]));
  const edges = build.scoped('edges', () => build.mul(build.gather(atoms, sender), messages));
  return build.finish('sample', { energy, atoms, edges });
}

/** The same ops with more of everything: 24 channels, parameters of 576 and 24 numbers; sums of its numbers are exact. */
export const wide: Example = { graph: wideGraph(), parameters: wideParameters(1) };

export function wideParameters(seed: number): { weights: Float64Array; bias: Float64Array } {
  return { weights: short(numbers(channels ** 2, seed)), bias: short(numbers(channels, seed + 1000)) };
}

/** Inputs of `wide`, made anew in every call. */
export function wideInputs(seed: number, dims: Dims = { atoms: 11, edges: 37, graphs: 3 }): RunInputs {
  const inputs = randomInputs(wide.graph, { seed, dims });
  return {
    ...inputs,
    values: Object.fromEntries(Object.entries(inputs.values).map(([name, values]) => [name, short(values)])),
  };
}

/** Numbers of few binary digits. */
function short(values: Float64Array): Float64Array {
  return values.map((x) => Math.round(1024 * x) / 1024);
}

function wideGraph(): Graph {
  const build = new GraphBuilder();
  const features = build.input('features', ['edges', channels]);
  const start = build.input('start', ['atoms', channels]);
  const messages = build.matmul(features, build.parameter('weights', [channels, channels]));
  const folded = build.exp(build.parameter('bias', [channels]));
  const atoms = build.add(
    build.segmentSum(messages, receiver),
    build.mul(start, build.expand(folded, start.type.shape, [1])),
  );
  const edges = build.mul(build.gather(atoms, sender), features);
  return build.finish('wide', { atoms, edges, sums: build.segmentSum(build.sin(atoms), graphOf) });
}

/** Sizes of most runs. */
export const usualDims: Dims = { atoms: 5, edges: 14, graphs: 2 };

/** Inputs of `sample`, made anew in every call; every structure has an atom if there are enough. */
export function sampleInputs(seed: number, dims: Dims = usualDims): RunInputs & { values: Record<string, RealArray> } {
  const inputs = randomInputs(sample.graph, { seed, dims });
  const { atoms, graphs } = inputs.dims;
  const graph = Int32Array.from({ length: atoms }, (_, atom) => Math.floor((atom * graphs) / atoms));
  return {
    ...inputs,
    maps: { ...inputs.maps, graph: indexMapValues(graph, graphs) },
    values: { ...inputs.values },
  };
}

/** The forces of the tiny model `A`, and its configuration. */
export function forcesOf(name: 'A'): Example & { readonly config: MaceConfig } {
  const { config } = tinyModels[name];
  const model = deterministicModel(config);
  return {
    config,
    graph: simplify(observablesGraph(maceGraph(model), ['atomEnergy', 'forces'])),
    parameters: parametersOf(model),
  };
}

/** Inputs one after another as the structures of one batch. */
export function joined(graph: Graph, parts: readonly RunInputs[]): RunInputs {
  const dims = { atoms: 0, edges: 0, graphs: 0 };
  const maps = new Map<string, number[]>(graph.maps.filter((map) => !map.derivation).map((map) => [map.name, []]));
  const values = new Map<string, number[]>(graph.inputs.map(({ attributes }) => [attributes.name, []]));
  for (const part of parts) {
    for (const { name, to } of graph.maps) {
      const first = typeof to === 'number' ? 0 : dims[to];
      for (const target of part.maps[name]?.values ?? []) maps.get(name)!.push(first + target);
    }
    for (const [name, list] of values) for (const value of part.values[name] as RealArray) list.push(value);
    for (const dim of ['atoms', 'edges', 'graphs'] as const) dims[dim] += part.dims[dim];
  }
  const bound = ({ name, to }: IndexMap): [string, IndexMapValues] => [
    name,
    indexMapValues(Int32Array.from(maps.get(name)!), sizeOf(to, dims)),
  ];
  return {
    dims,
    maps: Object.fromEntries(graph.maps.filter((map) => !map.derivation).map(bound)),
    values: Object.fromEntries([...values].map(([name, list]) => [name, Float64Array.from(list)])),
  };
}

/** The rows of outputs that belong to one part of a batch; outputs without runtime dimension are left out. */
export function partOf(graph: Graph, outputs: Outputs, parts: readonly RunInputs[], index: number): Outputs {
  const rows = (dim: Dim, of: readonly RunInputs[]): number => of.reduce((sum, { dims }) => sum + sizeOf(dim, dims), 0);
  return Object.fromEntries(
    Object.entries(graph.outputs).flatMap(([name, { type }]): [string, RealArray][] => {
      const dim = type.shape[0];
      if (typeof dim !== 'string') return [];
      const width = type.shape.slice(1).reduce<number>((size, own) => size * (own as number), 1);
      const first = rows(dim, parts.slice(0, index));
      return [[name, outputs[name]!.slice(width * first, width * (first + parts[index]!.dims[dim]))]];
    }),
  );
}

/** Numbers in [−1, 1). */
export function numbers(length: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length }, () => 2 * random() - 1);
}
