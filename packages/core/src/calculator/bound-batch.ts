/** A batch bound to an executable: one run, or several where the memory of the backend ends. */
import type { Binding, Capabilities, Executable, RunOptions, RunOutputs } from '../backend/index.js';
import type { MaceConfig } from '../model/index.js';
import type { Batch } from './batch.js';
import { fitsInto, partsThatFit, runParts } from './parts.js';
import { costOf, costOfBoth, type RunCost } from './prepared.js';

export interface BoundBatch {
  /** Runs that the memory of the backend makes of it: 1 where it fits. */
  readonly parts: number;
  /** What a run takes, where the backend can say so; nothing is computed. */
  cost(): RunCost | null;
  /** With the values that the batch has now. */
  run(options?: RunOptions): Promise<RunOutputs>;
  dispose(): void;
}

export async function boundBatch(
  config: MaceConfig,
  batch: Batch,
  executable: Executable,
  capabilities: Capabilities,
): Promise<BoundBatch> {
  const whole = await executable.bind(batch.inputs);
  if (fitsInto(capabilities, whole)) return ofOne(batch, whole);
  const parts = await partsThatFit(config, batch, executable, capabilities);
  if (!parts) return ofOne(batch, whole);
  whole.dispose();
  return {
    parts: parts.length,
    cost: () => {
      const costs = parts.map(({ cost }) => cost);
      return costs.reduce((a, b) => a && b && costOfBoth(a, b));
    },
    run: (options) => {
      // Parts follow each other, while the atoms of a system may move on.
      const values = { ...batch.inputs.values, edgeVectors: batch.edges.vectors.slice() };
      const now = { ...batch, inputs: { ...batch.inputs, values } };
      return runParts(config, now, parts, (inputs) => executable.run(inputs, options));
    },
    dispose: () => {},
  };
}

function ofOne(batch: Batch, binding: Binding): BoundBatch {
  return {
    parts: 1,
    cost: () => costOf(binding),
    run: (options) => binding.run(batch.inputs.values, options),
    dispose: () => binding.dispose(),
  };
}
