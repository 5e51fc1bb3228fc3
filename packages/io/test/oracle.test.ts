/** Random-weight models of mace-torch 0.3.16, one per option and some combined, against what it computes with them. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createCalculator, reference, type MaceModel } from '@mace/core';
import { indexMapValues } from '@mace/core/backend';
import { maceGraph, observablesGraph } from '@mace/core/model';
import { buildEdges, makeStructure, type InfoValue, type Structure } from '@mace/core/structure';
import { readModel } from '@mace/io';

/** ∂E/∂(edge vector), in upstream's order of edges. */
interface EdgeForces {
  readonly sender: number[];
  readonly receiver: number[];
  readonly unit_shifts: number[][];
  readonly edge_forces: number[][];
}

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
    readonly finite_difference_stress?: number[][];
    readonly edges?: EdgeForces;
  }[];
}

const folder = new URL('oracle/', import.meta.url);
const names = readdirSync(new URL('models/', folder)).map((file) => file.replace('.model.gz', ''));

function largest(found: ArrayLike<number>, expected: readonly number[]): number {
  expect(found.length).toBeGreaterThanOrEqual(expected.length);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(found[i]! - value)), 0);
}

/** The observable that no calculator returns by itself; edges are matched by sender, receiver and shift. */
async function checkEdgeGradient(model: MaceModel, structure: Structure, expected: EdgeForces): Promise<void> {
  const { atomicNumbers, cutoff, heads } = model.config;
  const edges = buildEdges([structure], cutoff);
  const parameters = Object.fromEntries(Object.entries(model.weights).map(([name, { data }]) => [name, data]));
  const backend = await reference().create();
  const graph = observablesGraph(maceGraph(model), ['edgeGradient']);
  const executable = await backend.compile(graph, { precision: 'f64', parameters });
  const species = structure.numbers.map((z) => atomicNumbers.indexOf(z));
  const { edgeGradient } = await executable.run({
    dims: { atoms: edges.atoms, edges: edges.edges, graphs: 1 },
    maps: {
      sender: edges.sender,
      receiver: edges.receiver,
      graph: edges.graph,
      species: indexMapValues(species, atomicNumbers.length),
      head: indexMapValues(Int32Array.of(0), heads.length),
    },
    values: { edgeVectors: edges.vectors },
  });
  const key = (sender: number, receiver: number, shift: ArrayLike<number>): string =>
    `${sender} ${receiver} ${Array.from(shift, (n) => Math.round(n) + 0).join(' ')}`;
  const found = new Map(
    Array.from({ length: edges.edges }, (_, e) => [
      key(edges.sender.values[e]!, edges.receiver.values[e]!, edges.shifts.subarray(3 * e, 3 * e + 3)),
      edgeGradient!.subarray(3 * e, 3 * e + 3),
    ]),
  );
  expect(found.size).toBe(expected.sender.length);
  expected.edge_forces.forEach((force, e) => {
    const own = found.get(key(expected.sender[e]!, expected.receiver[e]!, expected.unit_shifts[e]!));
    expect(largest(own!, force)).toBeLessThan(1e-8);
  });
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
        expect(largest(result.descriptors!, frame.node_feats.flat()), `${frame.name}: descriptors`).toBeLessThan(1e-9);
        // mace-torch has no derivative of the Chebyshev basis; its own energies, displaced, give forces and stress.
        const isChebyshev = expected.options.radial_type?.startsWith('cheb') === true;
        if (isChebyshev && atoms > 1) expect(frame.finite_difference_forces, frame.name).toBeDefined();
        const forces = isChebyshev ? (frame.finite_difference_forces ?? frame.forces) : frame.forces;
        const tolerance = isChebyshev ? 1e-7 : 1e-8;
        expect(largest(result.forces!, forces.flat()), `${frame.name}: forces`).toBeLessThan(tolerance);
        const stress = isChebyshev ? frame.finite_difference_stress : frame.stress;
        if (result.stress && stress) {
          expect(largest(result.stress, stress.flat()), `${frame.name}: stress`).toBeLessThan(tolerance / 100);
        }
        if (!isChebyshev) {
          expect(largest(result.virial!, frame.virials.flat()), `${frame.name}: virial`).toBeLessThan(1e-8);
          const virials = frame.atomic_virials!.flat(2);
          expect(largest(result.atomVirials!, virials), `${frame.name}: atomic virials`).toBeLessThan(1e-8);
        }
        if (frame.edges) await checkEdgeGradient(model, structure, frame.edges);
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
