/**
 * tanh from other ops, right to three units in the last place; the kernel of ONNX Runtime is off by six.
 *
 * Small x: the continued fraction x / (1 + x² / (3 + x² / (5 + …))). Large x: 1 − 2 / (e²ˣ + 1).
 */
import type { Context, Value } from './context.js';
import { DataType } from './model-builder.js';
import { elementary } from './same-bits.js';

const largestOfFraction = 1.25;

/** tanh of a value, in its shape. */
export function tanh(context: Context, x: Value): string {
  const { model, real } = context;
  const number = (value: number): string => model.reals(real, [value], []);

  const square = model.add('Mul', [x.name, x.name]);
  // Enough for rounding at the largest x that is looked up here.
  const levels = real === DataType.DOUBLE ? 11 : 7;
  let denominator = number(2 * levels - 1);
  for (let odd = 2 * levels - 3; odd > 0; odd -= 2)
    denominator = model.add('Add', [number(odd), model.add('Div', [square, denominator])]);
  const small = model.add('Div', [x.name, denominator]);

  const power = elementary(context, 'Exp', { ...x, name: model.add('Add', [x.name, x.name]) });
  const rest = model.add('Div', [number(2), model.add('Add', [power, number(1)])]);
  const large = model.add('Sub', [number(1), rest]);
  const isSmall = model.add('Less', [square, number(largestOfFraction ** 2)]);
  return model.add('Where', [isSmall, small, large]);
}
