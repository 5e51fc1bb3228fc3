/** Products with matrices: which kernel a node has, and how many threads. */
import type { NodeOf } from '@mace/core/ir';
import { partOf, valueOf, type Count, type Dispatch } from './dispatch.js';
import * as kernels from './kernels.js';

export function product(node: NodeOf<'matmul'>): Dispatch {
  return node.attributes.form === 'tn' ? outerProduct(node) : rowsTimesMatrix(node);
}

/** a[rows, inner] · b, with b as it lies in memory: [inner, columns] or [columns, inner]. */
function rowsTimesMatrix(node: NodeOf<'matmul'>): Dispatch {
  const [a, b] = node.operands;
  const { form, group } = node.attributes;
  const inner = [a.type.shape.at(-1)!];
  const columns = [node.type.shape.at(-1)!];
  const strides = (count: Count): number[] => (form === 'nt' ? [1, count(inner)] : [count(columns), 1]);
  const rows = a.type.shape.slice(0, -1);
  if (group)
    return {
      kernel: kernels.multipliedByGroup,
      sources: [valueOf(a), valueOf(b), partOf(group, 'values')],
      node,
      sizes: (count) => [count(rows.slice(1)), count(columns), count(inner), ...strides(count)],
      threads: (count) => count(rows) * blocks(count(columns)),
      work: (count) => kernels.tile * count(inner),
    };
  return {
    kernel: kernels.multiplied,
    sources: [valueOf(a), valueOf(b)],
    node,
    sizes: (count) => [count(rows), count(columns), count(inner), ...strides(count)],
    threads: (count) => blocks(count(rows)) * blocks(count(columns)),
    work: (count) => kernels.tile ** 2 * count(inner),
  };
}

/** Σ over rows of a[rows, inner] ⊗ b[rows, columns], of all rows or of those of each group. */
function outerProduct(node: NodeOf<'matmul'>): Dispatch {
  const [a, b] = node.operands;
  const { group } = node.attributes;
  const inner = [a.type.shape.at(-1)!];
  const columns = [b.type.shape.at(-1)!];
  const rows = a.type.shape.slice(group ? 1 : 0, -1);
  const threads = (count: Count): number => blocks(count(inner)) * blocks(count(columns));
  const sizes = (count: Count): number[] => [count(rows), count(inner), count(columns)];
  if (group)
    return {
      kernel: kernels.outerProductsByGroup,
      sources: [valueOf(a), valueOf(b), partOf(group, 'offsets'), partOf(group, 'order')],
      node,
      sizes,
      threads: (count) => count([group.to]) * threads(count),
      work: (count) => (kernels.tile ** 2 * count(a.type.shape.slice(0, -1))) / Math.max(count([group.to]), 1),
    };
  return {
    kernel: kernels.outerProducts,
    sources: [valueOf(a), valueOf(b)],
    node,
    sizes,
    threads,
    work: (count) => kernels.tile ** 2 * count(rows),
  };
}

function blocks(size: number): number {
  return Math.ceil(size / kernels.tile);
}
