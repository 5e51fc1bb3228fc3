/**
 * Rewrites what a backend cannot do into what it can, so that a minimal backend needs only a handful of ops.
 *
 * What comes out is typed and shared as it is made; ops that are supported keep their nodes' meaning bit for bit.
 * Run `simplify` before: afterwards it may reintroduce ops, unless it is given the same `supports`.
 */
import { UnsupportedError } from '../errors.js';
import { GraphBuilder } from './builder.js';
import { decompositions, type Decomposition } from './decompositions.js';
import { formatType } from './infer.js';
import { isLeaf } from './traverse.js';
import type { Graph, Node, OpAttributes, OpName, Type } from './types.js';

/**
 * The ops that no decomposition replaces, leaves aside: a backend that has them (and `matmul` in its plain `nn`
 * form, see {@link isPrimitive}) runs any graph. `pow` must accept negative bases with whole exponents.
 */
export const primitiveOps: readonly OpName[] = [
  'exp',
  'log',
  'sin',
  'add',
  'mul',
  'pow',
  'less',
  'select',
  'sum',
  'reshape',
  'transpose',
  'broadcast',
  'matmul',
  'gather',
  'segmentSum',
];

/** True for leaves and for what {@link primitiveOps} lists: the smallest `supports` that every graph legalizes to. */
export function isPrimitive(node: Node): boolean {
  if (node.op === 'matmul') return node.attributes.form === 'nn' && node.attributes.group === undefined;
  return isLeaf(node) || primitiveOps.includes(node.op);
}

/**
 * The same function of the same inputs, in nodes that `supports` accepts. Leaves are never asked about.
 *
 * @param onDecompose - told each node that was replaced, for the compile report
 * @throws UnsupportedError with reason `op` for a node that has no decomposition
 */
export function legalize(graph: Graph, supports: (node: Node) => boolean, onDecompose?: (node: Node) => void): Graph {
  const build = new LegalizingBuilder(supports, onDecompose);
  return build.finish(graph.name, build.import(graph));
}

/** A builder whose every node is supported: what is not is made of other nodes. */
export class LegalizingBuilder extends GraphBuilder {
  readonly #supports: (node: Node) => boolean;
  readonly #onDecompose: ((node: Node) => void) | undefined;
  readonly #legal = new Map<Node, Node>();
  /** Nodes being replaced, outermost first: one that needs itself has no decomposition here. */
  readonly #active: Node[] = [];
  #scope: string | undefined;

  constructor(supports: (node: Node) => boolean, onDecompose?: (node: Node) => void) {
    super();
    this.#supports = supports;
    this.#onDecompose = onDecompose;
  }

  override make<K extends OpName>(
    op: K,
    operands: readonly Node[],
    attributes: OpAttributes[K],
    declared: Type,
    scope?: string,
  ): Node {
    const raw = super.make(op, operands, attributes, declared, this.#inner(scope));
    if (isLeaf(raw)) return raw;
    let legal = this.#legal.get(raw);
    if (!legal) {
      legal = this.#supports(raw) ? raw : this.#decomposed(raw);
      this.#legal.set(raw, legal);
    }
    return legal;
  }

  /** Whether the op can be used as it is, for decompositions that have a choice. */
  can<K extends OpName>(op: K, operands: readonly Node[], attributes: OpAttributes[K], declared: Type): boolean {
    return this.#supports(super.make(op, operands, attributes, declared, this.#scope));
  }

  #decomposed(raw: Node): Node {
    const decomposition = decompositions[raw.op] as Decomposition<OpName> | undefined;
    if (!decomposition || this.#active.includes(raw)) {
      const outermost = this.#active[0];
      const cause = outermost && outermost !== raw ? `, needed in place of ${outermost.op},` : '';
      throw new UnsupportedError(
        'op',
        `${raw.op} in ${raw.scope || 'the graph'}: the backend cannot run this op on ${raw.operands.map((x) => formatType(x.type)).join(', ')}${cause} and nothing it can run replaces it. Add a lowering for ${raw.op}, or use another backend.`,
      );
    }
    if (this.#active.length === 0) this.#onDecompose?.(raw);
    const outer = this.#scope;
    this.#scope = raw.op === 'call' ? joined(raw.scope, raw.attributes.name) : raw.scope;
    this.#active.push(raw);
    try {
      return decomposition(raw as never, this);
    } finally {
      this.#active.pop();
      this.#scope = outer;
    }
  }

  /** Nodes of an inlined body keep their own scope below that of the call. */
  #inner(scope: string | undefined): string | undefined {
    return this.#scope === undefined ? scope : joined(this.#scope, scope ?? '');
  }
}

function joined(outer: string, inner: string): string {
  return outer && inner ? `${outer}/${inner}` : outer || inner;
}
