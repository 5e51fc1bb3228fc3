/** Runs the conformance kit on a backend. What the kit finds wrong is in its report; only what keeps it from running is thrown. */
import { runConformance, type Report } from '@mace/conformance';
import { loadBackend } from './load-backend.js';
import type { ConformInput } from './trial-messages.js';
import type { TaskContext } from './task-context.js';

/** @throws Error where the engine cannot be loaded */
export async function conform(
  { backend, precision, only }: ConformInput,
  { emit, cancellation }: TaskContext<'conform'>,
): Promise<Report> {
  const { definition, limitations } = await loadBackend(backend);
  return runConformance(definition, {
    precision,
    limitations,
    cancellation,
    ...(only && { only }),
    onCase: (result, done, total) => emit({ done, total, result }),
  });
}
