/** The pointwise ops of one operand as functions of a number: for folding constants, and for the reference. */

/** Ops of one real operand that work number by number. */
export type UnaryName = 'neg' | 'sqrt' | 'exp' | 'log' | 'sin' | 'cos' | 'tanh';

/** Each of them in float64; a result in another precision is this one, rounded. */
export const unaryFunctions: Readonly<Record<UnaryName, (x: number) => number>> = {
  neg: (x) => -x,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
};
