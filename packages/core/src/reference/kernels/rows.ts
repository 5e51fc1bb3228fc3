/** Ops along an index map: rows are read through it, or summed into its targets in a fixed order. */
import type { IndexMapValues } from '../../backend/contract.js';
import { count, type Arithmetic, type Value } from './value.js';

export function rowKernels({ allocate, dense }: Arithmetic) {
  function gather(x: Value, map: IndexMapValues): Value {
    const width = count(x.shape.slice(1));
    const shape = [map.values.length, ...x.shape.slice(1)];
    if (x.uniform) return { shape, data: x.data, uniform: true };
    const out = allocate(map.values.length * width);
    for (let row = 0; row < map.values.length; row++) {
      const from = map.values[row]! * width;
      const to = row * width;
      for (let i = 0; i < width; i++) out[to + i] = x.data[from + i]!;
    }
    return { shape, data: out, uniform: false };
  }

  function segmentSum(x: Value, map: IndexMapValues): Value {
    const width = count(x.shape.slice(1));
    const targets = map.offsets.length - 1;
    const source = dense(x);
    const out = allocate(targets * width);
    for (let target = 0; target < targets; target++) {
      const to = target * width;
      for (let position = map.offsets[target]!; position < map.offsets[target + 1]!; position++) {
        const from = map.order[position]! * width;
        for (let i = 0; i < width; i++) out[to + i]! += source[from + i]!;
      }
    }
    return { shape: [targets, ...x.shape.slice(1)], data: out, uniform: false };
  }

  return { gather, segmentSum };
}
