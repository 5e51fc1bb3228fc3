/** Ops on each element. A uniform operand is read with step 0. */
import type { RealArray } from '../../backend/contract.js';
import { unaryFunctions, type UnaryName } from '../../ir/unary-functions.js';
import { count, type Arithmetic, type Value } from './value.js';

export type PairName = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'max' | 'less';

/** `out[i]` of `a[i * p]` and `b[i * q]`. */
type PairLoop = (out: RealArray, a: RealArray, b: RealArray, p: 0 | 1, q: 0 | 1) => void;

/** A function each, which engines compile sooner than one that holds them all. */
const pairLoops: Readonly<Record<PairName, PairLoop>> = {
  add: (out, a, b, p, q) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * p]! + b[i * q]!;
  },
  sub: (out, a, b, p, q) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * p]! - b[i * q]!;
  },
  mul: (out, a, b, p, q) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * p]! * b[i * q]!;
  },
  div: (out, a, b, p, q) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * p]! / b[i * q]!;
  },
  pow: (out, a, b, p, q) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.pow(a[i * p]!, b[i * q]!);
  },
  max: (out, a, b, p, q) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * p]! < b[i * q]! ? b[i * q]! : a[i * p]!;
  },
  less: (out, a, b, p, q) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * p]! < b[i * q]! ? 1 : 0;
  },
};

export function pointwiseKernels({ allocate }: Arithmetic) {
  function unary(name: UnaryName, x: Value): Value {
    const apply = unaryFunctions[name];
    const out = allocate(x.data.length);
    for (let i = 0; i < out.length; i++) out[i] = apply(x.data[i]!);
    return { shape: x.shape, data: out, uniform: x.uniform };
  }

  function pair(name: PairName, x: Value, y: Value): Value {
    const uniform = x.uniform && y.uniform;
    const out = allocate(uniform ? 1 : count(x.shape));
    pairLoops[name](out, x.data, y.data, x.uniform ? 0 : 1, y.uniform ? 0 : 1);
    return { shape: x.shape, data: out, uniform };
  }

  function select(mask: Value, x: Value, y: Value): Value {
    if (mask.uniform) return mask.data[0] ? x : y;
    const out = allocate(count(mask.shape));
    const p = x.uniform ? 0 : 1;
    const q = y.uniform ? 0 : 1;
    for (let i = 0; i < out.length; i++) out[i] = mask.data[i] ? x.data[i * p]! : y.data[i * q]!;
    return { shape: mask.shape, data: out, uniform: false };
  }

  return { unary, pair, select };
}
