/**
 * The rows of each target side by side, computed from an index map inside of a file.
 *
 * A sum over them is a gather and a reduction. ScatterND with addition would be one op, but the CPU kernel of ONNX Runtime
 * loses rows of one target when it has several threads, which is its default.
 */
import type { ModelBuilder } from '../model-builder.js';

/** int64 [targets, most rows of a target], filled up with `rows`. All arguments are names; sizes are int64 [1]. */
export function rowsBeside(model: ModelBuilder, values: string, rows: string, targets: string): string {
  const filled = (value: number, shape: string): string => model.add('Expand', [model.integers([value]), shape]);
  const counts = model.add('ScatterElements', [filled(0, targets), values, filled(1, rows)], {
    axis: 0,
    reduction: 'add',
  });
  const starts = model.add('CumSum', [counts, model.integer(0)], { exclusive: 1 });
  const [sorted, order] = model.addMany('TopK', [values, rows], 2, { axis: 0, largest: 0, sorted: 1 }) as [
    string,
    string,
  ];
  const scalar = model.add('Squeeze', [rows, model.integers([0])]);
  const positions = model.add('Range', [model.integer(0), scalar, model.integer(1)]);
  const ranks = model.add('Sub', [positions, model.add('Gather', [starts, sorted], { axis: 0 })]);
  const most = model.add(
    'ReduceMax',
    [model.add('Concat', [counts, model.integers([0])], { axis: 0 }), model.integers([0])],
    {
      keepdims: 1,
    },
  );
  const column = (name: string): string => model.add('Unsqueeze', [name, model.integers([1])]);
  const places = model.add('Concat', [column(sorted), column(ranks)], { axis: 1 });
  const empty = model.add('Expand', [rows, model.add('Concat', [targets, most], { axis: 0 })]);
  return model.add('ScatterND', [empty, places, order]);
}
