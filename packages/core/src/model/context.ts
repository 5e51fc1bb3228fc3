/**
 * What the blocks of the model share while the graph is built: builder, weights, index maps, constants.
 */
import { GraphError } from '../errors.js';
import type { Dim, GraphBuilder, IndexMap, Node, Shape } from '../ir/index.js';
import type { MaceConfig, MaceModel, Tensor } from './config.js';

/** Index maps that every MACE graph takes. */
export interface ModelMaps {
  readonly sender: IndexMap;
  readonly receiver: IndexMap;
  readonly species: IndexMap;
  readonly graph: IndexMap;
  readonly head: IndexMap;
  /** atoms → heads, derived. */
  readonly atomHead: IndexMap;
  readonly senderSpecies: IndexMap;
  readonly receiverSpecies: IndexMap;
}

export interface ModelContext {
  readonly build: GraphBuilder;
  readonly config: MaceConfig;
  readonly maps: ModelMaps;
  readonly elements: number;
  readonly heads: number;
  /** A trainable parameter by its upstream name, in the shape given (same number of values). */
  parameter(name: string, shape: Shape): Node;
  /** A parameter that may be absent. */
  optionalParameter(name: string, shape: Shape): Node | undefined;
  /** A stored buffer by its upstream name, or undefined. */
  buffer(name: string): Tensor | undefined;
  /** A computed constant as upstream would have stored it: rounded to the file's precision. */
  stored(value: number): number;
}

export function modelMaps(elements: number, heads: number): ModelMaps {
  const sender: IndexMap = { name: 'sender', from: 'edges', to: 'atoms' };
  const receiver: IndexMap = { name: 'receiver', from: 'edges', to: 'atoms' };
  const species: IndexMap = { name: 'species', from: 'atoms', to: elements };
  const graph: IndexMap = { name: 'graph', from: 'atoms', to: 'graphs' };
  const head: IndexMap = { name: 'head', from: 'graphs', to: heads };
  return {
    sender,
    receiver,
    species,
    graph,
    head,
    atomHead: composed('atomHead', graph, head),
    senderSpecies: composed('senderSpecies', sender, species),
    receiverSpecies: composed('receiverSpecies', receiver, species),
  };
}

export function composed(name: string, first: IndexMap, second: IndexMap): IndexMap {
  return { name, from: first.from, to: second.to, derivation: { kind: 'compose', first, second } };
}

/** @param missing - told each required parameter that the weights lack, instead of an error (see `parameters.ts`) */
export function modelContext(
  build: GraphBuilder,
  model: MaceModel,
  missing?: (name: string, shape: Shape) => void,
): ModelContext {
  const { config, weights } = model;
  const elements = config.atomicNumbers.length;
  const heads = config.heads.length;
  const parameter = (name: string, shape: Shape): Node | undefined => {
    const tensor = Object.hasOwn(weights, name) ? weights[name] : undefined;
    if (!tensor) return undefined;
    const wanted = (shape as readonly number[]).reduce((size, dim) => size * dim, 1);
    if (tensor.data.length !== wanted) {
      throw new GraphError(
        `weight ${name}: expected ${wanted} values ([${shape.join(' ')}]), got ${tensor.data.length} ([${tensor.shape.join(' ')}]). The configuration does not fit the weights.`,
      );
    }
    return build.parameter(name, shape);
  };
  return {
    build,
    config,
    maps: modelMaps(elements, heads),
    elements,
    heads,
    parameter: (name, shape) => {
      const node = parameter(name, shape);
      if (!node && missing) {
        missing(name, shape);
        return build.parameter(name, shape);
      }
      if (!node)
        throw new GraphError(
          `weight ${name} ([${shape.join(' ')}]) is missing from the model. The configuration does not fit the weights.`,
        );
      return node;
    },
    optionalParameter: parameter,
    buffer: (name) => (Object.hasOwn(weights, name) ? weights[name] : undefined),
    stored: config.storedPrecision === 'f32' ? Math.fround : (value) => value,
  };
}

/** Broadcasts [rows] or [rows, 1] along the other axes of `like`. */
export function alongRows(build: GraphBuilder, x: Node, like: Node): Node {
  return build.expand(x, like.type.shape, [0]);
}

/** Broadcasts [channels] along the rows: [rows, channels]. */
export function alongChannels(build: GraphBuilder, x: Node, rows: Dim): Node {
  const channels = x.type.shape[0]!;
  return build.expand(x, [rows, channels], [1]);
}
