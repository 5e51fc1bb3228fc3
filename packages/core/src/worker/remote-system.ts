/** A `System` in a worker. Where its atoms are is known outside; the worker is told with each question. */
import { Turns } from '../backend/index.js';
import { MovingAtoms } from '../calculator/moving-atoms.js';
import { replacementsOf } from '../calculator/replacements.js';
import type { ComputeOptions, System, SystemArrays } from '../calculator/index.js';
import { DisposedError } from '../errors.js';
import type { Structure } from '../structure/index.js';
import type { Connection, AskOptions } from './connection.js';
import type { Ask, Places, SystemState } from './messages.js';

/** The calculator of a system. */
interface Owner {
  readonly connection: Connection;
  ask<T>(of: number, ask: Ask, options?: AskOptions): Promise<{ readonly value: T }>;
}

export class RemoteSystem implements System {
  #state: SystemState;
  #atoms: MovingAtoms;
  #isDisposed = false;
  readonly #replacements = new Turns();

  constructor(
    readonly owner: Owner,
    readonly number: number,
    structures: readonly Structure[],
    state: SystemState,
  ) {
    this.#state = state;
    this.#atoms = new MovingAtoms(structures);
  }

  get offsets(): Int32Array {
    return this.#state.offsets.slice();
  }

  get order(): Int32Array {
    return this.#state.order.slice();
  }

  get skin(): number {
    return this.#state.skin;
  }

  get lists(): number {
    return this.#state.lists;
  }

  update(positions: ArrayLike<number>, cells?: ArrayLike<number>): void {
    this.#alive();
    this.#atoms.move(positions, cells);
  }

  structures(): Structure[] {
    return this.#atoms.structures();
  }

  async replace(structures: ReadonlyMap<number, Structure>): Promise<void> {
    this.#alive();
    const taken = replacementsOf(structures, this.#atoms.of.length);
    await this.#replacements.take(async () => {
      const ask: Ask = { method: 'replace', places: this.#places(), structures: taken };
      this.#state = (await this.owner.ask<SystemState>(this.number, ask)).value;
      // Others may have moved meanwhile.
      this.#atoms = new MovingAtoms(this.structures().map((structure, g) => taken.get(g) ?? structure));
    });
  }

  async reorder(): Promise<void> {
    this.#alive();
    if (this.#replacements.isBusy) await this.#replacements.end;
    const ask: Ask = { method: 'reorder', places: this.#places() };
    this.#state = (await this.owner.ask<SystemState>(this.number, ask)).value;
  }

  async compute(options?: ComputeOptions): Promise<SystemArrays> {
    this.#alive();
    const { into, cancellation } = { ...options, into: options?.into ?? {} };
    if (this.#replacements.isBusy) await this.#replacements.end;
    const lengths = Object.entries(into).map(([name, array]) => [
      name,
      (array as unknown) instanceof Float64Array ? array.length : [array],
    ]);
    const ask: Ask = { method: 'compute', places: this.#places(), into: Object.fromEntries(lengths) };
    const { value } = await this.owner.ask<{ arrays: SystemArrays; lists: number }>(this.number, ask, {
      watch: { cancellation },
    });
    this.#state = { ...this.#state, lists: value.lists };
    const arrays = Object.entries(value.arrays as unknown as Record<string, Float64Array>).map(([name, array]) => {
      const given = into[name as keyof SystemArrays];
      given?.set(array);
      return [name, given ?? array];
    });
    return Object.fromEntries(arrays) as SystemArrays;
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.owner.connection.release(this.number);
  }

  #places(): Places {
    return { positions: this.#atoms.positions, cells: this.#atoms.cells };
  }

  #alive(): void {
    if (this.#isDisposed) throw new DisposedError('use after dispose: system. Bind the structures again.');
  }
}
