/**
 * What random graphs run on: index maps, sizes, numbers. Element 1 never occurs, so empty rows are always tested.
 */
import type { Dim, Graph, IndexMap, RuntimeDim, Shape } from '../types.js';

/** One set of inputs, in the form that `Executable.run` takes. */
export interface RandomInputs {
  readonly dims: Readonly<Record<RuntimeDim, number>>;
  /** Maps that are not derived. */
  readonly maps: Readonly<
    Record<string, { readonly values: Int32Array; readonly offsets: Int32Array; readonly order: Int32Array }>
  >;
  readonly values: Readonly<Record<string, Float64Array>>;
}

/** Sizes of every random graph. */
const dims = { atoms: 5, edges: 9, graphs: 2 };
/** Targets of `species`. */
export const elements = 3;
const sender: IndexMap = { name: 'sender', from: 'edges', to: 'atoms' };
const receiver: IndexMap = { name: 'receiver', from: 'edges', to: 'atoms' };
const species: IndexMap = { name: 'species', from: 'atoms', to: elements };
const graphOf: IndexMap = { name: 'graph', from: 'atoms', to: 'graphs' };
const baseMaps = [sender, receiver, species, graphOf];
const senderSpecies = composed('senderSpecies', sender, species);
const receiverSpecies = composed('receiverSpecies', receiver, species);
/** Elements of both ends of an edge. */
export const pair: IndexMap = {
  name: 'pair',
  from: 'edges',
  to: elements ** 2,
  derivation: { kind: 'pair', first: senderSpecies, second: receiverSpecies },
};
const kept: IndexMap = {
  name: 'kept',
  from: 'atoms',
  to: 2,
  derivation: { kind: 'select', first: species, keep: [2, 0] },
};
/** Every map that random graphs use. */
export const allMaps = [...baseMaps, senderSpecies, receiverSpecies, pair, kept];

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Inputs for a graph that uses these maps: numbers from −1 to 1. */
export function randomInputs(graph: Graph, seed: number): RandomInputs {
  const random = seededRandom(seed + 7919);
  const maps = Object.fromEntries(
    [...new Set([...baseMaps, ...graph.maps.filter((map) => !map.derivation)])].map((map) => {
      const rows = Int32Array.from({ length: sizeOf(map.from) }, () => Math.floor(random() * sizeOf(map.to)));
      // `kept` keeps elements 2 and 0 only.
      return [map.name, compressed(map === species ? rows.map((row) => (row === 1 ? 2 : row)) : rows, sizeOf(map.to))];
    }),
  );
  const values = Object.fromEntries(
    graph.inputs.map(({ attributes, type }) => [
      attributes.name,
      Float64Array.from({ length: sizeOfShape(type.shape) }, () => 2 * random() - 1),
    ]),
  );
  return { dims, maps, values };
}

function composed(name: string, first: IndexMap, second: IndexMap): IndexMap {
  return { name, from: first.from, to: second.to, derivation: { kind: 'compose', first, second } };
}

function compressed(
  values: Int32Array,
  targets: number,
): { values: Int32Array; offsets: Int32Array; order: Int32Array } {
  const order = Int32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
  const offsets = Int32Array.from({ length: targets + 1 }, (_, target) => values.filter((row) => row < target).length);
  return { values, offsets, order };
}

/** A size as a number. */
export function sizeOf(dim: Dim): number {
  return typeof dim === 'number' ? dim : dims[dim];
}

/** Number of values of a shape. */
export function sizeOfShape(shape: Shape): number {
  return shape.reduce<number>((size, dim) => size * sizeOf(dim), 1);
}
