/** Relaxes one structure, and tells of its path as often as people can see. */
import { fixAtoms, relax, type Relaxation } from '@mace/sim';
import type { PathPart, RelaxationPoint, RelaxInput, RelaxOutput } from './messages.js';
import { openCalculator } from './open-task.js';
import { breathing, every } from './pace.js';
import type { TaskContext } from './task-context.js';

/** @throws StructureError, CancelledError, DeviceError */
export async function relaxOne(input: RelaxInput, { emit, cancellation }: TaskContext<'relax'>): Promise<RelaxOutput> {
  const { structure, asked, fixed, fmax, steps, optimizer, cell, pressure } = input;
  let path: RelaxationPoint[] = [];
  const tell = every(100, (relaxation: Relaxation) => {
    emit({ ...whereItIs(relaxation), path });
    path = [];
  });
  const outcomes = relax(breathing(openCalculator()), [structure], {
    ...asked,
    fmax,
    steps,
    optimizer,
    ...(cell && { cell: {} }),
    ...(pressure !== 0 && { pressure }),
    ...(fixed.length > 0 && { constraints: (one) => [fixAtoms(one, fixed)] }),
    observe: (relaxation) => {
      path.push(pointOf(relaxation));
      tell(relaxation);
    },
    cancellation,
  });
  for await (const outcome of outcomes) {
    if ('error' in outcome) throw outcome.error;
    const { energy, initialEnergy, isConverged } = outcome;
    return {
      structure: outcome.structure,
      energy,
      initialEnergy,
      fmax: outcome.fmax,
      steps: outcome.steps,
      isConverged,
      path,
    };
  }
  throw new Error('a relaxation ended without an end');
}

function pointOf({ evaluations, last, largestForce }: Relaxation): RelaxationPoint {
  return { evaluation: evaluations - 1, energy: last!.energy, largestForce };
}

function whereItIs({ steps, last }: Relaxation): Omit<PathPart, 'path'> {
  const { structure, forces } = last!;
  const { positions, cell } = structure;
  return { steps, positions: positions.slice(), cell: cell && cell.slice(), forces: forces.slice() };
}
