/**
 * The arithmetic of a node: multiply-adds of products with matrices, polynomials, convolutions and tables, which are nearly all of
 * a model's. What only moves or adds numbers counts as none, so shares of peak that follow from this are on the low side.
 */
import { fixedSize } from '../ir/infer.js';
import type { Dim, Graph, Node, NodeOf, RuntimeDim } from '../ir/types.js';
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

export function multiplyAddsOf(node: Node): MultiplyAdds {
  switch (node.op) {
    case 'matmul':
      return ofProduct(node);
    case 'polynomial': {
      // Factored, a monomial costs about one.
      const [rows, , ...rest] = node.type.shape;
      return times([rows!, ...rest], node.attributes.table.monomials.length);
    }
    case 'table':
      return times(node.type.shape, perTableValue(node.operands[1].type.shape[1] as number, node.attributes.order));
    case 'call':
      return ofCall(node.attributes.body);
    default:
      return { each: 0, dims: [] };
  }
}

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
  return region ? times(['edges', region.channels], ofRegion(region)) : { each: 0, dims: [] };
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
