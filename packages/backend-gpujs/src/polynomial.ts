/** The one equivariant op: a table of monomials as arrays that one kernel reads, so that every table has the same kernel. */
import type { NodeOf, PolynomialTable } from '@mace/core/ir';
import type { KernelSource } from './device.js';
import { kernel, letters } from './kernels.js';

/** Arrays that one kernel can read, with the three of the table. WebGL promises sixteen. */
export const mostOperands = 12;

/** Terms sorted by output, as numbers. */
export interface PackedTable {
  /** Per output the first of its terms; one longer than there are outputs. */
  readonly starts: readonly number[];
  /** Per term its coefficient and the first of its factors; one more at the end. */
  readonly terms: readonly number[];
  /** Per factor its operand and component. */
  readonly factors: readonly number[];
}

/** A table as arrays that are never empty. */
export function packed({ outputs, monomials }: PolynomialTable): PackedTable {
  const starts = [0];
  const terms: number[] = [];
  const factors: number[] = [];
  for (let out = 0; out < outputs; out++) {
    for (const monomial of monomials) {
      if (monomial.out !== out) continue;
      terms.push(monomial.coefficient, factors.length / 2);
      for (const { operand, component } of monomial.factors) factors.push(operand, component);
    }
    starts.push(terms.length / 2);
  }
  terms.push(0, factors.length / 2);
  return { starts, terms, factors: [...factors, 0, 0] };
}

/** Whether the kernel can do it: few enough operands. */
export function fits(node: NodeOf<'polynomial'>): boolean {
  return node.operands.length <= mostOperands;
}

/**
 * Arguments: starts, terms, factors, the operands, numbers of outputs and channels, then for each operand the numbers in
 * a row, in a component, and from channel to channel.
 */
export function polynomialKernel(operands: number): KernelSource {
  const arrays = letters('x', operands);
  const sizes = arrays.flatMap((_, i) => [`row${i}`, `component${i}`, `channel${i}`]);
  const reads = arrays.map(
    (x, i) =>
      `if (operand === ${i}) { value = ${x}[row * row${i} + component * component${i} + channel * channel${i}]; }`,
  );
  return kernel(
    ['starts', 'terms', 'factors', ...arrays],
    ['outputs', 'channels', ...sizes],
    `let line = quotient(this.thread.x, channels); let channel = this.thread.x - line * channels;
     let row = quotient(line, outputs); let out = line - row * outputs;
     let firstTerm = whole(starts[out]); let count = whole(starts[out + 1]) - firstTerm; let total = 0;
     for (let i = 0; i < count; i++) {
       let term = firstTerm + i; let product = terms[2 * term];
       let firstFactor = whole(terms[2 * term + 1]); let degree = whole(terms[2 * term + 3]) - firstFactor;
       for (let j = 0; j < degree; j++) {
         let factor = firstFactor + j; let operand = whole(factors[2 * factor]);
         let component = whole(factors[2 * factor + 1]); let value = 0;
         ${reads.join('\n')}
         product = product * value;
       }
       total = total + product;
     }
     return total;`,
  );
}
