/** ONNX ops of tensors and plain numbers, so that formulas read as such. */
import type { Context } from './context.js';

/** The name of a tensor, or a number. */
export type Operand = string | number;

export function operators({ model, real }: Context) {
  const name = (x: Operand): string => (typeof x === 'number' ? model.reals(real, [x], []) : x);
  const op =
    (type: string) =>
    (...operands: readonly Operand[]): string =>
      model.add(type, operands.map(name));
  const binary = (type: string): ((a: Operand, b: Operand) => string) => op(type);
  return {
    add: binary('Add'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    div: binary('Div'),
    less: binary('Less'),
    floor: (x: string): string => op('Floor')(x),
    log: (x: string): string => op('Log')(x),
    where: (mask: string, yes: Operand, no: Operand): string => op('Where')(mask, yes, no),
  };
}
