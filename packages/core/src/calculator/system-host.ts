/** What a system is bound to: a calculator, as systems see it. */
import type { Observable } from '../model/index.js';
import type { Structure } from '../structure/index.js';
import type { Batch, BatchOptions } from './batch.js';
import type { BoundBatch } from './bound-batch.js';
import type { ModelGraphs } from './model-graphs.js';
import type { MovingBatch } from './moving-batch.js';

/** What a system needs of its calculator. */
export interface SystemHost {
  readonly graphs: ModelGraphs;
  readonly backend: string;
  readonly precision: 'f64' | 'f32';
  /** Whether atoms are put elsewhere between computations. */
  readonly moves: boolean;
  /** @throws StructureError */
  validate(structures: readonly Structure[]): void;
  batch(structures: readonly Structure[], how: BatchOptions): Promise<Batch>;
  /** @param moving - the batch as it moves */
  bind(
    wanted: readonly Observable[],
    batch: Batch,
    withTables: readonly boolean[],
    moving?: MovingBatch | null,
  ): Promise<BoundBatch>;
  /** Does work on the device, once more on a new one where it was lost. */
  onDevice<T>(work: () => Promise<T>): Promise<T>;
  /** What messages call a structure. */
  nameOf(structure: number, structures: number): string;
}
