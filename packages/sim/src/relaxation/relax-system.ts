/** Relaxation of all structures of a system at once, each on a path of its own. */
import { CancelledError, type Cancellation, type System } from '@mace/core';
import type { RelaxationOptions } from './options.js';
import { startRelaxation, type Relaxation } from './relaxation.js';

export interface RelaxSystemOptions extends RelaxationOptions {
  /**
   * Called after each computation of all structures, the first one included. `last` of each relaxation is the newest structure of its path;
   * the system still has it.
   */
  readonly observe?: (relaxations: readonly Relaxation[]) => void | Promise<void>;
  readonly cancellation?: Cancellation;
}

/**
 * Moves the atoms of a system until forces are small; the system has them where they ended. What has ended stays there while others
 * go on, and the path of a structure does not depend on them.
 *
 * @returns the relaxation of each structure: look at `isConverged`
 * @throws UnsupportedError (`option`) before anything is computed, StructureError, CancelledError, what `System.compute` throws
 */
export async function relaxSystem(system: System, options: RelaxSystemOptions = {}): Promise<Relaxation[]> {
  const { observe, cancellation } = options;
  const relaxations: Relaxation[] = [];
  for (const [g, structure] of system.structures().entries())
    relaxations.push(await startRelaxation(structure, options, g));
  const { offsets } = system;
  const positions = new Float64Array(3 * offsets.at(-1)!);
  const into = { energies: new Float64Array(relaxations.length), forces: new Float64Array(positions.length) };
  for (;;) {
    if (cancellation?.aborted) throw new CancelledError('stopped because the caller asked to.');
    await system.compute({ into, ...(cancellation && { cancellation }) });
    let isMoved = false;
    relaxations.forEach((relaxation, g) => {
      const forces = into.forces.subarray(3 * offsets[g]!, 3 * offsets[g + 1]!);
      if (relaxation.step({ energy: into.energies[g]!, forces })) isMoved = true;
      positions.set(relaxation.structure.positions, 3 * offsets[g]!);
    });
    await observe?.(relaxations);
    if (!isMoved) return relaxations;
    system.update(positions);
  }
}
