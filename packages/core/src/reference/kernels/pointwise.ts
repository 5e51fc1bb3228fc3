/** Ops on each element. A uniform operand is read with step 0. */
import { unaryFunctions, type UnaryName } from '../../ir/unary-functions.js';
import { count, type Arithmetic, type Value } from './value.js';

export type PairName = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'max' | 'less';

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
    const a = x.data;
    const b = y.data;
    const p = x.uniform ? 0 : 1;
    const q = y.uniform ? 0 : 1;
    const n = out.length;
    switch (name) {
      case 'add':
        for (let i = 0; i < n; i++) out[i] = a[i * p]! + b[i * q]!;
        break;
      case 'sub':
        for (let i = 0; i < n; i++) out[i] = a[i * p]! - b[i * q]!;
        break;
      case 'mul':
        for (let i = 0; i < n; i++) out[i] = a[i * p]! * b[i * q]!;
        break;
      case 'div':
        for (let i = 0; i < n; i++) out[i] = a[i * p]! / b[i * q]!;
        break;
      case 'pow':
        for (let i = 0; i < n; i++) out[i] = Math.pow(a[i * p]!, b[i * q]!);
        break;
      case 'max':
        for (let i = 0; i < n; i++) out[i] = a[i * p]! < b[i * q]! ? b[i * q]! : a[i * p]!;
        break;
      case 'less':
        for (let i = 0; i < n; i++) out[i] = a[i * p]! < b[i * q]! ? 1 : 0;
        break;
    }
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
