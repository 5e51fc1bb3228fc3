/**
 * Evaluates a function of distance and its slope, exactly and in float64, at any distances and for every group of edges
 * that it distinguishes (pairs of elements).
 */
import { forward } from '../autodiff/index.js';
import { indexMapValues } from '../backend/index-maps.js';
import type { IndexMapValues } from '../backend/index.js';
import { GraphBuilder, legalize, simplify, type Graph, type IndexMap } from '../ir/index.js';
import { Interpreter } from '../reference/index.js';
import type { DistanceFunction } from './distance-functions.js';
import type { Parameters } from './fold.js';

/** Rows of one run: bounds the memory of wide networks. */
const rowsPerRun = 1024;

export class DistanceSampler {
  readonly functions: number;
  readonly groups: number;
  /** `distance[edges]` to `value[edges, functions]`. */
  readonly body: Graph;
  /** The derivative of `body`. */
  readonly slope: Graph;
  readonly #both: Graph;
  readonly #maps: readonly IndexMap[];

  constructor(graph: Graph, { node, distance, maps }: DistanceFunction) {
    this.#maps = maps;
    this.functions = (node.type.shape.slice(1) as number[]).reduce((a, b) => a * b, 1);
    this.groups = maps.reduce((n, { to }) => n * (to as number), 1);
    const build = new GraphBuilder();
    const r = build.input('distance', ['edges']);
    const value = build.import({ ...graph, inputs: [], outputs: { value: node } }, new Map([[distance, r]])).value!;
    const slope = forward(build, new Map([[r, build.fill(1, r)]]), [value])[0]!;
    const flat = {
      value: build.reshape(value, ['edges', this.functions]),
      slope: build.reshape(slope, ['edges', this.functions]),
    };
    const graphOf = (name: string, outputs: Graph['outputs']): Graph =>
      simplify(legalize(build.finish(name, outputs), ({ op }) => op !== 'call'));
    this.body = graphOf('radial', { value: flat.value });
    this.slope = graphOf('radialSlope', { value: flat.slope });
    this.#both = graphOf('radialAndSlope', flat);
  }

  /** Values and slopes [groups, distances, 2, functions]. */
  sample(parameters: Parameters, distances: Float64Array): Float64Array {
    const interpreter = new Interpreter(this.#both, 'f64', parameters);
    const width = this.functions;
    const all = this.groups * distances.length;
    const out = new Float64Array(all * 2 * width);
    for (let first = 0; first < all; first += rowsPerRun) {
      const rows = Math.min(rowsPerRun, all - first);
      const { value, slope } = interpreter.run({
        dims: { atoms: 0, edges: rows, graphs: 0 },
        maps: this.#mapsOfRows(first, rows, distances.length),
        inputs: { distance: Float64Array.from({ length: rows }, (_, i) => distances[(first + i) % distances.length]!) },
      });
      for (let row = 0; row < rows; row++) {
        const to = (first + row) * 2 * width;
        out.set(value!.subarray(row * width, (row + 1) * width), to);
        out.set(slope!.subarray(row * width, (row + 1) * width), to + width);
      }
    }
    return out;
  }

  /** Groups count through the rows of their maps, the last map fastest. */
  #mapsOfRows(first: number, rows: number, perGroup: number): Map<string, IndexMapValues> {
    const maps = new Map<string, IndexMapValues>();
    let inner = this.groups;
    for (const map of this.#maps) {
      const size = map.to as number;
      inner /= size;
      const divisor = inner * perGroup;
      const values = Int32Array.from({ length: rows }, (_, i) => Math.floor((first + i) / divisor) % size);
      maps.set(map.name, indexMapValues(values, size));
    }
    return maps;
  }
}
