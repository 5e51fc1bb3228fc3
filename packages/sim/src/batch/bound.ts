/** The members of a batch, bound to a calculator and computed together; where that fails, each alone, so that only the one fails that does. */
import { isMaceError, type Calculator, type Cancellation, type InputOptions, type System } from '@mace/core';
import type { Computed } from '../relaxation/relaxation.js';
import type { Mover } from './mover.js';

/** A structure on its way through batches. */
export interface Member<M extends Mover> {
  readonly mover: M;
  readonly atoms: number;
  /** It has arrived, or failed with `error`. */
  isOver: boolean;
  error: Error | null;
  /** In which its atoms are computed, from the first binding on: bits depend on it. */
  order: Int32Array | null;
}

/** Whether an error is about what was given, and others can go on. */
export function isOfStructure(error: unknown): error is Error {
  return isMaceError(error) && (error.code === 'structure' || error.code === 'convergence');
}

const properties = ['forces', 'stress'] as const;

export class Bound<M extends Mover> {
  #system: System | null = null;
  #members: readonly Member<M>[] = [];
  #offsets: readonly number[] = [0];
  #into = arraysFor(0, 0);

  constructor(
    readonly calculator: Pick<Calculator, 'bind'>,
    readonly inputs: InputOptions,
  ) {}

  /** Computes members once, and moves those that are not over. @throws what is not about a structure */
  async advance(members: readonly Member<M>[], cancellation?: Cancellation): Promise<void> {
    try {
      if (members !== this.#members) await this.#bind(members);
      await this.#compute(cancellation);
    } catch (error) {
      this.#release();
      if (!isOfStructure(error)) throw error;
      await this.#eachAlone(members, cancellation);
      return;
    }
    this.#members.forEach((member, g) => {
      if (!member.isOver) move(member, this.#computedOf(g));
    });
  }

  dispose(): void {
    this.#release();
  }

  /** New members are bound by themselves first, for the order that they have in any company. */
  async #bind(members: readonly Member<M>[]): Promise<void> {
    this.#release();
    const fresh = members.filter(({ order }) => order === null);
    if (fresh.length > 0) {
      const system = await this.#systemOf(fresh);
      if (fresh.length === members.length) this.#system = system;
      else system.dispose();
    }
    this.#system ??= await this.#systemOf(members);
    this.#members = members;
    this.#offsets = offsetsOf(members);
    this.#into = arraysFor(this.#offsets.at(-1)!, members.length);
  }

  /** Bound, and orders told to members that have none. */
  async #systemOf(members: readonly Member<M>[]): Promise<System> {
    const offsets = offsetsOf(members);
    const order = members.flatMap(({ order: own }, g) => [...(own ?? [])].map((atom) => atom + offsets[g]!));
    const isKnown = members.every(({ order: own }) => own !== null);
    const system = await this.calculator.bind(
      members.map(({ mover }) => mover.structure),
      {
        ...this.inputs,
        properties,
        ...(isKnown && { order: Int32Array.from(order) }),
      },
    );
    const made = system.order;
    members.forEach((member, g) => {
      member.order ??= made.slice(offsets[g], offsets[g + 1]).map((atom) => atom - offsets[g]!);
    });
    return system;
  }

  async #compute(cancellation: Cancellation | undefined): Promise<void> {
    const system = this.#system!;
    const offsets = this.#offsets;
    const positions = new Float64Array(3 * offsets.at(-1)!);
    const cells = new Float64Array(9 * this.#members.length);
    this.#members.forEach(({ mover: { structure } }, g) => {
      positions.set(structure.positions, 3 * offsets[g]!);
      if (structure.cell) cells.set(structure.cell, 9 * g);
    });
    system.update(positions, cells);
    await system.compute({ into: this.#into, ...(cancellation && { cancellation }) });
  }

  async #eachAlone(members: readonly Member<M>[], cancellation: Cancellation | undefined): Promise<void> {
    for (const member of members) {
      if (member.isOver) continue;
      try {
        await this.#bind([member]);
        await this.#compute(cancellation);
        move(member, this.#computedOf(0));
      } catch (error) {
        if (!isOfStructure(error)) throw error;
        fail(member, error);
      } finally {
        this.#release();
      }
    }
  }

  #computedOf(g: number): Computed {
    const { energies, forces, stresses } = this.#into;
    const offsets = this.#offsets;
    const stress = stresses.slice(9 * g, 9 * g + 9);
    return {
      energy: energies[g]!,
      forces: forces.slice(3 * offsets[g]!, 3 * offsets[g + 1]!),
      ...(stress.every(Number.isFinite) && { stress }),
    };
  }

  #release(): void {
    this.#system?.dispose();
    this.#system = null;
    this.#members = [];
  }
}

function move(member: Member<Mover>, computed: Computed): void {
  try {
    member.isOver = !member.mover.step(computed);
  } catch (error) {
    fail(member, error instanceof Error ? error : new Error(String(error)));
  }
}

function fail(member: Member<Mover>, error: Error): void {
  member.isOver = true;
  member.error = error;
}

function offsetsOf(members: readonly Member<Mover>[]): number[] {
  const offsets = [0];
  for (const { atoms } of members) offsets.push(offsets.at(-1)! + atoms);
  return offsets;
}

function arraysFor(
  atoms: number,
  structures: number,
): { readonly energies: Float64Array; readonly forces: Float64Array; readonly stresses: Float64Array } {
  return {
    energies: new Float64Array(structures),
    forces: new Float64Array(3 * atoms),
    stresses: new Float64Array(9 * structures),
  };
}
