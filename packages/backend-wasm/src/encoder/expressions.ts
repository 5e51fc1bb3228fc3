/**
 * Expressions: trees that write themselves as WebAssembly instructions. A tree that is used twice computes twice; what is
 * needed again goes into a local.
 *
 * Numbers of instructions: WebAssembly specification 5.4, relaxed SIMD included.
 */
import { float, signed, unsigned } from './bytes.js';

export type ValueType = 'i32' | 'f32' | 'f64' | 'v128';

export interface Expression {
  readonly type: ValueType;
  write(bytes: number[]): void;
}

type Operation<Count extends readonly unknown[]> = (...operands: { [K in keyof Count]: Expression }) => Expression;
type One = [0];
type Two = [0, 0];
type Three = [0, 0, 0];

/** An instruction on what its operands leave on the stack. */
function operation<Count extends readonly unknown[]>(type: ValueType, ...opcode: number[]): Operation<Count> {
  return (...operands) => ({
    type,
    write(bytes) {
      for (const operand of operands as readonly Expression[]) operand.write(bytes);
      bytes.push(...opcode);
    },
  });
}

function vector<Count extends readonly unknown[]>(number: number, type: ValueType = 'v128'): Operation<Count> {
  return operation<Count>(type, 0xfd, ...unsigned(number));
}

function constant(type: ValueType, ...bytes: number[]): Expression {
  return { type, write: (to) => void to.push(...bytes) };
}

/** Loads from `address` + `offset` bytes. */
function load(type: ValueType, opcode: readonly number[]) {
  return (address: Expression, offset = 0): Expression => ({
    type,
    write(bytes) {
      address.write(bytes);
      bytes.push(...opcode, 0, ...unsigned(offset));
    },
  });
}

export const i32 = {
  of: (value: number): Expression => constant('i32', 0x41, ...signed(value)),
  load: load('i32', [0x28]),
  eqz: operation<One>('i32', 0x45),
  eq: operation<Two>('i32', 0x46),
  lessSigned: operation<Two>('i32', 0x48),
  less: operation<Two>('i32', 0x49),
  atLeast: operation<Two>('i32', 0x4f),
  add: operation<Two>('i32', 0x6a),
  sub: operation<Two>('i32', 0x6b),
  mul: operation<Two>('i32', 0x6c),
  div: operation<Two>('i32', 0x6e),
  remainder: operation<Two>('i32', 0x70),
  and: operation<Two>('i32', 0x71),
  shiftLeft: operation<Two>('i32', 0x74),
  /** `condition` ? a : b, both computed. */
  select: operation<Three>('i32', 0x1b),
  /** Rounds towards zero and saturates. */
  fromF64: operation<One>('i32', 0xfc, 2),
  fromF32: operation<One>('i32', 0xfc, 0),
};

export const f32 = {
  of: (value: number): Expression => constant('f32', 0x43, ...float(value, 4)),
  load: load('f32', [0x2a]),
  less: operation<Two>('i32', 0x5d),
  atLeast: operation<Two>('i32', 0x60),
  notEqual: operation<Two>('i32', 0x5c),
  neg: operation<One>('f32', 0x8c),
  floor: operation<One>('f32', 0x8e),
  nearest: operation<One>('f32', 0x90),
  sqrt: operation<One>('f32', 0x91),
  add: operation<Two>('f32', 0x92),
  sub: operation<Two>('f32', 0x93),
  mul: operation<Two>('f32', 0x94),
  div: operation<Two>('f32', 0x95),
  min: operation<Two>('f32', 0x96),
  max: operation<Two>('f32', 0x97),
  select: operation<Three>('f32', 0x1b),
  fromI32: operation<One>('f32', 0xb2),
  fromF64: operation<One>('f32', 0xb6),
};

export const f64 = {
  of: (value: number): Expression => constant('f64', 0x44, ...float(value, 8)),
  load: load('f64', [0x2b]),
  less: operation<Two>('i32', 0x63),
  atLeast: operation<Two>('i32', 0x66),
  notEqual: operation<Two>('i32', 0x62),
  neg: operation<One>('f64', 0x9a),
  floor: operation<One>('f64', 0x9c),
  nearest: operation<One>('f64', 0x9e),
  sqrt: operation<One>('f64', 0x9f),
  add: operation<Two>('f64', 0xa0),
  sub: operation<Two>('f64', 0xa1),
  mul: operation<Two>('f64', 0xa2),
  div: operation<Two>('f64', 0xa3),
  min: operation<Two>('f64', 0xa4),
  max: operation<Two>('f64', 0xa5),
  select: operation<Three>('f64', 0x1b),
  fromI32: operation<One>('f64', 0xb7),
  fromF32: operation<One>('f64', 0xbb),
};

export const v128 = {
  of: (bytes: readonly number[]): Expression => constant('v128', 0xfd, 12, ...bytes),
  load: load('v128', [0xfd, 0]),
  load32Splat: load('v128', [0xfd, 9]),
  load64Splat: load('v128', [0xfd, 10]),
  and: vector<Two>(0x4e),
  /** Bits of the first that the second has not. */
  andNot: vector<Two>(0x4f),
  or: vector<Two>(0x50),
  /** Bits of the first where the mask is set, of the second elsewhere. */
  bitselect: vector<Three>(0x52),
};

export const f32x4 = {
  splat: vector<One>(0x13),
  lane: (value: Expression, lane: number): Expression => laneOf('f32', 0x1f, value, lane),
  replace: (value: Expression, lane: number, by: Expression): Expression => replaceLane(0x20, value, lane, by),
  notEqual: vector<Two>(0x42),
  less: vector<Two>(0x43),
  nearest: vector<One>(0x6a),
  neg: vector<One>(0xe1),
  sqrt: vector<One>(0xe3),
  add: vector<Two>(0xe4),
  sub: vector<Two>(0xe5),
  mul: vector<Two>(0xe6),
  div: vector<Two>(0xe7),
  min: vector<Two>(0xe8),
  max: vector<Two>(0xe9),
  relaxedMultiplyAdd: vector<Three>(0x105),
  fromI32: vector<One>(0xfa),
};

export const f64x2 = {
  splat: vector<One>(0x14),
  lane: (value: Expression, lane: number): Expression => laneOf('f64', 0x21, value, lane),
  replace: (value: Expression, lane: number, by: Expression): Expression => replaceLane(0x22, value, lane, by),
  notEqual: vector<Two>(0x48),
  less: vector<Two>(0x49),
  nearest: vector<One>(0x94),
  neg: vector<One>(0xed),
  sqrt: vector<One>(0xef),
  add: vector<Two>(0xf0),
  sub: vector<Two>(0xf1),
  mul: vector<Two>(0xf2),
  div: vector<Two>(0xf3),
  min: vector<Two>(0xf4),
  max: vector<Two>(0xf5),
  relaxedMultiplyAdd: vector<Three>(0x107),
};

export const i32x4 = {
  splat: vector<One>(0x11),
  add: vector<Two>(0xae),
  sub: vector<Two>(0xb1),
  /** By a number of bits in an i32. */
  shiftLeft: vector<Two>(0xab),
  shiftRight: vector<Two>(0xac),
  /** Round towards zero and saturate; the f64 form fills the lower two lanes. */
  fromF32: vector<One>(0xf8),
  fromF64: vector<One>(0xfc),
};

export const i64x2 = {
  shiftLeft: vector<Two>(0xcb),
  /** Of the lower two lanes of i32x4. */
  fromI32: vector<One>(0xc7),
};

function laneOf(type: ValueType, number: number, value: Expression, lane: number): Expression {
  return {
    type,
    write(bytes) {
      value.write(bytes);
      bytes.push(0xfd, ...unsigned(number), lane);
    },
  };
}

function replaceLane(number: number, value: Expression, lane: number, by: Expression): Expression {
  return {
    type: 'v128',
    write(bytes) {
      value.write(bytes);
      by.write(bytes);
      bytes.push(0xfd, ...unsigned(number), lane);
    },
  };
}
