/** The points of relaxations, held until the structure leaves and written one path after the other. */
import type { Structure } from '@mace/core/structure';
import type { Relaxation } from '@mace/sim';
import { withoutResults } from './relaxed-structure.js';
import { ownPrefix } from './results/origin.js';

export class RelaxationPaths {
  readonly #points = new Map<number, Structure[]>();
  readonly #steps = new Map<number, number>();

  constructor(readonly prefix: string) {}

  /** After each computation; trials of a line search are no points of the path. */
  add({ last, steps, end, largestForce }: Relaxation, number: number): void {
    const before = this.#steps.get(number) ?? 0;
    this.#steps.set(number, steps);
    if (!last || (steps === before && !end)) return;
    const points = this.#points.get(number) ?? [];
    this.#points.set(number, points);
    const { info, arrays } = withoutResults(last.structure, this.prefix);
    info[`${ownPrefix(this.prefix)}step`] = points.length;
    info[`${this.prefix}energy`] = last.energy;
    info[`${ownPrefix(this.prefix)}fmax`] = largestForce;
    arrays[`${this.prefix}forces`] = { values: last.forces, columns: 3, kind: 'real' };
    points.push({ ...last.structure, info, arrays });
  }

  /** The path of a structure, which leaves. */
  take(number: number): readonly Structure[] {
    const points = this.#points.get(number) ?? [];
    this.#points.delete(number);
    this.#steps.delete(number);
    return points;
  }
}
