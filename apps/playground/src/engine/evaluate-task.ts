/** Energy, forces and stress of one structure. */
import type { Structure } from '@mace/core/structure';
import { nearAtoms } from '@mace/sim';
import type { Asked, Evaluated } from './messages.js';
import { openCalculator } from './open-task.js';
import type { TaskContext } from './task-context.js';

export async function evaluate(
  { structure, asked }: { structure: Structure; asked: Asked },
  { cancellation }: TaskContext<'evaluate'>,
): Promise<Evaluated> {
  const calculator = openCalculator();
  const prepared = await calculator.prepare([structure], { ...asked, properties: ['forces', 'stress'], cancellation });
  try {
    const began = performance.now();
    const [result] = await prepared.run();
    const milliseconds = performance.now() - began;
    return { result: result!, milliseconds, near: nearAtoms(structure) };
  } finally {
    prepared.dispose();
  }
}
