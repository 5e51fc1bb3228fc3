/**
 * The arithmetic of a node: multiply-adds of products with matrices, polynomials, convolutions and tables, which are nearly all of
 * a model's. What only moves or adds numbers counts as none, so shares of peak that follow from this are on the low side.
 */
import { fixedSize } from '../ir/infer.js';
import type { Dim, Graph, Node, NodeOf, OpName, RuntimeDim } from '../ir/types.js';
import { edgeRegion, type EdgeRegion } from './regions/edge-region.js';

/** `each` for every combination of rows of `dims`. */
export interface MultiplyAdds {
  readonly each: number;
  readonly dims: readonly RuntimeDim[];
}

/** A polynomial, or its slope. */
function perTableValue(terms: number, order: 0 | 1): number {
  return terms - 1 - order;
}

/** The arithmetic of a node. Every op has an entry, if only to say that it has none. */
export function multiplyAddsOf(node: Node): MultiplyAdds {
  return (rules[node.op] as (node: Node) => MultiplyAdds)(node);
}

const none = (): MultiplyAdds => ({ each: 0, dims: [] });

const rules: { readonly [K in OpName]: (node: NodeOf<K>) => MultiplyAdds } = {
  input: none,
  parameter: none,
  constant: none,
  neg: none,
  sqrt: none,
  exp: none,
  log: none,
  sin: none,
  cos: none,
  tanh: none,
  add: none,
  sub: none,
  mul: none,
  div: none,
  pow: none,
  max: none,
  less: none,
  select: none,
  sum: none,
  reshape: none,
  transpose: none,
  broadcast: none,
  slice: none,
  pad: none,
  concat: none,
  matmul: ofProduct,
  gather: none,
  segmentSum: none,
  // Factored, a monomial costs about one.
  polynomial: ({ type: { shape }, attributes: { table } }) =>
    times([shape[0]!, ...shape.slice(2)], table.monomials.length),
  table: ({ type, operands: [, pieces], attributes: { order } }) =>
    times(type.shape, perTableValue(pieces.type.shape[1] as number, order)),
  call: ({ attributes: { body } }) => ofCall(body),
};

/** @param dims - rows of each */
export function countOf({ each, dims: names }: MultiplyAdds, dims: Readonly<Record<RuntimeDim, number>>): number {
  return names.reduce((total, dim) => total * dims[dim], each);
}

function ofProduct({ attributes: { form }, operands: [a, b], type }: NodeOf<'matmul'>): MultiplyAdds {
  const { shape } = a.type;
  if (form === 'tn') return times(shape, b.type.shape.at(-1) as number);
  return times(shape, type.shape.at(-1) as number);
}

function ofCall(body: Graph): MultiplyAdds {
  const region = edgeRegion(body);
  return region ? times(['edges', region.channels], ofRegion(region)) : none();
}

/** For one edge and channel. */
function ofRegion({ terms, x, weights, outputs }: EdgeRegion): number {
  const entries = new Set(terms.map((term) => `${term.weight} ${term.x} ${term.result}`)).size;
  // What entries of one weight and one component of x share.
  const products = x ? new Set(terms.map((term) => `${term.weight} ${term.x}`)).size : 0;
  const wanted = Object.values(outputs);
  const tables = (order: 0 | 1): number =>
    weights.kind === 'table' ? perTableValue(weights.terms, order) * weights.components : 0;
  if (wanted.includes('result')) return entries + products + tables(0);
  const own = wanted.map((kind) => (kind === 'scalars' ? entries + products : Math.max(products, weights.components)));
  const slopes = wanted.includes('distance') ? tables(1) : 0;
  return entries + own.reduce((a, b) => a + b, 0) + tables(0) + slopes;
}

function times(shape: readonly Dim[], each: number): MultiplyAdds {
  const fixed = shape.filter((dim): dim is number => typeof dim === 'number');
  return {
    each: each * fixedSize(fixed),
    dims: shape.filter((dim): dim is RuntimeDim => typeof dim === 'string'),
  };
}
