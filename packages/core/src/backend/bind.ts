/**
 * What happens when a compiled graph meets its inputs: sizes are checked and derived index maps are filled.
 *
 * Every backend binds through this file, so callers never compute a derived map and messages are the same everywhere.
 */
import { ShapeError, UnsupportedError } from '../errors.js';
import { nodesOf } from '../ir/traverse.js';
import type { Dim, Graph, IndexMap, Node, NodeOf, RuntimeDim, Shape } from '../ir/types.js';
import type { DeviceTensor, IndexMapValues, RealArray, RunInputs, RunSizes, RunValues } from './contract.js';
import { indexMapValues } from './index-maps.js';

/** A size as a number. */
export function sizeOf(dim: Dim, dims: Readonly<Record<RuntimeDim, number>>): number {
  return typeof dim === 'number' ? dim : dims[dim];
}

/** A shape in numbers. */
export function concreteShape(shape: Shape, dims: Readonly<Record<RuntimeDim, number>>): number[] {
  return shape.map((dim) => sizeOf(dim, dims));
}

/** All maps of a graph by name, derived ones computed. @throws ShapeError for a missing or ill-sized map */
export function bindMaps(graph: Graph, inputs: RunSizes): ReadonlyMap<string, IndexMapValues> {
  const bound = new Map<string, IndexMapValues>();
  const bind = (map: IndexMap): IndexMapValues => {
    const known = bound.get(map.name);
    if (known) return known;
    const made = map.derivation ? derive(map, bind, inputs) : checked(map, inputs);
    bound.set(map.name, made);
    return made;
  };
  graph.maps.forEach(bind);
  return bound;
}

/** Checks that sizes are numbers, and that structures lie one behind the other. @throws ShapeError */
export function checkSizes({ dims, borders }: RunSizes): void {
  for (const dim of ['atoms', 'edges', 'graphs'] as const) {
    const size = dims[dim];
    if (!Number.isInteger(size) || size < 0)
      throw new ShapeError(`dims.${dim}: expected a whole number, got ${size}. Give the sizes of this run.`);
  }
  if (!borders) return;
  const isOrdered = borders.every((first, i) => first >= (borders[i - 1] ?? 0));
  if (borders.length === dims.graphs + 1 && borders[0] === 0 && borders.at(-1) === dims.atoms && isOrdered) return;
  throw new ShapeError(
    `borders: expected ${dims.graphs + 1} ascending numbers from 0 to ${dims.atoms}, got ${borders.length} from ${borders[0]} to ${borders.at(-1)}. Give the first atom of each structure and the number of atoms.`,
  );
}

/** Sizes and values of one run. @throws ShapeError */
export function checkInputs(graph: Graph, inputs: RunInputs): void {
  checkSizes(inputs);
  checkValues(graph.inputs, inputs, inputs.values);
}

/** What a run is given: inputs of its graph, or what stands for one of them. */
export type RunInput = Pick<NodeOf<'input'>, 'attributes' | 'type'>;

/** Checks that everything is there with the size that its shape needs. @throws ShapeError */
export function checkValues(inputs: readonly RunInput[], { dims }: Pick<RunSizes, 'dims'>, values: RunValues): void {
  for (const { attributes, type } of inputs) {
    const value = values[attributes.name];
    if (!value)
      throw new ShapeError(
        `input ${attributes.name}: expected [${type.shape.join(' ')}], got nothing. Add it to the inputs of the run.`,
      );
    const wanted = concreteShape(type.shape, dims).reduce((size, dim) => size * dim, 1);
    const found = valueCount(value);
    if (found !== wanted) {
      throw new ShapeError(
        `input ${attributes.name}: expected [${type.shape.join(' ')}] = ${wanted} values (atoms = ${dims.atoms}, edges = ${dims.edges}, graphs = ${dims.graphs}), got ${found}.`,
      );
    }
  }
}

/** Checks that every parameter is there, with its size. @throws ShapeError */
export function checkParameters(graph: Graph, parameters: Readonly<Record<string, RealArray>>): void {
  for (const { attributes } of graph.parameters) checkParameter(graph, attributes.name, parameters[attributes.name]);
}

/** Checks names and sizes of some parameters. @throws ShapeError */
export function checkReplacements(graph: Graph, parameters: RunValues): void {
  for (const [name, value] of Object.entries(parameters)) checkParameter(graph, name, value);
}

function checkParameter(graph: Graph, name: string, value: RealArray | DeviceTensor | undefined): void {
  const parameter = graph.parameters.find(({ attributes }) => attributes.name === name);
  if (!parameter) throw new ShapeError(`parameter ${name}: the graph ${graph.name} has none of this name.`);
  const { shape } = parameter.type;
  const wanted = (shape as readonly number[]).reduce((size, dim) => size * dim, 1);
  const isArray = value instanceof Float64Array || value instanceof Float32Array;
  const found = isArray || (value && 'read' in value) ? valueCount(value) : undefined;
  if (found !== wanted)
    throw new ShapeError(
      `parameter ${name}: expected [${shape.join(' ')}] = ${wanted} values in a Float64Array or Float32Array, got ${found ?? (value ? 'something else' : 'nothing')}.`,
    );
}

/** The widest value of a graph among those with the same runtime dimensions. */
export interface WidestValue {
  readonly node: Node;
  /** Numbers in each row of its runtime dimensions. */
  readonly width: number;
  readonly dims: readonly RuntimeDim[];
}

/** What may not fit into one buffer: for each combination of runtime dimensions the widest value. */
export function widestValues(graph: Graph): readonly WidestValue[] {
  const widest = new Map<string, WidestValue>();
  for (const node of nodesOf(graph)) {
    const dims = node.type.shape.filter((dim): dim is RuntimeDim => typeof dim === 'string').sort();
    const width = node.type.shape.reduce<number>((size, dim) => (typeof dim === 'number' ? size * dim : size), 1);
    const key = dims.join(' ');
    if (width > (widest.get(key)?.width ?? 0)) widest.set(key, { node, width, dims });
  }
  return [...widest.values()];
}

/**
 * Checks that every value of a run fits into one buffer of the backend `name`.
 *
 * @throws UnsupportedError (`size`) with the value, the bytes that it needs, and the bytes that there are
 */
export function checkBufferSizes(
  name: string,
  values: readonly WidestValue[],
  dims: Readonly<Record<RuntimeDim, number>>,
  bytesPerNumber: number,
  maxBufferBytes: number,
): void {
  for (const { node, width, dims: own } of values) {
    const bytes = own.reduce((size, dim) => size * dims[dim], width * bytesPerNumber);
    if (bytes > maxBufferBytes) {
      throw new UnsupportedError(
        'size',
        `${node.op} in ${node.scope || 'the graph'}: [${node.type.shape.join(' ')}] takes ${bytes} bytes (atoms = ${dims.atoms}, edges = ${dims.edges}, graphs = ${dims.graphs}); one buffer of ${name} has at most ${maxBufferBytes}. Compute fewer structures at once, or use a backend with larger buffers.`,
      );
    }
  }
}

function valueCount(value: RealArray | DeviceTensor): number {
  return 'length' in value ? value.length : value.shape.reduce((size, dim) => size * dim, 1);
}

function checked(map: IndexMap, inputs: RunSizes): IndexMapValues {
  const values = inputs.maps[map.name];
  if (!values)
    throw new ShapeError(`index map ${map.name}: ${map.from} → ${map.to} is missing from the inputs of the run.`);
  const rows = sizeOf(map.from, inputs.dims);
  const targets = sizeOf(map.to, inputs.dims);
  if (values.values.length !== rows || values.order.length !== rows || values.offsets.length !== targets + 1) {
    throw new ShapeError(
      `index map ${map.name}: expected ${rows} rows and ${targets} targets, got ${values.values.length} rows, ${values.order.length} in order and ${values.offsets.length - 1} targets.`,
    );
  }
  for (let row = 0; row < rows; row++) {
    const target = values.values[row]!;
    if (target < 0 || target >= targets)
      throw new ShapeError(`index map ${map.name}: row ${row} maps to ${target}; there are ${targets} targets.`);
  }
  return values;
}

function derive(map: IndexMap, bind: (map: IndexMap) => IndexMapValues, inputs: RunSizes): IndexMapValues {
  const derivation = map.derivation!;
  const first = bind(derivation.first).values;
  const values = new Int32Array(first.length);
  if (derivation.kind === 'select') {
    const position = new Map(derivation.keep.map((row, i) => [row, i]));
    first.forEach((row, i) => {
      const kept = position.get(row);
      if (kept === undefined)
        throw new ShapeError(
          `index map ${map.name}: row ${i} maps to ${row}, which this specialised graph does not keep (it keeps ${derivation.keep.join(', ')}). Compile again for these inputs.`,
        );
      values[i] = kept;
    });
  } else {
    const second = bind(derivation.second).values;
    const width = sizeOf(derivation.second.to, inputs.dims);
    for (let i = 0; i < first.length; i++) {
      values[i] = derivation.kind === 'compose' ? second[first[i]!]! : first[i]! * width + second[i]!;
    }
  }
  return indexMapValues(values, sizeOf(map.to, inputs.dims));
}
