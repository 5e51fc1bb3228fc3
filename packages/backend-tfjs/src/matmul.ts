/** Products with one matrix. */
import type { MatmulForm } from '@mace/core/ir';
import type { EngineName, Tensor, Tf } from './tensors.js';

/** a[…, K] with b, as the form says, with all leading dimensions of `a` in one. */
export function product(tf: Tf, engine: EngineName, a: Tensor, b: Tensor, form: MatmulForm): Tensor {
  const rows = matrix(tf, a);
  if (form === 'tn') {
    const other = matrix(tf, b);
    return engine === 'wasm' ? tf.matMul(tf.transpose(rows), other) : tf.matMul(rows, other, true, false);
  }
  if (form === 'nn') return tf.matMul(rows, b);
  // The engine wasm has its fast kernel for matrices as they are only.
  return engine === 'wasm' ? tf.matMul(rows, tf.transpose(b)) : tf.matMul(rows, b, false, true);
}

function matrix(tf: Tf, x: Tensor): Tensor {
  const columns = x.shape[x.shape.length - 1]!;
  return tf.reshape(x, [x.size / columns, columns]);
}
