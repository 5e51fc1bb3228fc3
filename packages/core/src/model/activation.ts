/**
 * The activations: sigmoid and silu as named composites, and upstream's normalised ones (spec 2.8).
 */
import { activationConstants } from '../equivariant/index.js';
import { GraphBuilder, type Graph, type Node, type Shape } from '../ir/index.js';
import type { GateName } from './config.js';
import type { ModelContext } from './context.js';

const bodies = new Map<string, Graph>();

/** ½(1 + tanh(x/2)): no overflow, one primitive. */
export function sigmoid(build: GraphBuilder, x: Node): Node {
  return build.call('sigmoid', bodyOf('sigmoid', x.type.shape, logistic), [x]);
}

/** x·sigmoid(x). */
export function silu(build: GraphBuilder, x: Node): Node {
  return build.call(
    'silu',
    bodyOf('silu', x.type.shape, (body, input) => body.mul(input, logistic(body, input))),
    [x],
  );
}

/** Upstream's `normalize2mom(f)`: cst·f(x); identity for `None`. */
export function normalizedActivation(context: ModelContext, name: GateName | 'sigmoid', x: Node): Node {
  const { build, config } = context;
  if (name === 'None') return x;
  const constant = config.activationConstants?.[name] ?? activationConstants[name];
  const value = {
    silu,
    sigmoid,
    tanh: (b: GraphBuilder, v: Node) => b.tanh(v),
    abs: (b: GraphBuilder, v: Node) => b.max(v, b.neg(v)),
  }[name](build, x);
  return build.scale(value, constant);
}

function logistic(build: GraphBuilder, x: Node): Node {
  return build.scale(build.shift(build.tanh(build.scale(x, 0.5)), 1), 0.5);
}

/** One body per shape, so that equal calls are shared. */
function bodyOf(name: string, shape: Shape, make: (build: GraphBuilder, x: Node) => Node): Graph {
  const key = `${name}[${shape.join(' ')}]`;
  let body = bodies.get(key);
  if (!body) {
    const build = new GraphBuilder();
    body = build.finish(name, { value: make(build, build.input('x', shape)) });
    bodies.set(key, body);
  }
  return body;
}
