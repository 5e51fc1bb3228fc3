/**
 * One head of a model with several. Upstream: `mace_select_head` (`tools/scripts_utils.py`, remove_pt_head; spec 8.10).
 *
 * The fan-in of the hidden readout layers shrinks with the heads, so their weights are divided by √heads.
 */
import { StructureError } from '../errors.js';
import type { MaceModel, Tensor } from './config.js';
import { readoutConfigs, readoutWidth } from './layers.js';

/** The same model for one head. @throws StructureError that lists the heads */
export function selectHead(model: MaceModel, head: string): MaceModel {
  const { config } = model;
  const index = config.heads.indexOf(head);
  if (index < 0)
    throw new StructureError(`head ${head}: this model has ${config.heads.join(', ')}. Choose one of these.`);
  const heads = config.heads.length;
  if (heads === 1) return model;
  const elements = config.atomicNumbers.length;
  const weights: Record<string, Tensor> = { ...model.weights };
  const replace = (name: string, change: (tensor: Tensor) => Tensor): void => {
    const tensor = weights[name];
    if (tensor) weights[name] = change(tensor);
  };
  replace('atomic_energies_fn.atomic_energies', (t) =>
    t.data.length > elements ? block(t, elements, [index, 1], [0, elements], [1, elements]) : t,
  );
  for (const name of ['scale_shift.scale', 'scale_shift.shift']) {
    replace(name, (t) => (t.data.length === heads ? block(t, 1, [index, 1], [0, 1], []) : t));
  }
  const columnOf = (t: Tensor): Tensor =>
    block(t, heads, [0, t.data.length / heads], [index, 1], [t.data.length / heads]);
  replace('embedding_readout.linear.weight', columnOf);
  const width = readoutWidth(config);
  for (const { index: i, readout } of readoutConfigs(config)) {
    const name = `readouts.${i}`;
    if (readout === 'LinearReadoutBlock') {
      replace(`${name}.linear.weight`, columnOf);
      continue;
    }
    const all = heads * width;
    const channels = weights[`${name}.linear_1.weight`]!.data.length / all;
    const shrink = 1 / Math.sqrt(heads);
    const own = [index * width, width] as const;
    replace(`${name}.linear_1.weight`, (t) => block(t, all, [0, channels], own, [channels * width]));
    replace(`${name}.linear_mid.weight`, (t) => block(t, all, own, own, [width * width], shrink));
    replace(`${name}.linear_mid.bias`, (t) => block(t, all, [0, 1], own, [width]));
    replace(`${name}.linear_2.weight`, (t) => block(t, heads, own, [index, 1], [width], shrink));
    replace(`${name}.linear_2.bias`, (t) => block(t, heads, [0, 1], [index, 1], [1]));
  }
  return { ...model, config: { ...config, heads: [head] }, weights };
}

/** A block of a matrix with `columns` columns: ranges are [start, length]. */
function block(
  tensor: Tensor,
  columns: number,
  rowRange: readonly [number, number],
  columnRange: readonly [number, number],
  shape: readonly number[],
  factor = 1,
): Tensor {
  const [rowStart, rowCount] = rowRange;
  const [columnStart, columnCount] = columnRange;
  const size = rowCount * columnCount;
  const data = tensor.data instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
  for (let r = 0; r < rowCount; r++) {
    for (let c = 0; c < columnCount; c++)
      data[r * columnCount + c] = factor * tensor.data[(rowStart + r) * columns + columnStart + c]!;
  }
  return { shape, data };
}
