/** What all structures of a run have in common, for people: how many, how low and high, what they should know. */
import type { EvalOptions } from './commands/eval-options.js';
import { dim, yellow } from './console.js';
import type { Evaluated } from './evaluated.js';
import type { Place } from './structure-stream.js';
import { largestForce } from './frame-json.js';
import { distanceFunctionsText } from './frame-text.js';
import { bundledModel } from './inputs.js';

export class Summary {
  #structures = 0;
  #withTables = 0;
  #withWarnings = 0;
  #withoutStress = 0;
  readonly #energy = new Range();
  readonly #energyPerAtom = new Range();
  #largestForce = -1;
  #at: Place | null = null;

  add({ structure, result, ...place }: Evaluated): void {
    this.#structures++;
    if (result.tables) this.#withTables++;
    if (result.warnings.length > 0) this.#withWarnings++;
    if (structure.cell && !result.stress) this.#withoutStress++;
    this.#energy.add(result.energy);
    this.#energyPerAtom.add(result.energy / Math.max(1, result.atoms));
    const force = largestForce(result);
    if (!(force > this.#largestForce)) return;
    this.#largestForce = force;
    this.#at = place;
  }

  /** Of several: energies and the largest force. */
  rangeText(place: (of: Place) => string): string {
    if (this.#structures < 2 || !this.#at) return '';
    return `${this.#structures} structures: energy ${this.#energy.text()} eV, ${this.#energyPerAtom.text()} eV/atom; largest force ${this.#largestForce.toFixed(6)} eV/Å in ${place(this.#at)}\n`;
  }

  /** Why structures with a cell have no stress. */
  stressNote(): string {
    const count = this.#withoutStress;
    if (count === 0) return '';
    const which = this.#structures === 1 ? '' : ` for ${count} of ${this.#structures} structures`;
    return yellow(
      `no stress is given${which}: the cell is not periodic in all three directions, and only then it has a volume. For a crystal write pbc="T T T" into the file.\n`,
    );
  }

  /** The last lines: how long with what, and how many have notes or are missing. */
  endText(options: EvalOptions, skipped: number, milliseconds: number): string {
    const count = this.#structures;
    const { model = bundledModel, backend, precision, output, infoPrefix } = options;
    const means = distanceFunctionsText(this.#withTables, count);
    const end = dim(
      `${count} structure${count === 1 ? '' : 's'} in ${(milliseconds / 1000).toFixed(2)} s; model ${model}; backend ${backend}, ${precision}, ${means}\n`,
    );
    const where = output === undefined ? '--json has them all' : `the key ${infoPrefix}warnings of ${output} has them`;
    const notes =
      count > 1 && this.#withWarnings > 0 ? `${this.#withWarnings} of ${count} structures have notes; ${where}\n` : '';
    const left = skipped > 0 ? `${skipped} refused and skipped; they are in no output\n` : '';
    return end + (notes + left === '' ? '' : yellow(notes + left));
  }
}

class Range {
  #least = Infinity;
  #most = -Infinity;

  add(value: number): void {
    this.#least = Math.min(this.#least, value);
    this.#most = Math.max(this.#most, value);
  }

  text(): string {
    return `${this.#least.toFixed(6)} to ${this.#most.toFixed(6)}`;
  }
}
