/** The definition of every op, in plain loops, once for both precisions: one file a kind of op. */
import { layoutKernels } from './layout.js';
import { matmulKernels } from './matmul.js';
import { pointwiseKernels } from './pointwise.js';
import { polynomialKernels } from './polynomial.js';
import { rowKernels } from './rows.js';
import { tableKernels } from './table.js';
import { arithmeticOf } from './value.js';

export type { Value } from './value.js';
export type Kernels = ReturnType<typeof makeKernels>;

export function makeKernels(precision: 'f64' | 'f32') {
  const arithmetic = arithmeticOf(precision);
  return {
    dense: arithmetic.dense,
    ...pointwiseKernels(arithmetic),
    ...layoutKernels(arithmetic),
    ...matmulKernels(arithmetic),
    ...rowKernels(arithmetic),
    ...polynomialKernels(arithmetic),
    ...tableKernels(arithmetic),
  };
}
