/** The one equivariant op: a table of monomials as an array that one kernel reads, so that every table has the same kernel. */
import type { PolynomialTable } from '@mace/core/ir';
import type { Kernel } from './kernel.js';
import { floats, kernel } from './kernels.js';

/** A table as whole numbers; coefficients are bits of float32. */
export interface PackedTable {
  /** Per output the first of its terms, one more; then per term its coefficient and the first of its factors; then the factors. */
  readonly words: Uint32Array;
  readonly firstTerm: number;
  readonly firstFactor: number;
}

/** Terms sorted by output. A factor is its operand and its component. */
export function packed({ outputs, monomials }: PolynomialTable): PackedTable {
  const byOutput = Array.from({ length: outputs }, (): PolynomialTable['monomials'][number][] => []);
  for (const monomial of monomials) byOutput[monomial.out]!.push(monomial);
  const starts = [0];
  const terms: number[] = [];
  const factors: number[] = [];
  for (const own of byOutput) {
    for (const { coefficient, factors: some } of own) {
      terms.push(bitsOf(coefficient), factors.length / 2);
      for (const { operand, component } of some) factors.push(operand, component);
    }
    starts.push(terms.length / 2);
  }
  terms.push(0, factors.length / 2);
  const words = Uint32Array.from([...starts, ...terms, ...factors]);
  return { words, firstTerm: starts.length, firstFactor: starts.length + terms.length };
}

/** The bits of a number in float32. */
export function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]!;
}

/**
 * Arrays: the table, the operands. Sizes: numbers of outputs and channels, the first term and factor in the table, then for each
 * operand the numbers in a row, in a component, and from channel to channel.
 */
export function polynomialKernel(operands: number): Kernel {
  const all = Array.from({ length: operands }, (_, i) => i);
  const cases = all
    .map(
      (i) =>
        `case ${i}u: { value = x${i + 1}[row * sizes.row${i} + component * sizes.component${i} + channel * sizes.channel${i}]; }`,
    )
    .join('\n');
  return kernel(
    'polynomial',
    operands,
    ['u32', ...floats(operands)],
    [
      'outputs',
      'channels',
      'firstTerm',
      'firstFactor',
      ...all.flatMap((i) => [`row${i}`, `component${i}`, `channel${i}`]),
    ],
    `let channel = index % sizes.channels;
     let line = index / sizes.channels;
     let row = line / sizes.outputs;
     let output = line % sizes.outputs;
     var total = 0.0;
     for (var term = x0[output]; term < x0[output + 1u]; term++) {
       let at = sizes.firstTerm + 2u * term;
       var product = bitcast<f32>(x0[at]);
       for (var factor = x0[at + 1u]; factor < x0[at + 3u]; factor++) {
         let operand = x0[sizes.firstFactor + 2u * factor];
         let component = x0[sizes.firstFactor + 2u * factor + 1u];
         var value = 0.0;
         switch (operand) {
           ${cases}
           default: {}
         }
         product = product * value;
       }
       total = total + product;
     }
     out[index] = total;`,
  );
}
