/** A calculator of a test potential, as far as a batch needs one: it refuses what real ones refuse, and counts what it holds. */
import { StructureError, type Calculator } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { systemOf } from './potentials.js';

export interface TestBinding extends Pick<Calculator, 'bind'> {
  /** Systems that were not disposed of. */
  open: number;
  /** Structures of each system that was bound. */
  readonly sizes: number[];
}

/** Hydrogen to oxygen; where the energy is not finite, the structure is refused when it is computed. */
export function bindingOf(potential: Parameters<typeof systemOf>[1]): TestBinding {
  const binding: TestBinding = {
    open: 0,
    sizes: [],
    bind: async (structures: readonly Structure[], { order } = {}) => {
      if (structures.some(({ numbers }) => numbers.some((z) => z > 8)))
        throw new StructureError('Element that the model does not cover.');
      binding.open++;
      binding.sizes.push(structures.length);
      const system = systemOf(structures, potential);
      return {
        ...system,
        order: order ?? system.order,
        compute: async (options) => {
          const found = await system.compute(options);
          if (!found.energies.every(Number.isFinite)) throw new StructureError('energy = NaN is not a finite number.');
          return found;
        },
        dispose: () => void binding.open--,
      };
    },
  };
  return binding;
}
