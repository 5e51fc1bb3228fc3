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

/** A polynomial in Horner's form, or the same of its slope. */
function perTableValue(derivatives: number): number {
  return 2 * derivatives - 1;
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
      return times(node.type.shape, perTableValue(node.operands[1].type.shape[2] as number));
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
  const tables = weights.kind === 'table' ? perTableValue(weights.derivatives) * weights.components : 0;
  if (wanted.includes('result')) return entries + products + tables;
  const own = wanted.map((kind) => (kind === 'scalars' ? entries + products : Math.max(products, weights.components)));
  // Slopes beside values.
  return entries + own.reduce((a, b) => a + b, 0) + (wanted.includes('distance') ? 2 : 1) * tables;
}

function times(shape: readonly Dim[], each: number): MultiplyAdds {
  const fixed = shape.filter((dim): dim is number => typeof dim === 'number');
  return {
    each: each * fixedSize(fixed),
    dims: shape.filter((dim): dim is RuntimeDim => typeof dim === 'string'),
  };
}
