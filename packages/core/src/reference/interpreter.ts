/**
 * Runs a graph node by node. Values are dropped after their last use; what depends on parameters only is computed once.
 */
import type { IndexMapValues, RealArray } from '../backend/contract.js';
import { concreteShape } from '../backend/bind.js';
import { invariant } from '../errors.js';
import { fixedNodes, nodesOf } from '../ir/traverse.js';
import type { Graph, Node, RuntimeDim } from '../ir/types.js';
import { compiledTable } from './compiled-table.js';
import { makeKernels, type Kernels, type Value } from './kernels/index.js';

/** Everything that is known when a graph runs. */
export interface Binding {
  readonly dims: Readonly<Record<RuntimeDim, number>>;
  readonly maps: ReadonlyMap<string, IndexMapValues>;
  readonly inputs: Readonly<Record<string, RealArray>>;
}

const kernelSets: { f64?: Kernels; f32?: Kernels } = {};
const noSizes = { atoms: 0, edges: 0, graphs: 0 };

export class Interpreter {
  readonly #kernels: Kernels;
  readonly #order: readonly Node[];
  readonly #lastUse: ReadonlyMap<Node, number>;
  readonly #fixed: ReadonlySet<Node>;
  readonly #fixedValues = new Map<Node, Value>();
  #parameters: Readonly<Record<string, RealArray>>;

  /**
   * @param graph - without `call` nodes
   * @param instead - kernels that take the place of the reference's own, for who needs the same numbers sooner
   */
  constructor(
    readonly graph: Graph,
    readonly precision: 'f64' | 'f32',
    parameters: Readonly<Record<string, RealArray>>,
    instead: Partial<Kernels> = {},
  ) {
    this.#kernels = { ...(kernelSets[precision] ??= makeKernels(precision)), ...instead };
    this.#order = nodesOf(graph);
    // Without inputs one run is all there is: nothing is worth keeping for the next.
    this.#fixed = graph.inputs.length > 0 ? fixedNodes(this.#order) : new Set();
    const lastUse = new Map<Node, number>();
    this.#order.forEach((node, i) => {
      for (const operand of node.operands as readonly Node[]) lastUse.set(operand, i);
    });
    for (const node of Object.values(graph.outputs)) lastUse.set(node, Infinity);
    this.#lastUse = lastUse;
    this.#parameters = parameters;
  }

  setParameters(parameters: Readonly<Record<string, RealArray>>): void {
    this.#parameters = parameters;
    this.#fixedValues.clear();
  }

  run(binding: Binding): Record<string, RealArray> {
    const values = new Map<Node, Value>();
    this.#order.forEach((node, i) => {
      if (this.#fixed.has(node)) {
        let value = this.#fixedValues.get(node);
        if (!value) this.#fixedValues.set(node, (value = this.#evaluate(node, values, { ...binding, dims: noSizes })));
        values.set(node, value);
      } else values.set(node, this.#evaluate(node, values, binding));
      for (const operand of node.operands as readonly Node[]) {
        if (this.#lastUse.get(operand) === i) values.delete(operand);
      }
    });
    // What others hold too is copied: inputs, parameters, what is fixed, and what an earlier output shares.
    const held = new Set<RealArray>([...Object.values(binding.inputs), ...Object.values(this.#parameters)]);
    for (const { data } of this.#fixedValues.values()) held.add(data);
    return Object.fromEntries(
      Object.entries(this.graph.outputs).map(([name, node]) => {
        const value = values.get(node)!;
        const own = value.uniform ? this.#kernels.dense(value) : held.has(value.data) ? value.data.slice() : value.data;
        held.add(own);
        return [name, own];
      }),
    );
  }

  #evaluate(node: Node, values: ReadonlyMap<Node, Value>, binding: Binding): Value {
    const kernels = this.#kernels;
    const shape = concreteShape(node.type.shape, binding.dims);
    const operands = (node.operands as readonly Node[]).map((operand) => values.get(operand)!);
    const [x, y] = operands as [Value, Value];
    const map = (name: string | undefined): IndexMapValues | undefined =>
      name === undefined ? undefined : binding.maps.get(name)!;
    switch (node.op) {
      case 'input':
        return this.#leaf(binding.inputs[node.attributes.name]!, shape);
      case 'parameter':
        return this.#leaf(this.#parameters[node.attributes.name]!, shape);
      case 'constant':
        return this.#leaf(Float64Array.from(node.attributes.values), shape);
      case 'neg':
      case 'sqrt':
      case 'exp':
      case 'log':
      case 'sin':
      case 'cos':
      case 'tanh':
        return kernels.unary(node.op, x);
      case 'add':
      case 'sub':
      case 'mul':
      case 'div':
      case 'pow':
      case 'max':
      case 'less':
        return kernels.pair(node.op, x, y);
      case 'select':
        return kernels.select(x, y, operands[2]!);
      case 'sum':
        return kernels.sum(x, node.attributes.axes);
      case 'reshape':
        return kernels.reshape(x, shape);
      case 'transpose':
        return kernels.transpose(x, node.attributes.order);
      case 'broadcast':
        return kernels.broadcast(x, shape);
      case 'slice':
        return kernels.slice(x, node.attributes.axis, node.attributes.start, node.attributes.stop);
      case 'pad':
        return kernels.pad(x, node.attributes.axis, node.attributes.before, node.attributes.after);
      case 'concat':
        return kernels.concat(operands, node.attributes.axis);
      case 'matmul':
        return kernels.matmul(x, y, node.attributes.form, map(node.attributes.group?.name), shape);
      case 'gather':
        return kernels.gather(x, map(node.attributes.map.name)!);
      case 'segmentSum':
        return kernels.segmentSum(x, map(node.attributes.map.name)!);
      case 'polynomial':
        return kernels.polynomial(
          operands,
          compiledTable(
            node.attributes.table,
            operands.map((operand) => operand.shape[2] === 1),
          ),
          shape,
        );
      case 'table':
        return kernels.table(x, y, map(node.attributes.map?.name), node.attributes);
      case 'call':
        invariant(false, `call ${node.attributes.name} reached the interpreter.`);
    }
  }

  #leaf(values: RealArray, shape: readonly number[]): Value {
    const data =
      this.precision === 'f32'
        ? values instanceof Float32Array
          ? values
          : Float32Array.from(values)
        : values instanceof Float64Array
          ? values
          : Float64Array.from(values);
    return { shape, data, uniform: false };
  }
}
