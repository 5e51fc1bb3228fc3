/** The tiny models against mace-torch stage by stage, in float64 and on upstream's own edges. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { reference, type MaceModel } from '@mace/core';
import { indexMapValues, type RunInputs } from '@mace/core/backend';
import { deterministicModel, tinyModels, tinyStructure, type TinyModelName } from '@mace/core/generators';
import { parseIrreps } from '@mace/core/equivariant';
import type { Graph } from '@mace/core/ir';
import { maceGraph, observablesGraph } from '@mace/core/model';
import { buildEdges, volumeOf } from '@mace/core/structure';

interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface GoldenStructure {
  readonly numbers: readonly number[];
  readonly positions: GoldenTensor;
  readonly cell: GoldenTensor | null;
  readonly species: readonly number[];
  readonly sender: readonly number[];
  readonly receiver: readonly number[];
  readonly shifts: GoldenTensor;
  readonly vectors: GoldenTensor;
}
interface GoldenStages {
  readonly structure: string;
  readonly harmonics: GoldenTensor;
  readonly radial: GoldenTensor;
  readonly messages: readonly GoldenTensor[];
  readonly product: readonly (GoldenTensor & { readonly irreps: string })[];
}
interface GoldenResult {
  readonly structure: string;
  readonly head: string;
  readonly headIndex: number;
  readonly energy: number;
  readonly atomEnergy: readonly number[];
  readonly readout: readonly (readonly number[])[];
  readonly forces: GoldenTensor;
  readonly virial: GoldenTensor;
  readonly stress: GoldenTensor | null;
}
interface Golden {
  readonly structures: Readonly<Record<'molecule' | 'crystal' | 'slab', GoldenStructure>>;
  readonly models: Readonly<
    Record<
      TinyModelName,
      { readonly heads: readonly string[]; readonly stages: GoldenStages; readonly results: readonly GoldenResult[] }
    >
  >;
}

const file = new URL('../../conformance/src/golden/golden.json', import.meta.url);
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden;

function inputsOf(structure: GoldenStructure, model: MaceModel, head: number): RunInputs {
  const { atomicNumbers, heads } = model.config;
  const atoms = structure.numbers.length;
  const map = (values: readonly number[], size: number): RunInputs['maps'][string] =>
    indexMapValues(Int32Array.from(values), size);
  return {
    dims: { atoms, edges: structure.sender.length, graphs: 1 },
    maps: {
      sender: map(structure.sender, atoms),
      receiver: map(structure.receiver, atoms),
      species: map(structure.species, atomicNumbers.length),
      graph: map(new Array<number>(atoms).fill(0), 1),
      head: map([head], heads.length),
    },
    values: { edgeVectors: Float64Array.from(structure.vectors.data) },
  };
}

async function run(graph: Graph, model: MaceModel, inputs: RunInputs): Promise<Record<string, ArrayLike<number>>> {
  const parameters = Object.fromEntries(Object.entries(model.weights).map(([name, { data }]) => [name, data]));
  const backend = await reference().create();
  const executable = await backend.compile(graph, { precision: 'f64', parameters });
  const outputs = await executable.run(inputs);
  await backend.dispose();
  return outputs;
}

/** [rows channels components] from [rows components channels]. */
function channelsFirst(found: ArrayLike<number>, components: number, channels: number): Float64Array {
  return Float64Array.from(found, (_, i) => {
    const row = Math.floor(i / (components * channels));
    const channel = Math.floor(i / components) % channels;
    return found[(row * components + (i % components)) * channels + channel]!;
  });
}

/** Upstream's flat `mul_ir` from [rows components channels]. */
function flat(found: ArrayLike<number>, irreps: string): number[] {
  const blocks = parseIrreps(irreps);
  const channels = blocks[0]!.multiplicity;
  const components = blocks.reduce((n, { irrep }) => n + 2 * irrep.l + 1, 0);
  return Array.from({ length: found.length / (channels * components) }, (_, row) => {
    let first = row * components;
    return blocks.flatMap(({ irrep }) => {
      const width = 2 * irrep.l + 1;
      const block = Array.from({ length: channels * width }, (_, k) => {
        const component = first + (k % width);
        return found[component * channels + Math.floor(k / width)]!;
      });
      first += width;
      return block;
    });
  }).flat();
}

/** Largest difference as a fraction of the largest expected value. */
function relative(found: ArrayLike<number>, expected: readonly number[]): number {
  expect(found.length).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  expect(largest).toBeGreaterThan(0);
  return absolute(found, expected) / largest;
}

function absolute(found: ArrayLike<number>, expected: readonly number[]): number {
  expect(found.length).toBe(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(found[i]! - value)));
}

describe('stages of mace-torch 0.3.16', () => {
  for (const [shape, structure] of Object.entries(golden.structures)) {
    test(`${shape}: the same edges`, () => {
      const own = buildEdges([tinyStructure(shape as 'molecule')], 4);
      const named = (sender: ArrayLike<number>, receiver: ArrayLike<number>, shifts: ArrayLike<number>): string[] =>
        Array.from(sender, (from, e) => [from, receiver[e], ...[0, 1, 2].map((k) => shifts[3 * e + k])].join(' '));
      const expected = named(structure.sender, structure.receiver, structure.shifts.data);
      const found = named(own.sender.values, own.receiver.values, own.shifts.subarray(0, 3 * own.edges));
      expect([...found].sort()).toEqual([...expected].sort());
      const inUpstreamsOrder = expected.flatMap((name) => {
        const e = found.indexOf(name);
        return [...own.vectors.subarray(3 * e, 3 * e + 3)];
      });
      expect(absolute(inUpstreamsOrder, structure.vectors.data)).toBeLessThan(2e-15);
    });
  }

  for (const [name, { stages, results }] of Object.entries(golden.models)) {
    const { config } = tinyModels[name as TinyModelName];
    const model = deterministicModel(config);

    test(`${name}: harmonics, radial functions, messages, products`, async () => {
      const structure = golden.structures[stages.structure as 'molecule'];
      const found = await run(maceGraph(model, { stages: true }), model, inputsOf(structure, model, 0));
      expect(relative(found.harmonics!, stages.harmonics.data)).toBeLessThan(1e-12);
      expect(relative(found.radial!, stages.radial.data)).toBeLessThan(1e-12);
      expect(stages.messages.length).toBe(config.numInteractions);
      stages.messages.forEach(({ shape, data }, i) => {
        const [, channels, components] = shape as [number, number, number];
        const messages = channelsFirst(found[`messages[${i}]`]!, components, channels);
        expect(relative(messages, data)).toBeLessThan(1e-12);
      });
      expect(stages.product.length).toBe(config.numInteractions);
      stages.product.forEach(({ irreps, data }, i) => {
        expect(relative(flat(found[`product[${i}]`]!, irreps), data)).toBeLessThan(1e-12);
      });
    });

    test(`${name}: readouts, energies, forces, virials`, async () => {
      expect(results.length).toBe(3 * config.heads.length);
      const observables = observablesGraph(maceGraph(model), ['forces', 'atomVirial']);
      for (const expected of results) {
        const structure = golden.structures[expected.structure as 'molecule'];
        expect(config.heads[expected.headIndex]).toBe(expected.head);
        const inputs = inputsOf(structure, model, expected.headIndex);
        const found = await run(maceGraph(model, { stages: true }), model, inputs);
        expected.readout.forEach((data, i) => {
          expect(relative(found[`readout[${i}]`]!, data)).toBeLessThan(1e-12);
        });
        expect(found[`readout[${expected.readout.length}]`]).toBeUndefined();
        expect(relative(found.atomEnergy!, expected.atomEnergy)).toBeLessThan(1e-12);
        const perHead = (weight: string, i: number): number => model.weights[weight]!.data[i]!;
        const energy = structure.species.reduce(
          (sum, species, atom) =>
            sum +
            found.atomEnergy![atom]! +
            perHead('scale_shift.shift', expected.headIndex) +
            perHead('atomic_energies_fn.atomic_energies', 3 * expected.headIndex + species),
          0,
        );
        expect(Math.abs(energy - expected.energy)).toBeLessThan(1e-10);

        const { forces, atomVirial } = await run(observables, model, inputs);
        expect(absolute(forces!, expected.forces.data)).toBeLessThan(1e-10);
        expect(relative(forces!, expected.forces.data)).toBeLessThan(1e-12);
        const virial = Array.from({ length: 9 }, (_, k) =>
          structure.numbers.reduce((sum, _z, atom) => sum + atomVirial![9 * atom + k]!, 0),
        );
        expect(absolute(virial, expected.virial.data)).toBeLessThan(1e-10);
        expect(relative(virial, expected.virial.data)).toBeLessThan(1e-12);
        expect(expected.stress !== null).toBe(expected.structure === 'crystal');
        if (expected.stress) {
          const volume = volumeOf(structure.cell!.data);
          const stress = virial.map((x) => -x / volume);
          expect(relative(stress, expected.stress.data)).toBeLessThan(1e-12);
        }
      }
    });

    test(`${name}: without the option, no stage is an output`, () => {
      expect(Object.keys(maceGraph(model).outputs)).toEqual(['atomEnergy', 'features']);
    });
  }
});
