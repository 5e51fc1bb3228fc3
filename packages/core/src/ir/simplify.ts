/**
 * Rewrites a graph to a normal form: constants folded, neutral operations, zeros and layout detours removed, equal
 * nodes shared, dead nodes dropped. Results agree up to rounding (scales merge, constants fold in float64).
 *
 * One thing changes meaning on purpose: x·0 is 0 even where x is infinite or NaN, as in a graph that was never
 * multiplied. Without this the zeros that derivatives produce would keep whole branches alive.
 */
import { GraphBuilder } from './builder.js';
import type { Rule, RuleTable } from './simplify-known.js';
import { layoutRules } from './simplify-layout.js';
import { linearRules } from './simplify-linear.js';
import { pointwiseRules } from './simplify-pointwise.js';
import { isLeaf } from './traverse.js';
import type { Graph, Node, OpAttributes, OpName, Type } from './types.js';

const rules: RuleTable = { ...pointwiseRules, ...layoutRules, ...linearRules };

/** Limits of `simplify`. */
export interface SimplifyOptions {
  /** Constants of more values than this are not computed. Default 4096. */
  readonly foldLimit?: number;
  /** A rewrite is used only if each node it makes is supported: for use after `legalize`. Default: all are. */
  readonly supports?: (node: Node) => boolean;
}

/** The simplified graph, with the same inputs in the same order and the same output names. */
export function simplify(graph: Graph, options: SimplifyOptions = {}): Graph {
  return simplified(graph, options, new Map());
}

function simplified(graph: Graph, options: SimplifyOptions, bodies: Map<Graph, Graph>): Graph {
  const build = new SimplifyingBuilder(options, bodies);
  const outputs = build.import(graph);
  // Once more through a plain builder: numbers become consecutive without the nodes that rules tried or left behind.
  const compact = new GraphBuilder();
  return compact.finish(graph.name, compact.import(build.finish(graph.name, outputs)));
}

/**
 * A builder whose every node is in normal form: rules apply as nodes are made, to operands already in normal form,
 * so one walk reaches the fixed point.
 */
export class SimplifyingBuilder extends GraphBuilder {
  readonly foldLimit: number;
  readonly #supports: ((node: Node) => boolean) | undefined;
  readonly #bodies: Map<Graph, Graph>;
  readonly #normal = new Map<Node, Node>();
  readonly #commuted = new Map<string, Node>();
  /** Nodes of the graph itself, and nodes made by rules that passed `supports`. */
  readonly #accepted = new Set<Node>();
  #scope: string | undefined;
  /** Rules at work: 0 while the graph itself is being rebuilt. */
  #depth = 0;

  constructor(options: SimplifyOptions = {}, bodies: Map<Graph, Graph> = new Map()) {
    super();
    this.foldLimit = options.foldLimit ?? 4096;
    this.#supports = options.supports;
    this.#bodies = bodies;
  }

  override make<K extends OpName>(
    op: K,
    operands: readonly Node[],
    attributes: OpAttributes[K],
    declared: Type,
    scope?: string,
  ): Node {
    const raw = super.make(op, operands, this.#withSimpleBodies(op, attributes), declared, scope ?? this.#scope);
    let normal = this.#normal.get(raw);
    if (!normal) {
      normal = this.#rewritten(raw);
      this.#normal.set(raw, normal);
      this.#normal.set(normal, normal);
    }
    if (this.#depth === 0) this.#accepted.add(normal);
    return normal;
  }

  #rewritten(raw: Node): Node {
    const outer = this.#scope;
    this.#scope = raw.scope;
    this.#depth++;
    try {
      for (const rule of rules[raw.op] ?? []) {
        const result = (rule as Rule<OpName>)(raw as never, this);
        if (result && result !== raw && this.#isSupported(result)) return result;
      }
    } finally {
      this.#scope = outer;
      this.#depth--;
    }
    return this.#firstOrder(raw);
  }

  /** a+b and b+a are one node: the order that came first. */
  #firstOrder(node: Node): Node {
    if (node.op !== 'add' && node.op !== 'mul') return node;
    const [a, b] = node.operands;
    const swapped = this.#commuted.get(`${node.op} ${b.id} ${a.id}`);
    if (swapped) return swapped;
    this.#commuted.set(`${node.op} ${a.id} ${b.id}`, node);
    return node;
  }

  #withSimpleBodies<K extends OpName>(op: K, attributes: OpAttributes[K]): OpAttributes[K] {
    if (op !== 'call' && op !== 'table') return attributes;
    const { body, slope } = attributes as OpAttributes['table'];
    return { ...attributes, body: this.#simpleBody(body), ...(slope ? { slope: this.#simpleBody(slope) } : {}) };
  }

  #simpleBody(body: Graph): Graph {
    let simple = this.#bodies.get(body);
    if (!simple) {
      simple = simplified(
        body,
        this.#supports ? { foldLimit: this.foldLimit, supports: this.#supports } : { foldLimit: this.foldLimit },
        this.#bodies,
      );
      this.#bodies.set(body, simple);
      this.#bodies.set(simple, simple);
    }
    return simple;
  }

  /** Whether each node that is not from the graph itself is supported. */
  #isSupported(node: Node): boolean {
    if (!this.#supports || this.#accepted.has(node)) return true;
    const ok =
      (isLeaf(node) || this.#supports(node)) &&
      (node.operands as readonly Node[]).every((operand) => this.#isSupported(operand));
    if (ok) this.#accepted.add(node);
    return ok;
  }
}
