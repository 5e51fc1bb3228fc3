/** Times a backend on the bundled model, as `mace bench` does. */
import { createCalculator } from '@mace/core';
import { benchmark } from '@mace/core/benchmark';
import { readModel } from '@mace/models';
import { loadAvailable } from './load-backend.js';
import type { BenchInput, BenchResult } from './trial-messages.js';
import type { TaskContext } from './task-context.js';

/** @throws BackendUnavailableError, UnsupportedError, DeviceError */
export async function bench(
  { backend, precision, tables, structures, repeat }: BenchInput,
  { emit }: TaskContext<'bench'>,
): Promise<readonly BenchResult[]> {
  const { definition, threads } = await loadAvailable(backend);
  const model = await readModel('bundled');
  const results: BenchResult[] = [];
  for (const { name, structure } of structures) {
    emit({ name, run: null });
    // A calculator for each, so that each is met for the first time.
    const calculator = await createCalculator({ model, backend: definition, precision, tables });
    const began = performance.now();
    let firstSeconds: number | null = null;
    const { figures, seconds, prepared } = await benchmark(calculator, [structure], {
      repeat,
      threads,
      onRun: (run) => {
        firstSeconds ??= (performance.now() - began) / 1000;
        emit({ name, run });
      },
    });
    prepared.dispose();
    await calculator.dispose();
    results.push({ name, figures, firstSeconds: firstSeconds!, seconds });
  }
  return results;
}
