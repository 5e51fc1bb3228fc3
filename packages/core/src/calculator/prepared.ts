/** Structures ready to be computed again and again, and what a run of them takes. */
import type { Binding } from '../backend/index.js';
import type { Result } from './results.js';

/** What a run takes. */
export interface RunCost {
  /** Memory while it runs, beside what is held from run to run. */
  readonly bytes: number;
  /** The largest single buffer, where that is what is limited. */
  readonly largestBufferBytes: number;
  readonly multiplyAdds: number;
  /** The same by the names that `profile` is told. */
  readonly kernels: Readonly<Record<string, number>>;
}

/** Null where the backend cannot say. */
export function costOf({ bytes, largestBufferBytes = 0, multiplyAdds }: Binding): RunCost | null {
  if (bytes === undefined || !multiplyAdds) return null;
  const kernels = multiplyAdds();
  return { bytes, largestBufferBytes, kernels, multiplyAdds: Object.values(kernels).reduce((a, b) => a + b, 0) };
}

/** Structures ready to be computed again and again as one batch. */
export interface PreparedStructures {
  readonly atoms: number;
  readonly edges: number;
  /** Runs that the memory of the backend makes of a batch: 1 where it fits. */
  readonly parts: number;
  /** Of how many structures functions of distance come from tables. */
  readonly withTables: number;
  /** What a run takes, where the backend can say so; nothing is computed. */
  cost(): RunCost | null;
  /** Computes everything again, in the order of the structures. @throws CancelledError, DeviceError, DisposedError */
  run(): Promise<Result[]>;
  dispose(): void;
}

/** Of two runs, one after the other. */
export function costOfBoth(a: RunCost, b: RunCost): RunCost {
  const names = Object.keys({ ...a.kernels, ...b.kernels });
  return {
    bytes: Math.max(a.bytes, b.bytes),
    largestBufferBytes: Math.max(a.largestBufferBytes, b.largestBufferBytes),
    multiplyAdds: a.multiplyAdds + b.multiplyAdds,
    kernels: Object.fromEntries(names.map((name) => [name, (a.kernels[name] ?? 0) + (b.kernels[name] ?? 0)])),
  };
}
