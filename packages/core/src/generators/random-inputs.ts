/**
 * Random inputs for any graph: sizes, index maps and values in the form that `Executable.run` takes.
 *
 * The numbers of a name depend on the seed, the name and the sizes alone, so a graph and its rewritten form get the same.
 */
import { concreteShape, indexMapValues, sizeOf, type IndexMapValues, type RunInputs } from '../backend/index.js';
import { ShapeError } from '../errors.js';
import type { Graph, IndexMap, RuntimeDim } from '../ir/index.js';
import { allowedTargets, baseMaps } from './allowed-targets.js';
import { species } from './index-maps.js';
import { seededRandom } from './seeded-random.js';

export type Dims = Readonly<Record<RuntimeDim, number>>;

/** One set of inputs, in the form that `Executable.run` takes. */
export interface RandomInputs extends RunInputs {
  readonly dims: Dims;
  readonly maps: Readonly<Record<string, IndexMapValues>>;
  readonly values: Readonly<Record<string, Float64Array>>;
}

export interface RandomInputsOptions {
  readonly seed: number;
  /** Sizes; those that are left out are the defaults. */
  readonly dims?: Partial<Dims>;
  /** Least and largest value of the inputs. Default −1 to 1. */
  readonly range?: readonly [number, number];
}

/** Sizes where none are given. */
export const defaultDims: Dims = { atoms: 5, edges: 9, graphs: 2 };

/**
 * Inputs for a graph: uniform values, and index maps that hit any target but element 1 of `species`, which never occurs,
 * so that empty groups are always tested. A runtime dimension from which a map leads to no rows becomes 0; the `dims` of
 * the result are those to run with.
 *
 * @throws ShapeError for a size that is no whole number, and for a map from fixed rows to no rows
 */
export function randomInputs(graph: Graph, { seed, dims, range = [-1, 1] }: RandomInputsOptions): RandomInputs {
  const maps = baseMaps(graph);
  const allowed = allowedTargets(graph);
  const sizes = settled({ ...defaultDims, ...dims }, maps, allowed);
  const [least, largest] = range;
  return {
    dims: sizes,
    maps: Object.fromEntries(
      maps.map((map) => {
        const random = seededRandom(seedOf(seed, `map ${map.name}`));
        const targets = candidates(map, sizes, allowed);
        const rows = new Int32Array(sizeOf(map.from, sizes));
        for (let row = 0; row < rows.length; row++) rows[row] = targets.at(Math.floor(random() * targets.count));
        return [map.name, indexMapValues(rows, sizeOf(map.to, sizes))];
      }),
    ),
    values: Object.fromEntries(
      graph.inputs.map(({ attributes: { name }, type }) => {
        const random = seededRandom(seedOf(seed, `input ${name}`));
        const values = new Float64Array(concreteShape(type.shape, sizes).reduce((size, dim) => size * dim, 1));
        for (let i = 0; i < values.length; i++) values[i] = least + (largest - least) * random();
        return [name, values];
      }),
    ),
  };
}

type Allowed = ReadonlyMap<string, readonly number[]>;

/** The sizes with every dimension set to 0 from which some map could not lead anywhere. */
function settled(wanted: Dims, maps: readonly IndexMap[], allowed: Allowed): Dims {
  const dims = { ...wanted };
  for (const [name, size] of Object.entries(dims)) {
    if (!Number.isInteger(size) || size < 0)
      throw new ShapeError(`dims.${name}: expected a whole number of rows, got ${size}. Give sizes from 0 up.`);
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const map of maps) {
      if (sizeOf(map.from, dims) === 0 || candidates(map, dims, allowed).count > 0) continue;
      if (typeof map.from === 'number')
        throw new ShapeError(
          `index map ${map.name}: ${map.from} → ${map.to} has ${map.from} rows and no target that they may hit. Give larger sizes.`,
        );
      dims[map.from] = 0;
      changed = true;
    }
  }
  return dims;
}

/** The targets that a map may hit. */
function candidates(map: IndexMap, dims: Dims, allowed: Allowed): { count: number; at(index: number): number } {
  const size = sizeOf(map.to, dims);
  let list = allowed.get(map.name)?.filter((target) => target < size);
  if (map.name === species.name && typeof map.to === 'number') {
    const without = (list ?? [...Array(size).keys()]).filter((target) => target !== 1);
    if (without.length > 0) list = without;
  }
  return list ? { count: list.length, at: (index) => list[index]! } : { count: size, at: (index) => index };
}

/** FNV-1a of the name, started at the seed. */
function seedOf(seed: number, name: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
