/** A calculator on a potential of which everything is known, as far as runs need one. */
import { StructureError, type Calculator, type Result } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { systemOf, type Potential } from './potentials.js';

/** @param refuses - says what is wrong with a structure, or null */
export function calculatorOf(
  potential: Potential,
  refuses: (structure: Structure) => string | null = () => null,
): Calculator {
  const bind = (structures: readonly Structure[]): ReturnType<typeof systemOf> => {
    for (const structure of structures) {
      const problem = refuses(structure);
      if (problem !== null) throw new StructureError(problem);
    }
    const system = systemOf(structures, potential);
    const { compute } = system;
    return Object.assign(system, {
      dispose: () => undefined,
      compute: async (options: Parameters<typeof compute>[0]) => {
        for (const structure of system.structures()) {
          const problem = refuses(structure);
          if (problem !== null) throw new StructureError(problem);
        }
        return compute(options);
      },
    });
  };
  const calculator: Partial<Calculator> = {
    model: { config: { embeddings: [] } as never, weights: {} },
    backend: 'test',
    precision: 'f64',
    tables: false,
    bind: async (structures) => bind(structures),
    evaluate: async (structure) => {
      const forces = new Float64Array(structure.positions.length);
      const energies = new Float64Array(1);
      await bind([structure]).compute({ into: { energies, forces } });
      return { energy: energies[0]!, forces, stress: null, atoms: structure.numbers.length } as Result;
    },
  };
  return calculator as Calculator;
}
