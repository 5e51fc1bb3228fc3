/** Products with one matrix. */
import type { MatmulForm } from '@mace/core/ir';
import type { EngineName, Tensor, Tf } from './tensors.js';

/**
 * TensorFlow multiplies six rows at a time on some processors, and the last few otherwise, which depends on how many there are.
 * Of a multiple of these, which is one of the four and eight rows of other processors too, each row has the same bits anywhere.
 */
const rowsTogether = 24;

/** a[…, K] with b, as the form says, with all leading dimensions of `a` in one. */
export function product(tf: Tf, engine: EngineName, a: Tensor, b: Tensor, form: MatmulForm): Tensor {
  const rows = matrix(tf, a);
  if (form === 'tn') {
    const other = matrix(tf, b);
    return engine === 'wasm' ? tf.matMul(tf.transpose(rows), other) : tf.matMul(rows, other, true, false);
  }
  if (engine === 'tensorflow') return ofWholeTiles(tf, rows, (padded) => tf.matMul(padded, b, false, form === 'nt'));
  if (form === 'nn') return tf.matMul(rows, b);
  // The engine wasm has its fast kernel for matrices as they are only.
  return engine === 'wasm' ? tf.matMul(rows, tf.transpose(b)) : tf.matMul(rows, b, false, true);
}

function ofWholeTiles(tf: Tf, rows: Tensor, multiplied: (padded: Tensor) => Tensor): Tensor {
  const count = rows.shape[0]!;
  const missing = (rowsTogether - (count % rowsTogether)) % rowsTogether;
  if (missing === 0) return multiplied(rows);
  const wide = multiplied(
    tf.pad(rows, [
      [0, missing],
      [0, 0],
    ]),
  );
  return tf.slice(wide, [0, 0], [count, wide.shape[1]!]);
}

function matrix(tf: Tf, x: Tensor): Tensor {
  const columns = x.shape[x.shape.length - 1]!;
  return tf.reshape(x, [x.size / columns, columns]);
}
