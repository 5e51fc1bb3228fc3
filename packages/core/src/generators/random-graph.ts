/**
 * Random well-typed graphs with everything needed to run them, from a seed: for tests of passes, derivatives, backends.
 *
 * Values stay finite and moderate. Comparisons are shifted by random amounts, so that rounding hardly ever decides one.
 * Neutral operations occur often, so passes find something.
 */
import type { Graph, Node, OpName } from '../ir/index.js';
import { elements } from './index-maps.js';
import { defaultDims, randomInputs, type Dims, type RandomInputs } from './random-inputs.js';
import { algebraMakers } from './random-graph/algebra.js';
import { layoutMakers } from './random-graph/layout.js';
import { pointwiseMakers } from './random-graph/pointwise.js';
import { ValuePool, type Maker } from './random-graph/value-pool.js';

/** A graph with its parameters and one set of inputs. */
export interface RandomGraph extends RandomInputs {
  readonly graph: Graph;
  readonly parameters: Readonly<Record<string, Float64Array>>;
}

export interface RandomGraphOptions {
  /** Steps after each op was tried once; a step adds one to a few nodes. Default 30. */
  readonly steps?: number;
  /** Ops that no step aims at; a guard may still use a basic one (`add`, `mul`, `sin`, `broadcast`, …). Default none. */
  readonly exclude?: readonly OpName[];
  /** Whether layout ops and gathers are applied to masks too. Default true. */
  readonly maskLayout?: boolean;
  /** Only what can be differentiated once: no tables of order 1. Exclude `table` to differentiate twice. Default false. */
  readonly differentiable?: boolean;
  /** Sizes to run with, at which all values but `total` stay moderate. Those that are left out are `defaultDims`. */
  readonly dims?: Partial<Dims>;
}

/**
 * The graph of a seed. Output `total` is one number that depends on every node; others are single nodes.
 * Inputs: `vectors[edges 3]`, `features[atoms 4]`, `weights[graphs 2]`, `unused[atoms]`.
 */
export function randomGraph(seed: number, options: RandomGraphOptions = {}): RandomGraph {
  const { steps = 30, exclude = [], maskLayout = true, differentiable = false } = options;
  const dims = { ...defaultDims, ...options.dims };
  const pool = new ValuePool({ seed, dims, maskLayout, differentiable });
  const { build, draw } = pool;
  build.input('unused', ['atoms']);
  pool.keep(build.input('vectors', ['edges', 3]), 1);
  pool.keep(build.input('features', ['atoms', 4]), 1);
  pool.keep(build.input('weights', ['graphs', 2]), 1);
  pool.keep(pool.parameter([elements, 2, 2]), 1);
  const ops = Object.keys(makers).filter((op) => !exclude.includes(op as OpName)) as MakerName[];
  for (const op of draw.shuffled(ops)) step(pool, makers[op], 6);
  for (let i = 0; i < steps; i++) step(pool, makers[draw.choose(ops)], 1);
  const graph = build.finish('random', outputs(pool));
  return { graph, parameters: pool.parameters, ...randomInputs(graph, { seed, dims }) };
}

type MakerName = Exclude<OpName, 'input'>;
const makers: Readonly<Record<MakerName, Maker>> = { ...pointwiseMakers, ...layoutMakers, ...algebraMakers };
const scopes = ['geometry', 'interaction[0]/convolution', 'interaction[0]/linear', 'readout', ''];

function step(pool: ValuePool, make: Maker, attempts: number): void {
  const scope = pool.draw.choose(scopes);
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (scope === '' ? make(pool) : pool.build.scoped(scope, () => make(pool))) return;
  }
}

/** Every value that nothing uses goes into `total`; a few are outputs of their own. */
function outputs(pool: ValuePool): Record<string, Node> {
  const { build, values } = pool;
  const used = new Set(values.flatMap((node) => node.operands as readonly Node[]));
  const sinks = values.filter((node) => !used.has(node)).map((node) => asReal(pool, node));
  const total = sinks
    .map((node) =>
      build.sum(
        node,
        node.type.shape.map((_, axis) => axis),
      ),
    )
    .reduce((sum, node) => build.add(sum, node));
  return { total, ...Object.fromEntries(sinks.slice(-8).map((node, i) => [`value${i}`, node])) };
}

/** A mask as ones and zeros. */
function asReal({ build }: ValuePool, node: Node): Node {
  if (node.type.kind === 'real') return node;
  const { shape } = node.type;
  const ones = build.broadcast(
    build.constant(
      [1],
      shape.map(() => 1),
    ),
    shape,
  );
  return build.select(node, ones, build.fill(0, ones));
}
