/** Relaxation of all structures of a system at once, each on a path of its own. */
import { CancelledError, type Cancellation, type System } from '@mace/core';
import { refuseUnknown } from '../refuse.js';
import { relaxationOptionNames, type RelaxationOptions } from './options.js';
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
 * Moves the atoms of a system, and its cells where asked for, until forces are small; the system has them where they ended. What has ended stays there while others
 * go on, and the path of a structure does not depend on them.
 *
 * @param system - bound with `stress` where cells are relaxed
 * @returns the relaxation of each structure: look at `isConverged`
 * @throws UnsupportedError (`option`) before anything is computed, StructureError, CancelledError, what `System.compute` throws
 */
export async function relaxSystem(system: System, options: RelaxSystemOptions = {}): Promise<Relaxation[]> {
  refuseUnknown('relaxSystem', options, [...relaxationOptionNames, 'observe', 'cancellation']);
  const { observe, cancellation } = options;
  const relaxations: Relaxation[] = [];
  for (const [g, structure] of system.structures().entries())
    relaxations.push(await startRelaxation(structure, options, g));
  const { offsets } = system;
  const positions = new Float64Array(3 * offsets.at(-1)!);
  const cells = new Float64Array(9 * relaxations.length);
  const into = {
    energies: new Float64Array(relaxations.length),
    forces: new Float64Array(positions.length),
    ...(options.cell && { stresses: new Float64Array(cells.length) }),
  };
  for (;;) {
    if (cancellation?.aborted) throw new CancelledError('stopped because the caller asked to.');
    await system.compute({ into, ...(cancellation && { cancellation }) });
    let isMoved = false;
    relaxations.forEach((relaxation, g) => {
      const forces = into.forces.subarray(3 * offsets[g]!, 3 * offsets[g + 1]!);
      const stress = into.stresses?.subarray(9 * g, 9 * g + 9);
      if (relaxation.step({ energy: into.energies[g]!, forces, ...(stress && { stress }) })) isMoved = true;
      const { structure } = relaxation;
      positions.set(structure.positions, 3 * offsets[g]!);
      if (structure.cell) cells.set(structure.cell, 9 * g);
    });
    await observe?.(relaxations);
    if (!isMoved) return relaxations;
    system.update(positions, options.cell ? cells : undefined);
  }
}
