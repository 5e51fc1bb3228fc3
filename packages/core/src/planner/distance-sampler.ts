/**
 * Evaluates a function of distance and its slope, exactly and in float64, at any distances and for every group of edges
 * that it distinguishes.
 */
import { indexMapValues } from '../backend/index-maps.js';
import type { IndexMapValues } from '../backend/index.js';
import { Interpreter } from '../reference/index.js';
import type { DistanceGraphs } from './distance-graphs.js';
import type { Parameters } from './fold.js';
import { quickMatmul } from './quick-matmul/index.js';

/** Rows of one run: what a network makes of them stays in the caches. */
const rowsPerRun = 128;

/** Value and slope. */
const orders = 2;

export class DistanceSampler {
  readonly #both: Interpreter;
  readonly #widening: Interpreter | null;

  /** @param parameters - their values may not change while this is used */
  constructor(
    readonly graphs: DistanceGraphs,
    parameters: Parameters,
  ) {
    const instead = { matmul: quickMatmul() };
    this.#both = new Interpreter(graphs.both, 'f64', parameters, instead);
    this.#widening = graphs.widening && new Interpreter(graphs.widening, 'f64', parameters, instead);
  }

  /** Values and slopes [groups, distances, 2, functions]. */
  sample(distances: Float64Array, groups = this.graphs.distinct): Float64Array {
    const { functions } = this.graphs;
    const all = groups.length * distances.length;
    const out = new Float64Array(all * orders * functions);
    for (let first = 0; first < all; first += rowsPerRun) {
      const rows = Math.min(rowsPerRun, all - first);
      const outputs = this.#both.run({
        dims: { atoms: 0, edges: rows, graphs: 0 },
        maps: this.#mapsOfRows(groups, first, rows, distances.length),
        inputs: { distance: Float64Array.from({ length: rows }, (_, i) => distances[(first + i) % distances.length]!) },
      });
      for (let row = 0; row < rows; row++)
        for (let k = 0; k < orders; k++)
          out.set(
            outputs[k]!.subarray(row * functions, (row + 1) * functions),
            ((first + row) * orders + k) * functions,
          );
    }
    return out;
  }

  /** What a table has [rows, width] of samples, or of differences of samples [rows, functions]. */
  widened(rows: Float64Array): Float64Array {
    if (!this.#widening) return rows;
    const dims = { atoms: 0, edges: rows.length / this.graphs.functions, graphs: 0 };
    return this.#widening.run({ dims, maps: new Map(), inputs: { rows } })['wide'] as Float64Array;
  }

  /** Groups count through the rows of their maps, the last map fastest. */
  #mapsOfRows(groups: readonly number[], first: number, rows: number, perGroup: number): Map<string, IndexMapValues> {
    const maps = new Map<string, IndexMapValues>();
    let inner = this.graphs.groups;
    for (const map of this.graphs.maps) {
      const size = map.to as number;
      inner /= size;
      const divisor = inner;
      const groupOf = (row: number): number => groups[Math.floor((first + row) / perGroup)]!;
      const values = Int32Array.from({ length: rows }, (_, row) => Math.floor(groupOf(row) / divisor) % size);
      maps.set(map.name, indexMapValues(values, size));
    }
    return maps;
  }
}
