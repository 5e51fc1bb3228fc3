/** Random-weight models of mace-torch 0.3.16, one per option and some combined, against what it computes with them. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createCalculator, reference } from '@mace/core';
import { makeStructure, type InfoValue } from '@mace/core/structure';
import { readModel } from '@mace/io';

interface Expected {
  readonly options: { readonly radial_type?: string };
  readonly structures: readonly {
    readonly name: string;
    readonly numbers: number[];
    readonly positions: number[][];
    readonly cell: number[][];
    readonly pbc: [boolean, boolean, boolean];
    readonly head: string;
    readonly info: Record<string, InfoValue>;
    readonly arrays: Record<string, number[]>;
    readonly n_edges: number;
    readonly energy: number;
    readonly interaction_energy: number | null;
    readonly node_energy: number[];
    readonly forces: number[][];
    readonly stress: number[][];
    readonly virials: number[][];
    readonly atomic_virials?: number[][][];
    readonly node_feats: number[][];
    readonly hessian?: number[][][];
    readonly finite_difference_forces?: number[][];
  }[];
}

const folder = new URL('oracle/', import.meta.url);
const names = readdirSync(new URL('models/', folder)).map((file) => file.replace('.model.gz', ''));

function largest(found: ArrayLike<number>, expected: readonly number[]): number {
  expect(found.length).toBeGreaterThanOrEqual(expected.length);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(found[i]! - value)), 0);
}

describe('mace-torch 0.3.16, random weights', () => {
  for (const name of names) {
    test(name, async () => {
      const expected = JSON.parse(readFileSync(new URL(`expected/${name}.json`, folder), 'utf8')) as Expected;
      const model = await readModel(gunzipSync(readFileSync(new URL(`models/${name}.model.gz`, folder))), { name });
      const calculator = await createCalculator({ model, backend: reference() });
      for (const frame of expected.structures) {
        const structure = makeStructure({
          numbers: frame.numbers,
          positions: frame.positions.flat(),
          ...(frame.pbc.some(Boolean) && { cell: frame.cell.flat() }),
          pbc: frame.pbc,
          info: { ...frame.info, head: frame.head },
          arrays: Object.fromEntries(
            Object.entries(frame.arrays).map(([key, values]) => [
              key,
              {
                values: Float64Array.from(values.flat()),
                columns: values.flat().length / frame.numbers.length,
                kind: 'real' as const,
              },
            ]),
          ),
        });
        if (!model.config.heads.includes(frame.head)) {
          // Upstream silently takes the last head; we refuse and list them.
          await expect(calculator.evaluate(structure)).rejects.toThrow(model.config.heads.join(', '));
          continue;
        }
        const result = await calculator.evaluate(structure, {
          properties: ['forces', 'stress', 'atomStresses', 'descriptors'],
        });
        const atoms = frame.numbers.length;
        expect(result.edges, frame.name).toBe(frame.n_edges);
        expect(Math.abs(result.energy - frame.energy) / atoms, `${frame.name}: energy`).toBeLessThan(1e-9);
        if (frame.interaction_energy !== null && frame.interaction_energy !== undefined) {
          expect(
            Math.abs(result.interactionEnergy - frame.interaction_energy) / atoms,
            `${frame.name}: interaction energy`,
          ).toBeLessThan(1e-9);
        }
        expect(largest(result.energies, frame.node_energy), `${frame.name}: energies`).toBeLessThan(1e-9);
        expect(largest(result.descriptors!, frame.node_feats[0]!), `${frame.name}: descriptors`).toBeLessThan(1e-9);
        const chebyshev = frame.finite_difference_forces;
        // mace-torch has no derivative of the Chebyshev basis; its own energies, displaced, give the forces.
        if (chebyshev) expect(largest(result.forces!, chebyshev.flat()), `${frame.name}: forces`).toBeLessThan(1e-6);
        else if (!expected.options.radial_type?.startsWith('cheb')) {
          expect(largest(result.forces!, frame.forces.flat()), `${frame.name}: forces`).toBeLessThan(1e-8);
          expect(largest(result.virial!, frame.virials.flat()), `${frame.name}: virial`).toBeLessThan(1e-8);
          if (result.stress)
            expect(largest(result.stress, frame.stress.flat()), `${frame.name}: stress`).toBeLessThan(1e-10);
          if (frame.atomic_virials)
            expect(
              largest(result.atomVirials!, frame.atomic_virials.flat(2)),
              `${frame.name}: atomic virials`,
            ).toBeLessThan(1e-8);
        }
        if (frame.hessian) {
          expect(
            largest(await calculator.hessian(structure), frame.hessian.flat(2)),
            `${frame.name}: hessian`,
          ).toBeLessThan(1e-7);
        }
      }
      await calculator.dispose();
    });
  }

  for (const file of readdirSync(new URL('refused/', folder))) {
    const className = file.replace('.model.gz', '');
    test(`${className} is refused by name`, async () => {
      const bytes = gunzipSync(readFileSync(new URL(`refused/${file}`, folder)));
      await expect(readModel(bytes)).rejects.toThrow(new RegExp(className));
    });
  }
});
