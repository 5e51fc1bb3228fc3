/**
 * Evaluates a function of distance and its slope, exactly and in float64, at any distances and for every group of edges
 * that it distinguishes (pairs of elements).
 */
import { forward } from '../autodiff/index.js';
import { indexMapValues } from '../backend/index-maps.js';
import type { IndexMapValues } from '../backend/index.js';
import {
  GraphBuilder,
  legalize,
  mapOf,
  rewrite,
  simplify,
  SimplifyingBuilder,
  type Graph,
  type IndexMap,
  type Node,
} from '../ir/index.js';
import { Interpreter } from '../reference/index.js';
import type { DistanceFunction } from './distance-functions.js';
import type { Parameters } from './fold.js';
import { quickMatmul } from './quick-matmul/index.js';

/** Rows of one run: what a network makes of them stays in the caches. */
const rowsPerRun = 128;

/** Value and slope. */
const orders = 2;

export class DistanceSampler {
  readonly functions: number;
  readonly groups: number;
  /** `distance[edges]` to `value[edges, functions]`. */
  readonly body: Graph;
  /** The derivative of `body`. */
  readonly slope: Graph;
  readonly #all: Graph;
  /** Groups that differ: of those that stand for each other, the first. */
  readonly #distinct: readonly number[];
  /** Number of the group that the roles of the two maps exchanged give, where that changes nothing. */
  readonly #mirrored: ((group: number) => number) | null;
  readonly #maps: readonly IndexMap[];

  constructor(graph: Graph, { node, distance, maps }: DistanceFunction) {
    this.#maps = maps;
    this.functions = (node.type.shape.slice(1) as number[]).reduce((a, b) => a * b, 1);
    this.groups = maps.reduce((n, { to }) => n * (to as number), 1);
    const build = new GraphBuilder();
    const r = build.input('distance', ['edges']);
    const value = build.import({ ...graph, inputs: [], outputs: { value: node } }, new Map([[distance, r]])).value!;
    const [slope] = forward(build, new Map([[r, build.fill(1, r)]]), [value]);
    const flat = [value, slope!].map((one) => build.reshape(one, ['edges', this.functions]));
    const graphOf = (name: string, outputs: Graph['outputs']): Graph =>
      simplify(legalize(build.finish(name, outputs), ({ op }) => op !== 'call'));
    this.body = graphOf('radial', { value: flat[0]! });
    this.slope = graphOf('radialSlope', { value: flat[1]! });
    this.#all = graphOf('radialAndSlope', Object.fromEntries(flat.entries()));
    this.#mirrored = isSymmetric(this.#all, maps) ? mirrored(maps[0]!.to as number) : null;
    this.#distinct = Array.from({ length: this.groups }, (_, group) => group).filter(
      (group) => !this.#mirrored || group <= this.#mirrored(group),
    );
  }

  /** Values and slopes [groups, distances, 2, functions]. */
  sample(parameters: Parameters, distances: Float64Array): Float64Array {
    const size = distances.length * orders * this.functions;
    const out = new Float64Array(this.groups * size);
    this.#evaluate(parameters, distances, out, (index) => this.#distinct[index]!);
    if (this.#mirrored)
      for (const group of this.#distinct)
        out.copyWithin(this.#mirrored(group) * size, group * size, (group + 1) * size);
    return out;
  }

  /** The same [distinct groups, distances, 2, functions]: only one of groups that stand for each other. */
  sampleDistinct(parameters: Parameters, distances: Float64Array): Float64Array {
    const out = new Float64Array(this.#distinct.length * distances.length * orders * this.functions);
    this.#evaluate(parameters, distances, out, (index) => index);
    return out;
  }

  /** @param placeOf - where in `out` a distinct group goes, by its number among those */
  #evaluate(
    parameters: Parameters,
    distances: Float64Array,
    out: Float64Array,
    placeOf: (index: number) => number,
  ): void {
    const interpreter = new Interpreter(this.#all, 'f64', parameters, { matmul: quickMatmul() });
    const width = this.functions;
    const all = this.#distinct.length * distances.length;
    for (let first = 0; first < all; first += rowsPerRun) {
      const rows = Math.min(rowsPerRun, all - first);
      const outputs = interpreter.run({
        dims: { atoms: 0, edges: rows, graphs: 0 },
        maps: this.#mapsOfRows(first, rows, distances.length),
        inputs: { distance: Float64Array.from({ length: rows }, (_, i) => distances[(first + i) % distances.length]!) },
      });
      for (let row = 0; row < rows; row++) {
        const index = Math.floor((first + row) / distances.length);
        const place = placeOf(index) * distances.length + first + row - index * distances.length;
        for (let k = 0; k < orders; k++)
          out.set(outputs[k]!.subarray(row * width, (row + 1) * width), (place * orders + k) * width);
      }
    }
  }

  /** Groups count through the rows of their maps, the last map fastest. */
  #mapsOfRows(first: number, rows: number, perGroup: number): Map<string, IndexMapValues> {
    const maps = new Map<string, IndexMapValues>();
    let inner = this.groups;
    for (const map of this.#maps) {
      const size = map.to as number;
      inner /= size;
      const divisor = inner;
      const groupOf = (row: number): number => this.#distinct[Math.floor((first + row) / perGroup)]!;
      const values = Int32Array.from({ length: rows }, (_, row) => Math.floor(groupOf(row) / divisor) % size);
      maps.set(map.name, indexMapValues(values, size));
    }
    return maps;
  }
}

/** Whether a graph computes the same when two maps exchange their roles: elements of sender and receiver. */
function isSymmetric(graph: Graph, maps: readonly IndexMap[]): boolean {
  const [first, second] = maps;
  if (!first || !second || first.to !== second.to) return false;
  const exchanged = rewrite(graph, (build, node, operands) => {
    const map = mapOf(node);
    const other = map?.name === first.name ? second : map?.name === second.name ? first : null;
    if (!other) return null;
    const attributes = { ...node.attributes, [node.op === 'matmul' ? 'group' : 'map']: other };
    return build.rebuild({ ...node, attributes } as Node, operands);
  });
  // Equal computations are one node of a builder, and so are a + b and b + a, which have the same bits.
  const build = new SimplifyingBuilder();
  const [own, others] = [build.import(graph), build.import(exchanged)];
  return Object.keys(own).every((name) => own[name] === others[name]);
}

/** Of groups (i, j) of `size` each, the number of (j, i). */
function mirrored(size: number): (group: number) => number {
  return (group) => (group % size) * size + Math.floor(group / size);
}
