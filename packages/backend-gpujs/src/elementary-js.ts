/** The functions that kernels call, as JavaScript: mode `cpu` computes in float64 and rounds each result to float32. */
import type { NativeFunction } from './elementary-glsl.js';

/** One function of the body `code`. */
function native(name: string, parameters: string, code: string): NativeFunction {
  return { name, returnType: 'Number', source: `function ${name}(${parameters}) { return ${code}; }` };
}

/** See `elementaryGlsl`; the names are the same. */
export const elementaryJs: readonly NativeFunction[] = [
  native('quotient', 'a, b', 'Math.floor(a / b)'),
  native('whole', 'x', 'x'),
  native('negative', 'x', '-x'),
  native('root', 'x', 'Math.sqrt(x)'),
  native('exponential', 'x', 'Math.exp(x)'),
  native('logarithm', 'x', 'Math.log(x)'),
  native('sine', 'x', 'Math.sin(x)'),
  native('cosine', 'x', 'Math.cos(x)'),
  native('hyperbolicTangent', 'x', 'Math.tanh(x)'),
  native('plus', 'a, b', 'a + b'),
  native('minus', 'a, b', 'a - b'),
  native('times', 'a, b', 'a * b'),
  native('ratio', 'a, b', 'a / b'),
  native('power', 'a, b', 'Math.pow(a, b)'),
  native('larger', 'a, b', 'a < b ? b : a'),
  native('lesser', 'a, b', 'a < b ? 1 : 0'),
  native('chosen', 'mask, a, b', 'mask > 0.5 ? a : b'),
];
