/** What `mace relax` prints: everything about the only structure, a row for each of several, or an object for each. */
import type { Structure } from '@mace/core/structure';
import { gigapascal } from '@mace/sim';
import { bold, complain, dim, printJson, yellow } from '../console.js';
import { bundledModel } from '../inputs.js';
import { progressBar, type Progress } from '../progress.js';
import { relaxedJson, summaryOf, type RelaxedSummary } from '../relaxed-structure.js';
import type { Place } from '../structure-stream.js';
import type { RelaxOptions } from './relax-options.js';

const header = dim('index  formula         atoms  steps         energy (eV)   change (eV)  max |F| (eV/Å)');

export class RelaxReport {
  structures = 0;
  converged = 0;
  #steps = 0;
  #first: { readonly place: Place; readonly found: RelaxedSummary } | null = null;
  readonly #bar: Progress;

  constructor(
    readonly options: RelaxOptions,
    readonly tell: (text: string) => void,
  ) {
    this.#bar = progressBar('relaxing', options.json === true, tell, ['structure', 'structures']);
  }

  /** @param structure - as the output has it */
  add(place: Place, structure: Structure): void {
    const { json, infoPrefix } = this.options;
    const found = summaryOf(structure, infoPrefix);
    if (found.warning !== null) complain(`${yellow('note')}: structure ${place.index}: ${found.warning}.\n`);
    if (json) printJson(relaxedJson(place, structure, infoPrefix));
    else if (this.structures === 0) this.#first = { place, found };
    else this.#addRow(place, found);
    this.structures++;
    this.#steps += found.steps;
    if (found.isConverged) this.converged++;
    this.#bar.update(this.structures);
  }

  /** No more will be added. */
  stop(): void {
    this.#bar.stop();
    if (this.structures === 1 && this.#first) this.tell(onlyOne(this.#first.found, this.options.fmax));
  }

  end(skipped: number, taken: number, milliseconds: number): void {
    const { json, model = bundledModel, backend, precision, tables, fmax } = this.options;
    const notes = [
      taken > 0 ? `${taken} of them are of the run before` : '',
      this.converged < this.structures && this.structures > 1
        ? `${this.structures - this.converged} of ${this.structures} did not reach ${fmax} eV/Å; the key converged says which`
        : '',
      skipped > 0 ? `${skipped} refused and skipped; they are in no output` : '',
    ].filter((note) => note !== '');
    if (json) return;
    const count = `${this.structures} structure${this.structures === 1 ? '' : 's'}`;
    this.tell(
      dim(
        `${count}, ${this.#steps} steps in ${(milliseconds / 1000).toFixed(2)} s; model ${model}; backend ${backend}, ${precision}, ${tables ? 'tables' : 'exact'}\n`,
      ),
    );
    for (const note of notes) this.tell(yellow(`${note}\n`));
  }

  #addRow(place: Place, found: RelaxedSummary): void {
    if (this.#first) {
      this.#bar.print(header);
      this.#bar.print(row(this.#first.place, this.#first.found));
      this.#first = null;
    }
    this.#bar.print(row(place, found));
  }
}

function row({ index }: Place, found: RelaxedSummary): string {
  const name = `${String(index).padStart(5)}  ${found.formula.padEnd(14)} ${String(found.atoms).padStart(6)} ${String(found.steps).padStart(6)}`;
  const change = found.energy - found.initialEnergy;
  const end = found.isConverged ? '' : yellow(`  ${endText[found.end] ?? found.end}`);
  return `${name}  ${found.energy.toFixed(6).padStart(18)}  ${change.toFixed(6).padStart(12)}  ${found.fmax.toFixed(6).padStart(14)}${end}`;
}

const endText: Readonly<Record<string, string>> = { 'out-of-steps': 'out of steps', stuck: 'stuck' };

/** xx yy zz yz xz xy */
const voigt = [
  [0, 0],
  [1, 1],
  [2, 2],
  [1, 2],
  [0, 2],
  [0, 1],
] as const;

function onlyOne(found: RelaxedSummary, fmax: number): string {
  const { energy, initialEnergy, enthalpy, steps, isConverged, end, stress, volume, spaceGroup } = found;
  const value = (number: number, digits: number): string => number.toFixed(digits).padStart(18);
  const lines = [
    `${bold(found.formula)}  ${found.atoms} atoms, ${isConverged ? `relaxed in ${steps} steps` : yellow(`not relaxed: ${endText[end] ?? end} after ${steps}`)}`,
    `  energy before        ${value(initialEnergy, 8)} eV`,
    `  energy after         ${value(energy, 8)} eV`,
    `  change               ${value(energy - initialEnergy, 8)} eV`,
    `  largest force        ${value(found.fmax, 8)} eV/Å (of ${fmax})`,
  ];
  if (enthalpy !== null) lines.push(`  enthalpy, E + pV     ${value(enthalpy, 8)} eV`);
  if (volume !== null) lines.push(`  volume               ${value(volume, 4)} Å³`);
  if (stress) {
    const [xx, yy, zz, yz, xz, xy] = voigt.map(([row, column]) => stress[row]![column]! / gigapascal) as number[];
    const six = [xx, yy, zz, yz, xz, xy].map((number) => number!.toFixed(4));
    lines.push(`  pressure             ${value(-(xx! + yy! + zz!) / 3, 4)} GPa`);
    lines.push(`  stress               ${six.join(' ')} GPa (xx yy zz yz xz xy)`);
  }
  if (spaceGroup !== null) lines.push(`  space group, kept    ${spaceGroup.padStart(18)}`);
  return `${lines.join('\n')}\n`;
}
