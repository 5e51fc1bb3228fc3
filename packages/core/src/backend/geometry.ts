/** Positions and cells in place of edge vectors: what `Binding.setGeometry` and the runs after it may be given. */
import { GraphError, ShapeError } from '../errors.js';
import type { Graph } from '../ir/types.js';
import type { RunInput } from './bind.js';
import type { EdgeGeometry, RunSizes, RunValues } from './contract.js';

const replaced = 'edgeVectors';

const instead: readonly RunInput[] = [
  { attributes: { name: 'positions' }, type: { kind: 'real', shape: ['atoms', 3] } },
  { attributes: { name: 'cells' }, type: { kind: 'real', shape: ['graphs', 9] } },
];

/**
 * What a run of a binding with a geometry is given.
 *
 * @param source - the graph that people know
 * @param graph - what passes made of it
 * @throws GraphError where there are no edge vectors to be replaced
 */
export function inputsWithGeometry(source: Graph, graph: Graph): readonly RunInput[] {
  const names = source.inputs.map(({ attributes }) => attributes.name);
  const vectors = source.inputs.find(({ attributes }) => attributes.name === replaced);
  const shape = vectors?.type.shape.join(' ');
  if (shape !== 'edges 3')
    throw new GraphError(
      `setGeometry: expected a graph with an input ${replaced} [edges 3]; ${source.name} has ${shape === undefined ? names.join(', ') || 'none' : `${replaced} [${shape}]`}. Give its runs their inputs.`,
    );
  const taken = instead.find(({ attributes }) => names.includes(attributes.name));
  if (taken)
    throw new GraphError(
      `setGeometry: ${source.name} has an input ${taken.attributes.name} of its own, which is what runs would take in place of ${replaced}. Give its runs ${replaced}.`,
    );
  return [...graph.inputs.filter(({ attributes }) => attributes.name !== replaced), ...instead];
}

/** Checks lengths, and that atoms and structures are there. @throws ShapeError */
export function checkGeometry(geometry: EdgeGeometry, { atoms, edges, graphs }: RunSizes['dims']): void {
  const wanted = [
    ['sender', 'edges', edges, atoms],
    ['receiver', 'edges', edges, atoms],
    ['shifts', 'edges 3', 3 * edges, Infinity],
    ['structure', 'atoms', atoms, graphs],
  ] as const;
  for (const [name, shape, length, targets] of wanted) {
    const values = geometry[name];
    if (!(values instanceof Int32Array) || values.length !== length)
      throw new ShapeError(
        `setGeometry, ${name}: expected [${shape}] = ${length} values in an Int32Array, got ${values instanceof Int32Array ? values.length : 'something else'}. Give those of the sizes that were bound.`,
      );
    if (targets === Infinity) continue;
    const wrong = values.findIndex((value) => value < 0 || value >= targets);
    if (wrong >= 0)
      throw new ShapeError(
        `setGeometry, ${name}: value ${wrong} is ${values[wrong]}; expected 0 to ${targets - 1}. Give those of the sizes that were bound.`,
      );
  }
}

/** @throws ShapeError for edge vectors, which would not be read, and for tensors, which may have lost digits already */
export function checkGeometryValues(values: RunValues): void {
  if (values[replaced])
    throw new ShapeError(
      `input ${replaced}: this binding has a geometry and makes them of positions and cells. Leave ${replaced} out, or bind again.`,
    );
  for (const { attributes } of instead) {
    const value = values[attributes.name];
    if (value && !ArrayBuffer.isView(value))
      throw new ShapeError(
        `input ${attributes.name}: expected an array, got a device tensor. Read it first and pass the array.`,
      );
  }
}
