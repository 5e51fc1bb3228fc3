/** Files that the page gives away. */
import { writeExtxyz } from '@mace/io';
import type { AtomArray, InfoValue } from '@mace/core/structure';
import { withMoveMask } from '@mace/sim';
import { current, evaluated, fixed, frame, head, inputs, largestOfPath, live, opened, path, trace } from '../state.js';

/** The structure as it is now with energy, forces, stress, fixed atoms and, where dynamics brought it here, momenta under ASE's names. */
export function extxyzOfNow(): string {
  const structure = current.value!;
  const { result } = evaluated.value ?? {};
  const info: Record<string, InfoValue> = { ...structure.info };
  const arrays: Record<string, AtomArray> = { ...structure.arrays };
  if (result && !live.value) {
    info['energy'] = result.energy;
    if (result.stress) info['stress'] = { shape: [3, 3], values: [...result.stress], kind: 'real' };
    if (result.forces) arrays['forces'] = { columns: 3, values: result.forces, kind: 'real' };
    if (opened.value) info['model'] = opened.value.facts.name;
  }
  // With which the energy comes out again, also where people said them here.
  if (opened.value && opened.value.facts.heads.length > 1 && head.value !== null) info['head'] = head.value;
  for (const name of opened.value?.facts.inputs ?? []) {
    const value = inputs.value[name];
    if (value === undefined) continue;
    delete info[name.replace('total_', '')];
    info[opened.value!.facts.inputKeys[name] ?? name] = value;
  }
  const last = frame.value;
  if (last) {
    info['step'] = last.step;
    arrays['momenta'] = { columns: 3, values: last.momenta, kind: 'real' };
  }
  if (live.value) {
    info['energy'] = last?.energy ?? path.value.at(-1)!.energy;
    arrays['forces'] = { columns: 3, values: live.value.forces, kind: 'real' };
  }
  const now = { ...structure, info, arrays };
  return writeExtxyz([fixed.value.length > 0 ? withMoveMask(now, fixed.value) : now]);
}

/** The last dynamics, or the last relaxation, row by row with units in its head. */
export function csvOfTrace(): string {
  if (trace.value.length > 0)
    return table(
      [
        'step',
        'time [fs]',
        'potential energy [eV]',
        'kinetic energy [eV]',
        'conserved [eV]',
        'temperature [K]',
        'pressure [GPa]',
      ],
      trace.value.map((one) => [
        one.step,
        one.time,
        one.energy,
        one.kinetic,
        one.conserved,
        one.temperature,
        one.pressure ?? '',
      ]),
    );
  return table(
    ['evaluation', 'energy [eV]', `${largestOfPath.value} [eV/Å]`],
    path.value.map((one) => [one.evaluation, one.energy, one.largestForce]),
  );
}

function table(head: readonly string[], rows: readonly (readonly (number | string)[])[]): string {
  return `${[head, ...rows].map((row) => row.join(',')).join('\n')}\n`;
}

/** Gives a file to the browser to keep. */
export function save(name: string, content: string | Blob, type: string): void {
  const isAddress = typeof content === 'string' && content.startsWith('data:');
  const address = isAddress
    ? content
    : URL.createObjectURL(typeof content === 'string' ? new Blob([content], { type }) : content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  if (!isAddress) setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
