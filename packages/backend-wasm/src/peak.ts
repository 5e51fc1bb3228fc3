/** What one thread could do at best: sums in registers, and nothing but multiply-adds. */
import { v128, i32 } from './encoder/expressions.js';
import { FunctionBuilder } from './encoder/function-builder.js';
import { encodeModule } from './encoder/module-builder.js';
import { lanesOf } from './lanes.js';

/** Sums that do not wait for each other: as many as hide the time of one multiply-add. */
const sums = 10;
const roundsPerRun = 40_000;
/** Engines compile well what runs often. */
const warmUpRuns = 20;
const timedRuns = 30;

/** Multiply-adds a second. @param relaxed - whether kernels use relaxed multiply-add */
export async function measurePeak(precision: 'f32' | 'f64', relaxed: boolean): Promise<number> {
  const { vector } = lanesOf(precision, relaxed);
  const f = new FunctionBuilder(['i32', 'i32']);
  const [rounds, address] = f.parameters as [(typeof f.parameters)[number], (typeof f.parameters)[number]];
  const factors = [f.keep(vector.load(address)), f.keep(vector.load(address, 16))] as const;
  const totals = Array.from({ length: sums }, () => f.local('v128', vector.of(0)));
  f.loop(f.local('i32'), i32.of(0), rounds, 1, () => {
    for (const total of [...totals, ...totals]) f.assign(total, vector.multiplyAdd(...factors, total));
  });
  totals.forEach((total, i) => f.store(address, v128.or(total, total), 32 + 16 * i));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const bytes = encodeModule({ shared: false, maximum: 1 }, [], { peak: f });
  const { instance } = await WebAssembly.instantiate(bytes, { host: { memory } });
  const run = instance.exports.peak as (rounds: number, address: number) => void;
  let least = Infinity;
  for (let i = 0; i < warmUpRuns + timedRuns; i++) {
    const began = performance.now();
    run(roundsPerRun, 64);
    if (i >= warmUpRuns) least = Math.min(least, performance.now() - began);
  }
  return (2 * sums * vector.lanes * roundsPerRun * 1000) / least;
}
