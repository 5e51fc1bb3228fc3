/**
 * One precision as instructions: vectors of it, single numbers of it, and which multiply-add there is. Kernels are written
 * once against this.
 */
import { float } from './encoder/bytes.js';
import { f32, f32x4, f64, f64x2, v128, type Expression, type ValueType } from './encoder/expressions.js';

/** Bytes of a cache line. */
export const lineBytes = 64;

/** Arithmetic of vectors or of single numbers. */
export interface Arithmetic {
  readonly type: ValueType;
  /** Numbers in one value. */
  readonly lanes: number;
  of(value: number): Expression;
  load(address: Expression, offset?: number): Expression;
  /** One number from memory, in every lane. */
  loadSplat(address: Expression, offset?: number): Expression;
  add(a: Expression, b: Expression): Expression;
  sub(a: Expression, b: Expression): Expression;
  mul(a: Expression, b: Expression): Expression;
  div(a: Expression, b: Expression): Expression;
  min(a: Expression, b: Expression): Expression;
  max(a: Expression, b: Expression): Expression;
  neg(a: Expression): Expression;
  sqrt(a: Expression): Expression;
  nearest(a: Expression): Expression;
  /** a·b + c, rounded once or twice. */
  multiplyAdd(a: Expression, b: Expression, c: Expression): Expression;
}

export interface Lanes {
  readonly precision: 'f32' | 'f64';
  /** Whether multiply-add is one instruction, which leaves more registers for sums. */
  readonly relaxed: boolean;
  /** Bytes of one number. */
  readonly bytes: 4 | 8;
  readonly vector: Arithmetic;
  readonly single: Arithmetic;
  /** A number in every lane. */
  splat(value: Expression): Expression;
  lane(value: Expression, lane: number): Expression;
  replace(value: Expression, lane: number, by: Expression): Expression;
  /** Mask of whole lanes where `a` is less than `b`. */
  less(a: Expression, b: Expression): Expression;
  /** Mask of whole lanes where a ≠ b. */
  notEqual(a: Expression, b: Expression): Expression;
  /** The number as f64, and back. */
  toF64(value: Expression): Expression;
  fromF64(value: Expression): Expression;
}

/** @param relaxed - whether relaxed multiply-add may be used, which rounds once where the processor can */
export function lanesOf(precision: 'f32' | 'f64', relaxed: boolean): Lanes {
  const wide = precision === 'f32' ? f32x4 : f64x2;
  const narrow = precision === 'f32' ? f32 : f64;
  const bytes = precision === 'f32' ? 4 : 8;
  const lanes = 16 / bytes;
  const loadSplat = precision === 'f32' ? v128.load32Splat : v128.load64Splat;
  const vector: Arithmetic = {
    ...wide,
    type: 'v128',
    lanes,
    of: (value) => v128.of(Array.from({ length: lanes }, () => float(value, bytes)).flat()),
    load: v128.load,
    loadSplat,
    multiplyAdd: relaxed ? wide.relaxedMultiplyAdd : (a, b, c) => wide.add(wide.mul(a, b), c),
  };
  const single: Arithmetic = {
    ...narrow,
    type: precision,
    lanes: 1,
    loadSplat: narrow.load,
    multiplyAdd: (a, b, c) => narrow.add(narrow.mul(a, b), c),
  };
  return {
    precision,
    relaxed,
    bytes,
    vector,
    single,
    splat: wide.splat,
    lane: wide.lane,
    replace: wide.replace,
    less: wide.less,
    notEqual: wide.notEqual,
    toF64: precision === 'f32' ? f64.fromF32 : (value) => value,
    fromF64: precision === 'f32' ? f32.fromF64 : (value) => value,
  };
}
