/** Functions of distance in pieces (order 0), or their slopes (order 1). */
import { pieceWeights } from '@mace/core/ir';
import { f32, f64, i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import { lineBytes, type Arithmetic, type Lanes } from '../lanes.js';
import type { Kernel } from './copy.js';
import type { KernelCode, KernelSet } from './kernel-set.js';
import { wordOf } from './rows.js';
import type { Size } from './size.js';
import { blocks } from './sum.js';

export interface TableShape {
  readonly order: 0 | 1;
  readonly cutoff: number;
  /** Coefficients of a piece. */
  readonly terms: number;
  readonly functions: number;
  /** As many as the map of a row has targets, or one. */
  readonly groups: number;
  /** Whether the pieces depend on a group of the row. */
  readonly mapped: boolean;
}

/** What a prepared table has of each group: where it begins, the length of an interval, the number of the last, its first piece. */
export const numbersOfGroup = 4;

/** Numbers of a prepared table before its pieces, in whole cache lines. The first piece is zeros, for what is beyond the cutoff. */
export function numbersOfGroups({ groups }: Pick<TableShape, 'groups'>): number {
  return Math.ceil((groups * numbersOfGroup) / lineBytes) * lineBytes;
}

/** Functions whose coefficients lie together: a cache line where all fill whole ones. */
export function blockNumbers({ bytes }: Pick<Lanes, 'bytes'>, { functions }: Pick<TableShape, 'functions'>): number {
  return (functions * bytes) % lineBytes === 0 ? lineBytes / bytes : functions;
}

/** Takes the addresses of distances [rows], prepared pieces, the map if mapped, and the result. A unit is a row. */
export function tableKernel(set: KernelSet, shape: TableShape, rows: Size): Kernel {
  const name = set.kernel(`table ${JSON.stringify(shape)}`, shape.mapped ? 4 : 3, (code) => {
    const { f, lanes, begin, end, pointers } = code;
    const out = pointers.at(-1)!;
    const row = f.local('i32');
    f.loop(row, begin, end, 1, () => {
      const { piece, x } = pieceOf(code, shape, pointers[0]!, pointers[1]!, pointers[2]!, row);
      const weights = weightsOf(code, shape, shape.order, x);
      const target = f.keep(i32.add(out, i32.mul(row, i32.of(shape.functions * lanes.bytes))));
      for (const [arithmetic, from, to] of blocks(lanes, shape.functions)) {
        const own = weights.map((weight) => f.keep(arithmetic === lanes.vector ? lanes.splat(weight) : weight));
        const offset = f.local('i32');
        f.loop(offset, i32.of(from * lanes.bytes), i32.of(to * lanes.bytes), arithmetic.lanes * lanes.bytes, () => {
          const wanted = [{ order: shape.order, weights: own }];
          const [value] = interpolated(code, arithmetic, shape, wanted, columnOf(code, shape, piece, offset));
          f.store(i32.add(target, offset), value!);
        });
      }
    });
  });
  return { name, units: rows };
}

/** Whether the distance of a row is beyond the cutoff, where a table and its slope are zero. */
export function isBeyond(
  { lanes: { single, bytes, precision } }: KernelCode,
  { cutoff }: Pick<TableShape, 'cutoff'>,
  distances: Expression,
  row: Expression,
): Expression {
  const distance = single.load(i32.add(distances, i32.mul(row, i32.of(bytes))));
  return precisionTools[precision].atLeast(distance, single.of(cutoff));
}

/** The address of the piece of a row, and how far its distance is from the middle of the interval. */
export function pieceOf(
  { f, lanes: { single, bytes, precision } }: KernelCode,
  { cutoff, terms, functions, mapped, ...shape }: TableShape,
  distances: Expression,
  data: Expression,
  map: Expression,
  row: Expression,
): { piece: Local; x: Local } {
  const { of: number } = single;
  const { toI32, fromI32, atLeast, select } = precisionTools[precision];
  const group = f.keep(
    mapped ? i32.add(data, i32.mul(i32.load(wordOf(map, row)), i32.of(numbersOfGroup * bytes))) : data,
  );
  const length = f.keep(single.load(group, bytes));
  const distance = f.keep(single.load(i32.add(distances, i32.mul(row, i32.of(bytes)))));
  const from = f.keep(single.sub(distance, single.load(group)));
  const bounded = single.min(single.max(single.div(from, length), number(0)), single.load(group, 2 * bytes));
  const interval = f.keep(toI32(bounded));
  const inside = single.sub(from, single.mul(single.add(fromI32(interval), number(0.5)), length));
  const beyond = f.keep(atLeast(distance, number(cutoff)));
  const x = f.keep(select(number(0), inside, beyond));
  const own = i32.select(i32.of(0), i32.add(i32.load(group, 3 * bytes), interval), beyond);
  const pieces = i32.add(data, i32.of(numbersOfGroups(shape) * bytes));
  const piece = f.keep(i32.add(pieces, i32.mul(own, i32.of(terms * functions * bytes))));
  return { piece, x };
}

/** What the coefficients behind the first one count. */
export function weightsOf(
  { f, lanes: { single } }: KernelCode,
  { terms }: Pick<TableShape, 'terms'>,
  order: 0 | 1,
  x: Local,
): Expression[] {
  const numbers = { of: single.of, mul: (a: Expression, b: Expression): Expression => f.keep(single.mul(a, b)) };
  return pieceWeights<Expression>(numbers, order, terms, x);
}

/** The address of the first coefficient of the function that is `offset` bytes from the first function. */
export function columnOf({ f, lanes }: KernelCode, shape: TableShape, piece: Expression, offset: Expression): Local {
  if (blockNumbers(lanes, shape) === shape.functions) return f.keep(i32.add(piece, offset));
  const inLine = f.keep(i32.and(offset, i32.of(lineBytes - 1)));
  return f.keep(i32.add(piece, i32.add(i32.mul(i32.sub(offset, inLine), i32.of(shape.terms)), inLine)));
}

/**
 * Values or slopes, each by its own weights, from coefficients that are read once.
 * @param column - the address of the first coefficient, @param at - bytes from there
 */
export function interpolated(
  { f, lanes }: Pick<KernelCode, 'f' | 'lanes'>,
  arithmetic: Arithmetic,
  shape: TableShape,
  wanted: readonly { readonly order: 0 | 1; readonly weights: readonly Expression[] }[],
  column: Expression,
  at = 0,
): Expression[] {
  const stride = blockNumbers(lanes, shape) * lanes.bytes;
  const sums: Local[] = [];
  for (let k = Math.min(...wanted.map(({ order }) => order)); k < shape.terms; k++) {
    const coefficient = f.keep(arithmetic.load(column, at + k * stride));
    wanted.forEach(({ order, weights }, i) => {
      if (k === order) sums[i] = f.keep(coefficient);
      else if (k > order) f.assign(sums[i]!, arithmetic.multiplyAdd(weights[k - order - 1]!, coefficient, sums[i]!));
    });
  }
  return sums;
}

const precisionTools = {
  f32: { toI32: i32.fromF32, fromI32: f32.fromI32, atLeast: f32.atLeast, select: f32.select },
  f64: { toI32: i32.fromF64, fromI32: f64.fromI32, atLeast: f64.atLeast, select: f64.select },
} as const;
