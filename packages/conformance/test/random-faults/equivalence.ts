/** Whether a fault of a kernel changes a result: its witness, on the faulty engine and on the reference. */
import { reference } from '@mace/core';
import type { RealArray, RunInputs } from '@mace/core/backend';
import type { KernelFault } from './kernel-faults.js';

/** Relative change of a number that is more than a rounding error. Both engines add in one order, so a sound one has none. */
const visible = { f64: 1e-12, f32: 3e-5 } as const;

/** What is different, in words; null if nothing is. */
export async function changesResults(fault: Omit<KernelFault, 'text' | 'op'>): Promise<string | null> {
  const { precision, witness, definition, before, repetitions } = fault;
  const { graph, parameters, inputs } = witness;
  const [faulty, sound] = [await definition.create(), await reference().create()];
  const executable = await faulty.compile(graph, { precision, parameters });
  const wanted = await (await sound.compile(graph, { precision, parameters })).run(inputs);
  if (before) await executable.run(before);
  if (repetitions < 0) await executable.setParameters(parameters);
  for (let run = 0; run < Math.abs(repetitions); run++) {
    const found = await executable.run(inputs);
    const shown = difference(wanted.y!, found.y!, visible[precision]);
    if (shown) return `${sizesOf(inputs)}, run ${run + 1}: ${shown}`;
  }
  return null;
}

function difference(wanted: RealArray, found: RealArray, relative: number): string | null {
  if (wanted.length !== found.length) return `${found.length} numbers; expected ${wanted.length}`;
  for (let i = 0; i < wanted.length; i++) {
    const [y, z] = [wanted[i]!, found[i]!];
    if (y === z || (Number.isNaN(y) && Number.isNaN(z))) continue;
    if (!(Math.abs(y - z) <= relative * Math.abs(y))) return `y[${i}] is ${z}; expected ${y}`;
  }
  return null;
}

function sizesOf({ dims, values }: RunInputs): string {
  const lengths = Object.entries(values as Readonly<Record<string, RealArray>>).map(
    ([name, { length }]) => `${name} has ${length} numbers`,
  );
  return `atoms = ${dims.atoms}, edges = ${dims.edges}, ${lengths.join(', ')}`;
}
