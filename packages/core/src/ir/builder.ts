/**
 * Builds graphs: one method per op, types inferred and checked at once, equal nodes shared.
 *
 * A builder may continue from the nodes of an existing graph; nodes are immutable, so nothing is copied.
 */
import { GraphError } from '../errors.js';
import { TypeMismatch, formatType, inferType, sameType } from './infer.js';
import { attributesKey } from './keys.js';
import { graphFrom, nodesOf } from './traverse.js';
import type {
  Graph,
  IndexMap,
  MatmulForm,
  Node,
  NodeOf,
  OpAttributes,
  OpName,
  PolynomialTable,
  Shape,
  Type,
} from './types.js';
import type { UnaryName } from './unary-functions.js';

type PairName = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'max' | 'less';

export class GraphBuilder {
  readonly #shared = new Map<string, Node>();
  readonly #keys = new Map<Node, number>();
  readonly #scopes: string[] = [];
  #nextId = 1;
  #nextKey = 1;
  readonly #inputs: NodeOf<'input'>[] = [];

  /** Runs `body` with `scope` appended to the scope of the nodes that it makes. */
  scoped<T>(scope: string, body: () => T): T {
    this.#scopes.push(scope);
    try {
      return body();
    } finally {
      this.#scopes.pop();
    }
  }

  input(name: string, shape: Shape): NodeOf<'input'> {
    const node = this.make('input', [], { name }, { kind: 'real', shape }) as NodeOf<'input'>;
    if (!this.#inputs.includes(node)) this.#inputs.push(node);
    return node;
  }
  parameter(name: string, shape: Shape): Node {
    return this.make('parameter', [], { name }, { kind: 'real', shape });
  }
  constant(values: readonly number[], shape: Shape): Node {
    return this.make('constant', [], { values }, { kind: 'real', shape });
  }

  neg(x: Node): Node {
    return this.#unary('neg', x);
  }
  sqrt(x: Node): Node {
    return this.#unary('sqrt', x);
  }
  exp(x: Node): Node {
    return this.#unary('exp', x);
  }
  log(x: Node): Node {
    return this.#unary('log', x);
  }
  sin(x: Node): Node {
    return this.#unary('sin', x);
  }
  cos(x: Node): Node {
    return this.#unary('cos', x);
  }
  tanh(x: Node): Node {
    return this.#unary('tanh', x);
  }
  add(a: Node, b: Node): Node {
    return this.#pair('add', a, b);
  }
  sub(a: Node, b: Node): Node {
    return this.#pair('sub', a, b);
  }
  mul(a: Node, b: Node): Node {
    return this.#pair('mul', a, b);
  }
  div(a: Node, b: Node): Node {
    return this.#pair('div', a, b);
  }
  pow(a: Node, b: Node): Node {
    return this.#pair('pow', a, b);
  }
  max(a: Node, b: Node): Node {
    return this.#pair('max', a, b);
  }
  less(a: Node, b: Node): Node {
    return this.#pair('less', a, b);
  }
  select(mask: Node, a: Node, b: Node): Node {
    return this.make('select', [mask, a, b], {}, a.type);
  }

  sum(x: Node, axes: readonly number[]): Node {
    return axes.length === 0 ? x : this.make('sum', [x], { axes }, x.type);
  }
  reshape(x: Node, shape: Shape): Node {
    const type: Type = { kind: x.type.kind, shape };
    return sameType(x.type, type) ? x : this.make('reshape', [x], {}, type);
  }
  transpose(x: Node, order: readonly number[]): Node {
    return order.every((axis, i) => axis === i) && order.length === x.type.shape.length
      ? x
      : this.make('transpose', [x], { order }, x.type);
  }
  broadcast(x: Node, shape: Shape): Node {
    const type: Type = { kind: x.type.kind, shape };
    return sameType(x.type, type) ? x : this.make('broadcast', [x], {}, type);
  }
  slice(x: Node, axis: number, start: number, stop: number): Node {
    return start === 0 && stop === x.type.shape[axis] ? x : this.make('slice', [x], { axis, start, stop }, x.type);
  }
  pad(x: Node, axis: number, before: number, after: number): Node {
    return before === 0 && after === 0 ? x : this.make('pad', [x], { axis, before, after }, x.type);
  }
  concat(parts: readonly Node[], axis: number): Node {
    return parts.length === 1
      ? parts[0]!
      : this.make('concat', parts, { axis }, parts[0]?.type ?? { kind: 'real', shape: [] });
  }

  matmul(a: Node, b: Node, form: MatmulForm = 'nn', group?: IndexMap): Node {
    return this.make('matmul', [a, b], group ? { form, group } : { form }, a.type);
  }
  gather(x: Node, map: IndexMap): Node {
    return this.make('gather', [x], { map }, x.type);
  }
  segmentSum(x: Node, map: IndexMap): Node {
    return this.make('segmentSum', [x], { map }, x.type);
  }
  polynomial(operands: readonly Node[], table: PolynomialTable): Node {
    return this.make('polynomial', operands, { table }, operands[0]?.type ?? { kind: 'real', shape: [] });
  }
  table(distance: Node, pieces: Node, attributes: OpAttributes['table']): Node {
    return this.make('table', [distance, pieces], attributes, distance.type);
  }
  /** One output of a composite; several calls with the same body and operands are one execution. */
  call(name: string, body: Graph, operands: readonly Node[], output = Object.keys(body.outputs)[0] ?? ''): Node {
    return this.make(
      'call',
      operands,
      { name, body, output },
      body.outputs[output]?.type ?? { kind: 'real', shape: [] },
    );
  }

  /** `value` in the shape of `like`. */
  fill(value: number, like: Node): Node {
    const ones = like.type.shape.map(() => 1);
    return this.broadcast(this.constant([value], ones), like.type.shape);
  }
  /** `x` times a number. */
  scale(x: Node, factor: number): Node {
    return factor === 1 ? x : this.mul(x, this.fill(factor, x));
  }
  /** `x` plus a number. */
  shift(x: Node, value: number): Node {
    return value === 0 ? x : this.add(x, this.fill(value, x));
  }
  /** Inserts axes of size 1 where `shape` has them, then broadcasts: `x` must match `shape` on `axes`, in order. */
  expand(x: Node, shape: Shape, axes: readonly number[]): Node {
    return this.broadcast(
      this.reshape(
        x,
        shape.map((dim, axis) => (axes.includes(axis) ? dim : 1)),
      ),
      shape,
    );
  }

  /** Makes or finds a node of any op. @throws GraphError naming the op and its scope */
  make<K extends OpName>(
    op: K,
    operands: readonly Node[],
    attributes: OpAttributes[K],
    declared: Type,
    scope?: string,
  ): Node {
    const where = scope ?? this.#scopes.join('/');
    let type: Type;
    try {
      type = inferType(
        op,
        operands.map((operand) => operand.type),
        attributes,
        declared,
      );
    } catch (error) {
      if (!(error instanceof TypeMismatch)) throw error;
      throw new GraphError(`${op} in ${where || 'the graph'}: ${error.message}.`);
    }
    const key = `${op}(${attributesKey(op, attributes)})${formatType(type)}${operands.map((operand) => this.#key(operand)).join(',')}`;
    const known = this.#shared.get(key);
    if (known) return known;
    const node = { id: this.#nextId++, op, operands, attributes, type, scope: where } as unknown as Node;
    this.#shared.set(key, node);
    this.#key(node);
    return node;
  }

  /** The same op on other operands, in the scope of the original. */
  rebuild(node: Node, operands: readonly Node[]): Node {
    const same = operands.every((operand, i) => operand === (node.operands as readonly Node[])[i]);
    if (same && this.#keys.has(node)) return node;
    const made = this.make(node.op, operands, node.attributes as OpAttributes[OpName], node.type, node.scope);
    if (made.op === 'input' && !this.#inputs.includes(made)) this.#inputs.push(made);
    return made;
  }

  /** Copies the nodes of a graph into this builder, leaves replaced through `replace`; outputs by name. */
  import(graph: Graph, replace: ReadonlyMap<Node, Node> = new Map()): Record<string, Node> {
    const done = new Map<Node, Node>(replace);
    for (const input of graph.inputs) if (!done.has(input)) done.set(input, this.rebuild(input, []));
    const visit = (root: Node): Node => {
      const stack = [root];
      while (stack.length > 0) {
        const node = stack[stack.length - 1]!;
        if (done.has(node)) {
          stack.pop();
          continue;
        }
        const pending = (node.operands as readonly Node[]).filter((operand) => !done.has(operand));
        if (pending.length > 0) stack.push(...pending);
        else {
          done.set(
            node,
            this.rebuild(
              node,
              (node.operands as readonly Node[]).map((operand) => done.get(operand)!),
            ),
          );
          stack.pop();
        }
      }
      return done.get(root)!;
    };
    return Object.fromEntries(Object.entries(graph.outputs).map(([name, node]) => [name, visit(node)]));
  }

  /** The graph that computes `outputs`; nodes that no output needs are left out. */
  finish(name: string, outputs: Readonly<Record<string, Node>>): Graph {
    return graphFrom(name, outputs, this.#inputs);
  }

  #key(node: Node): number {
    let key = this.#keys.get(node);
    if (key === undefined) {
      key = this.#nextKey++;
      this.#keys.set(node, key);
      if (node.id >= this.#nextId) this.#nextId = node.id + 1;
    }
    return key;
  }
  #unary(op: UnaryName, x: Node): Node {
    return this.make(op, [x], {}, x.type);
  }
  #pair(op: PairName, a: Node, b: Node): Node {
    return this.make(op, [a, b], {}, a.type);
  }
}

/**
 * A graph with nodes replaced: `replace` gets a node and its new operands, and gives the new node, or null to keep the
 * op as it is. Inputs stay, in their order.
 */
export function rewrite(
  graph: Graph,
  replace: (build: GraphBuilder, node: Node, operands: readonly Node[]) => Node | null,
): Graph {
  const build = new GraphBuilder();
  const done = new Map<Node, Node>();
  for (const input of graph.inputs) build.rebuild(input, []);
  for (const node of nodesOf(graph)) {
    const operands = (node.operands as readonly Node[]).map((operand) => done.get(operand)!);
    done.set(node, replace(build, node, operands) ?? build.rebuild(node, operands));
  }
  const outputs = Object.entries(graph.outputs).map(([name, node]) => [name, done.get(node)!] as const);
  return build.finish(graph.name, Object.fromEntries(outputs));
}
