/** What a call was given, as it was then: whoever changes the arrays while it computes changes nothing of its result. */
import type { Structure } from '../structure/index.js';
import type { InputOptions } from './model-inputs.js';

export function snapshotOf(structure: Structure): Structure {
  const { numbers, positions, cell, pbc, info, arrays, warnings } = structure;
  return {
    numbers: numbers.slice(),
    positions: positions.slice(),
    cell: cell && cell.slice(),
    pbc: [...pbc],
    info: { ...info },
    arrays: Object.fromEntries(
      Object.entries(arrays).map(([name, array]) => [name, { ...array, values: array.values.slice() }]),
    ),
    ...(warnings && { warnings: [...warnings] }),
  };
}

export function snapshotOfOptions<T extends InputOptions>(options: T): T {
  return { ...options, ...(options.inputs && { inputs: { ...options.inputs } }) };
}
