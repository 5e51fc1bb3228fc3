/**
 * Polynomials of channels, as straight-line code for one table: first, for each row, what depends on operands with one
 * channel only; then for each vector of channels the sums of products.
 */
import type { PolynomialTable } from '@mace/core/ir';
import { i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import { lineBytes, type Arithmetic } from '../lanes.js';
import { factored, withSharedParts, type Factored, type Term } from './factored.js';
import { copyKernel, type Kernel } from './copy.js';
import type { KernelCode, KernelSet } from './kernel-set.js';
import { wordOf } from './rows.js';
import { fixed, type Size } from './size.js';
import { blocks } from './sum.js';

/** How the row of an operand is found: by number, the same for all, or by an index map. */
export type RowAccess = 'own' | 'shared' | 'mapped';

export interface PolynomialOperand {
  readonly access: RowAccess;
  readonly components: number;
  readonly channels: number;
  /** Whether {@link linesKernel} has put the channels of a line of all components side by side. */
  readonly inLines: boolean;
}

/** Products in a row, and uses of a factor that make it worth a variable: measured on V8 11. */
const productsPerBlock = 16;
const oftenUsed = 5;

/** Components of a row that the innermost cache holds however far apart they are. */
const componentsInCache = 32;

/** Whether rows are better read line by line: components that are a power of two apart push each other out of the cache. */
export function worthLines(
  { lanes }: KernelSet,
  { components, channels }: Omit<PolynomialOperand, 'inLines'>,
): boolean {
  return components > componentsInCache && (channels * lanes.bytes) % lineBytes === 0;
}

/** [rows components channels] → [rows lines components channels of a line]. Takes the addresses [from, to]. */
export function linesKernel(set: KernelSet, rows: Size, components: number, channels: number): Kernel {
  const width = lineBytes / set.lanes.bytes;
  const axis = (size: Size, from: number, to: number) => ({ size, from: fixed(from), to: fixed(to) });
  return copyKernel(set, {
    axes: [
      axis(rows, components * channels, components * channels),
      axis(fixed(channels / width), width, components * width),
      axis(fixed(components), channels, width),
      axis(fixed(width), 1, 1),
    ],
  });
}

/** What code multiplies with: a number, or number `scalar` of those computed for the row. */
type Coefficient = number | { readonly scalar: number };

/** The sums of each result, with what depends on one-channel operands taken out as scalars of the row. */
interface SplitTable {
  readonly scalars: readonly (readonly Term<number>[])[];
  readonly outputs: readonly (readonly Term<Coefficient>[])[];
}

interface FactoredTable {
  readonly scalars: readonly Factored<number>[];
  readonly outputs: readonly Factored<Coefficient>[];
}

/** Numbers of scratch room that a row needs. */
export function scratchNumbers(table: PolynomialTable, operands: readonly PolynomialOperand[]): number {
  return splitTable(table, operands).scalars.length;
}

/**
 * Takes, for each operand, its address and for mapped ones the values of the map, then scratch room, then the address of the
 * result [rows outputs channels]. A unit is a row.
 */
export function polynomialKernel(
  set: KernelSet,
  table: PolynomialTable,
  operands: readonly PolynomialOperand[],
  rows: Size,
): Kernel {
  const channels = Math.max(1, ...operands.map((operand) => operand.channels));
  const addresses = operands.reduce((count, { access }) => count + (access === 'mapped' ? 2 : 1), 0);
  const key = `polynomial ${JSON.stringify([operands, table])}`;
  const name = set.kernel(key, addresses + 2, (code) => {
    const { f, lanes, begin, end, pointers } = code;
    const split = factoredTable(splitTable(table, operands));
    const [scratch, out] = pointers.slice(-2) as [Local, Local];
    const row = f.local('i32');
    f.loop(row, begin, end, 1, () => {
      const bases = rowAddresses(code, operands, row);
      const target = f.keep(i32.add(out, i32.mul(row, i32.of(table.outputs * channels * lanes.bytes))));
      writeScalars(code, split, bases, operands, scratch);
      for (const [arithmetic, from, to] of blocks(lanes, channels)) {
        const offset = f.local('i32');
        const body = (): void => {
          const load = operandLoads(code, arithmetic, operands, bases, offset, usesOf(split.outputs));
          const known: KnownParts = new Map();
          split.outputs.forEach((sum, output) => {
            const value = evaluate(code, arithmetic, sum, load, scratch, known);
            f.store(i32.add(target, offset), value, output * channels * lanes.bytes);
          });
        };
        f.loop(offset, i32.of(from * lanes.bytes), i32.of(to * lanes.bytes), arithmetic.lanes * lanes.bytes, body);
      }
    });
  });
  return { name, units: rows };
}

/** The address of row `row` of each operand. */
function rowAddresses(
  { f, lanes, pointers }: KernelCode,
  operands: readonly PolynomialOperand[],
  row: Expression,
): Local[] {
  let next = 0;
  return operands.map(({ access, components, channels }) => {
    const base = pointers[next++]!;
    if (access === 'shared') return base;
    const number = access === 'own' ? row : i32.load(wordOf(pointers[next++]!, row));
    return f.keep(i32.add(base, i32.mul(number, i32.of(components * channels * lanes.bytes))));
  });
}

/** Computes the scalars of a row and leaves them in scratch room. */
function writeScalars(
  code: KernelCode,
  { scalars }: FactoredTable,
  bases: readonly Local[],
  operands: readonly PolynomialOperand[],
  scratch: Expression,
): void {
  const { single, bytes } = code.lanes;
  const load = operandLoads(code, single, operands, bases, i32.of(0), usesOf(scalars));
  const known: KnownParts = new Map();
  scalars.forEach((sum, i) => code.f.store(scratch, evaluate(code, single, sum, load, scratch, known), i * bytes));
}

/** A factor by its name; those that are used often are kept in variables. */
function operandLoads(
  { f, lanes }: KernelCode,
  arithmetic: Arithmetic,
  operands: readonly PolynomialOperand[],
  bases: readonly Local[],
  offset: Expression,
  uses: ReadonlyMap<string, number>,
): (factor: string) => Expression {
  const line = i32.and(offset, i32.of(-lineBytes));
  const starts = bases.map((base, operand) => {
    const { components, inLines } = operands[operand]!;
    const start = i32.add(base, offset);
    return f.keep(inLines ? i32.add(start, i32.mul(line, i32.of(components - 1))) : start);
  });
  const kept = new Map<string, Local>();
  const plain = (factor: string): Expression => {
    const [operand, component] = factor.split('.').map(Number) as [number, number];
    const { channels, inLines } = operands[operand]!;
    return arithmetic.load(starts[operand]!, component * (inLines ? lineBytes : channels * lanes.bytes));
  };
  for (const [factor, count] of uses) if (count >= oftenUsed) kept.set(factor, f.keep(plain(factor)));
  return (factor) => kept.get(factor) ?? plain(factor);
}

/** How often each factor is multiplied with. */
function usesOf(sums: readonly Factored<unknown>[]): Map<string, number> {
  const uses = new Map<string, number>();
  const seen = new Set<Factored<unknown>>();
  const visit = (sum: Factored<unknown>): void => {
    if (seen.has(sum)) return;
    seen.add(sum);
    for (const { factor, rest } of sum.products) {
      uses.set(factor, (uses.get(factor) ?? 0) + 1);
      visit(rest);
    }
  };
  sums.forEach(visit);
  return uses;
}

/** Parts of sums that have been computed. */
type KnownParts = Map<Factored<Coefficient>, Expression>;

/** The value of a factored sum. Every few products a basic block of its own, so that what they load stays in registers. */
function evaluate(
  code: KernelCode,
  arithmetic: Arithmetic,
  sum: Factored<Coefficient>,
  load: (factor: string) => Expression,
  scratch: Expression,
  known: KnownParts,
  block = { products: 0 },
): Expression {
  const { f, lanes, end } = code;
  const before = known.get(sum);
  if (before) return before;
  const number = (coefficient: Coefficient): Expression =>
    typeof coefficient === 'number'
      ? arithmetic.of(coefficient)
      : arithmetic.loadSplat(scratch, coefficient.scalar * lanes.bytes);
  let total: Local | undefined;
  const add = (value: Expression): void => {
    if (total) f.assign(total, arithmetic.add(total, value));
    else total = f.keep(value);
  };
  const addProduct = (factor: string, rest: Factored<Coefficient>): void => {
    const only = rest.products.length === 0 && rest.constants.length === 1 ? rest.constants[0]! : undefined;
    if (only === 1) {
      add(load(factor));
      return;
    }
    const inner = only === undefined ? evaluate(code, arithmetic, rest, load, scratch, known, block) : number(only);
    if (total) f.assign(total, arithmetic.multiplyAdd(load(factor), inner, total));
    else total = f.keep(arithmetic.mul(load(factor), inner));
  };
  for (const coefficient of sum.constants) add(number(coefficient));
  for (const { factor, rest } of sum.products) {
    const products = 1 + productsOf(rest, known);
    const small = products <= productsPerBlock;
    if (small) block.products += products;
    if (small && total && block.products > productsPerBlock) {
      block.products = products;
      f.apart(end, () => addProduct(factor, rest));
    } else addProduct(factor, rest);
  }
  if (total) known.set(sum, total);
  return total ?? arithmetic.of(0);
}

function productsOf(sum: Factored<Coefficient>, known: KnownParts): number {
  if (known.has(sum)) return 0;
  return sum.products.reduce((count, { rest }) => count + 1 + productsOf(rest, known), sum.constants.length);
}

/** Takes out what is the same for every channel. */
function splitTable(table: PolynomialTable, operands: readonly PolynomialOperand[]): SplitTable {
  const allSingle = operands.every(({ channels }) => channels === 1);
  const isScalar = (operand: number): boolean => !allSingle && operands[operand]!.channels === 1;
  const scalars: (readonly Term<number>[])[] = [];
  const numbers = new Map<string, Coefficient>();
  const scalarOf = (terms: readonly Term<number>[]): Coefficient => {
    if (terms.length === 1 && terms[0]!.factors.length === 0) return terms[0]!.coefficient;
    const key = JSON.stringify(terms);
    let number = numbers.get(key);
    if (number === undefined) numbers.set(key, (number = { scalar: scalars.push(terms) - 1 }));
    return number;
  };
  const outputs = Array.from(
    { length: table.outputs },
    () => new Map<string, { factors: string[]; terms: Term<number>[] }>(),
  );
  for (const { out, coefficient, factors } of table.monomials) {
    const names = (scalar: boolean): string[] =>
      factors
        .filter(({ operand }) => isScalar(operand) === scalar)
        .map(({ operand, component }) => `${operand}.${component}`);
    const vectors = names(false);
    const term = { factors: names(true), coefficient };
    const known = outputs[out]!.get(vectors.join(' '));
    if (known) known.terms.push(term);
    else outputs[out]!.set(vectors.join(' '), { factors: vectors, terms: [term] });
  }
  return {
    outputs: outputs.map((sums) =>
      [...sums.values()].map(({ factors, terms }) => ({ factors, coefficient: scalarOf(terms) })),
    ),
    scalars,
  };
}

function factoredTable({ scalars, outputs }: SplitTable): FactoredTable {
  return { scalars: withSharedParts(scalars.map(factored)), outputs: withSharedParts(outputs.map(factored)) };
}
