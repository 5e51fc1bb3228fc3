/** A result as a table for people, with units. */
import { gigapascal } from '@mace/sim';
import type { Result } from '@mace/core';
import { chemicalFormula, chemicalSymbol, type Structure } from '@mace/core/structure';
import { bold, dim, yellow } from './console.js';
import { largestForce } from './frame-json.js';

const voigt = [
  ['xx', 0],
  ['yy', 4],
  ['zz', 8],
  ['yz', 5],
  ['xz', 2],
  ['xy', 1],
] as const;

/** One line per structure. */
export function summaryLine(index: number, structure: Structure, result: Result): string {
  const name = `${String(index).padStart(5)}  ${chemicalFormula(structure).padEnd(14)} ${String(result.atoms).padStart(6)}`;
  return `${name}  ${result.energy.toFixed(6).padStart(18)}  ${(result.energy / Math.max(1, result.atoms)).toFixed(6).padStart(13)}  ${largestForce(result).toFixed(6).padStart(12)}`;
}

export const summaryHeader = dim(`index  formula         atoms         energy (eV)  energy/atom   max |F| (eV/Å)`);

/** Everything about one structure: energies, forces of each atom, stress. */
export function frameReport(structure: Structure, result: Result): string {
  const lines = [
    `${bold(chemicalFormula(structure))}  ${result.atoms} atoms, ${result.edges} edges, ${result.backend} ${result.precision}, ${result.tables ? 'tables' : 'exact'}`,
    `  energy               ${result.energy.toFixed(8).padStart(18)} eV`,
    `  interaction energy   ${result.interactionEnergy.toFixed(8).padStart(18)} eV`,
  ];
  if (result.forces) {
    lines.push(
      `  largest force        ${largestForce(result).toFixed(8).padStart(18)} eV/Å`,
      dim('  atom          Fx            Fy            Fz   eV/Å'),
    );
    for (let i = 0; i < result.atoms; i++) {
      const force = [0, 1, 2].map((axis) => result.forces![3 * i + axis]!.toFixed(6).padStart(13)).join(' ');
      lines.push(`  ${chemicalSymbol(structure.numbers[i]!).padEnd(2)}${String(i).padStart(5)} ${force}`);
    }
  }
  if (result.stress) {
    const values = voigt.map(([name, at]) => `${name} ${result.stress![at]!.toFixed(6)}`).join('  ');
    lines.push(`  stress (eV/Å³)   ${values}`);
    const pressure = -((result.stress[0]! + result.stress[4]! + result.stress[8]!) / 3) / gigapascal;
    lines.push(`  pressure             ${pressure.toFixed(4).padStart(18)} GPa`);
  }
  lines.push(...usedInputs(result).map((text) => `  ${text}`), ...noteLines(result));
  return lines.join('\n');
}

/** What a person should know about a result, a line each. */
export function noteLines(result: Result): string[] {
  return result.warnings.map((text) => yellow(`  note: ${text}`));
}

/** Which head and extra inputs were used, and where they came from. */
export function usedInputs(result: Result): string[] {
  const origin = (used: { from: string; key?: string }): string =>
    used.key ? `key ${used.key} of the structure` : used.from;
  return [
    `head ${result.head.value} (${origin(result.head)})`,
    ...Object.entries(result.inputs).map(([name, used]) => `${name} ${String(used.value)} (${origin(used)})`),
  ];
}

/** How functions of distance were computed, for `withTables` of `structures` from tables. */
export function distanceFunctionsText(withTables: number, structures: number): string {
  if (withTables === 0) return 'exact';
  return withTables === structures ? 'tables' : `tables for ${withTables}, exact for the others`;
}
