/** A template bound to a calculator, as often as a server wants structures at once. */
import { StructureError, type BindOptions, type Calculator, type System } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import type { Forces } from './protocol.js';
import type { ForceSource } from './connection.js';

export interface ExtrasOptions {
  /** Energies of atoms with every answer. */
  readonly atomEnergies: boolean;
}

/** Of structures that were computed, and the time it took. */
export interface Counted {
  structures: number;
  seconds: number;
  /** Told of every answer. */
  listener?: (structures: number) => void;
}

export class SystemForces implements ForceSource {
  readonly counted: Counted = { structures: 0, seconds: 0 };
  #system: System | undefined;
  #batch = 0;
  #hasSaidCell = false;

  /** @param note - told once what a person should know of the cell that the server has */
  constructor(
    readonly calculator: Calculator,
    readonly template: Structure,
    readonly options: Pick<BindOptions, 'head' | 'inputs'>,
    readonly extras: ExtrasOptions,
    readonly note: (text: string) => void,
  ) {}

  get atoms(): number {
    return this.template.numbers.length;
  }

  async prepare(batch: number): Promise<void> {
    if (batch === this.#batch) return;
    this.#system?.dispose();
    this.#batch = batch;
    this.#system = await this.calculator.bind(new Array<Structure>(batch).fill(this.template), {
      ...this.options,
      properties: ['forces', 'stress', ...(this.extras.atomEnergies ? (['atomEnergies'] as const) : [])],
    });
  }

  async compute({ cells, positions }: { readonly cells: Float64Array; readonly positions: Float64Array }): Promise<{
    forces: Forces;
    extras: readonly string[];
  }> {
    // A server need not introduce itself.
    if (!this.#system) await this.prepare(1);
    const system = this.#system!;
    this.#sayCell(cells);
    const began = performance.now();
    if (this.#isPeriodic) system.update(positions, cells);
    else system.update(positions);
    const { energies, forces, virials, atomEnergies } = await system.compute();
    this.counted.structures += energies.length;
    this.counted.seconds += (performance.now() - began) / 1000;
    this.counted.listener?.(this.counted.structures);
    return {
      forces: { energies, forces: forces!, virials: virials! },
      extras: Array.from(energies, (_, g) => this.#extrasOf(g, atomEnergies)),
    };
  }

  dispose(): void {
    this.#system?.dispose();
  }

  get #isPeriodic(): boolean {
    return this.template.pbc.some(Boolean);
  }

  /** JSON, in eV: never empty, as some servers take no bytes for a connection that is closed. */
  #extrasOf(g: number, atomEnergies: Float64Array | undefined): string {
    const own = atomEnergies?.subarray(g * this.atoms, (g + 1) * this.atoms);
    return JSON.stringify(own ? { atom_energies: [...own] } : {});
  }

  /** @throws StructureError for a periodic template and a server without a cell */
  #sayCell(cells: Float64Array): void {
    const lengths = [0, 3, 6].map((at) => Math.hypot(cells[at]!, cells[at + 1]!, cells[at + 2]!));
    const hasCell = lengths.some((length) => length > 0);
    if (this.#isPeriodic && !hasCell)
      throw new StructureError(
        'the template is periodic, and the server sends no cell. Give it one, or take a template without pbc.',
      );
    if (!this.#isPeriodic && hasCell && !this.#hasSaidCell)
      this.note(
        `the template is not periodic, so that atoms see no images, and the server's cell of ${lengths.map((length) => length.toFixed(2)).join(' × ')} Å is not read. If it is meant, take a template with a cell.`,
      );
    this.#hasSaidCell = true;
  }
}
