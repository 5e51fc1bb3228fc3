/**
 * Rows along an index map: picked, and summed per target.
 *
 * TensorFlow.js sums rows by scattering. The native engine is fast with segments, wasm and cpu with scatterND; on a GPU
 * scattering is either a loop over all rows per target or not deterministic, so there groups of rows are summed in turns.
 */
import type { IndexMapValues } from '@mace/core/backend';
import type { Context } from './context.js';
import { count, type Tensor, type Tf, type Value } from './tensors.js';

/** Row r of the result is row map(r); repeats stay unwritten. */
export function rowsOf(context: Context, { tensor }: Value, name: string): Tensor {
  const { tf } = context.engine;
  const [rows = 1, ...rest] = tensor.shape;
  if (rows === 1) return tf.clone(tensor);
  const { values } = context.map(name);
  const [index] = context.ofBinding(`rows ${name}`, () => [indices(tf, values)]);
  const numbers = tensor.dtype === 'bool' ? tf.cast(tensor, 'float32') : tensor;
  const picked = tf.gather(tf.reshape(numbers, [rows, count(rest)]), index!);
  const shaped = tf.reshape(picked, [values.length, ...rest]);
  return tensor.dtype === 'bool' ? tf.cast(shaped, 'bool') : shaped;
}

/** Σ of the rows of each target, [targets, width]. */
export function rowSums(context: Context, tensor: Tensor, name: string): Tensor {
  const { tf, name: engine } = context.engine;
  const map = context.map(name);
  const width = count(tensor.shape.slice(1));
  const rows = tf.reshape(tensor, [map.values.length, width]);
  const targets = map.offsets.length - 1;
  if (engine === 'tensorflow') {
    const [index] = context.ofBinding(`rows ${name}`, () => [indices(tf, map.values)]);
    return tf.unsortedSegmentSum(rows, index as Parameters<Tf['unsortedSegmentSum']>[1], targets);
  }
  if (engine === 'wasm' || engine === 'cpu') {
    const [index] = context.ofBinding(`targets ${name}`, () => [indices(tf, map.values, [map.values.length, 1])]);
    return tf.scatterND(index!, rows, [targets, width]);
  }
  const turns = context.ofBinding(`turns ${name}`, () => summingTurns(tf, map));
  return turns.reduce((sums, turn) => summedGroups(tf, sums, turn), rows);
}

/** Rows that are summed at once; targets with more take several turns. */
const groupSize = 16;

/**
 * For each turn the rows [groups, groupSize] that are summed. A row past the last one stands for zero. The last turn has one
 * group per target.
 */
function summingTurns(tf: Tf, { offsets, order }: IndexMapValues): Tensor[] {
  const turns: Tensor[] = [];
  let starts: readonly number[] = Array.from(offsets);
  let pick = (position: number): number => order[position]!;
  for (;;) {
    const zero = starts[starts.length - 1]!;
    const next = [0];
    const picked: number[] = [];
    for (let target = 0; target < starts.length - 1; target++) {
      const [from, to] = [starts[target]!, starts[target + 1]!];
      const groups = Math.max(1, Math.ceil((to - from) / groupSize));
      for (let i = 0; i < groups * groupSize; i++) picked.push(from + i < to ? pick(from + i) : zero);
      next.push(next[target]! + groups);
    }
    turns.push(indices(tf, Int32Array.from(picked), [picked.length / groupSize, groupSize]));
    if (next[next.length - 1] === next.length - 1) return turns;
    starts = next;
    pick = (position) => position;
  }
}

function summedGroups(tf: Tf, rows: Tensor, turn: Tensor): Tensor {
  const [groups = 0] = turn.shape;
  const width = rows.shape[1]!;
  const withZero = tf.concat([rows, tf.zeros([1, width])], 0);
  const picked = tf.reshape(tf.gather(withZero, tf.reshape(turn, [-1])), [groups, groupSize, width]);
  return tf.sum(picked, 1);
}

function indices(tf: Tf, values: Int32Array, shape: readonly number[] = [values.length]): Tensor {
  return tf.tensor(values, [...shape], 'int32');
}
