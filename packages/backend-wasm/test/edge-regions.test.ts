// Edge regions as wide as real models have them, in every shape of their kernels, against the same graph without regions.
import { describe, expect, it } from 'vitest';
import { reference } from '@mace/core';
import { vjp } from '@mace/core/autodiff';
import { graphPasses, indexMapValues, type RunInputs } from '@mace/core/backend';
import { deterministicModel, seededRandom, tinyModels } from '@mace/core/generators';
import { GraphBuilder, nodesOf, polynomialTable, simplify, type Graph } from '@mace/core/ir';
import { maceGraph, observablesGraph } from '@mace/core/model';
import { wasm } from '@mace/backend-wasm';

// More atoms than are walked at once for some weights, more edges of an atom than whose weights are made at once.
const atoms = 35;
const edges = 700;

/** The forces of a model with `channels` channels, from random edge vectors, one atom without any. */
function forceGraph(channels: number): { graph: Graph; parameters: Record<string, Float64Array> } {
  const model = deterministicModel({
    ...tinyModels.A.config,
    hiddenIrreps: `${channels}x0e+${channels}x1o`,
    maxEll: 3,
  });
  const parameters = Object.fromEntries(
    Object.entries(model.weights).map(([name, { data }]) => [name, Float64Array.from(data)]),
  );
  return { graph: simplify(observablesGraph(maceGraph(model), ['atomEnergy', 'forces'])), parameters };
}

function inputs(graph: Graph): RunInputs {
  const random = seededRandom(3);
  const rows = (count: number, to: number): Int32Array =>
    Int32Array.from({ length: count }, () => Math.floor(random() * to));
  const map = (values: Int32Array, to: number) => indexMapValues(values, to);
  const elements = graph.maps.find(({ name }) => name === 'species')!.to as number;
  const vectors = Float64Array.from({ length: 3 * edges }, () => 4 * random() - 2);
  return {
    dims: { atoms, edges, graphs: 1 },
    maps: {
      sender: map(rows(edges, atoms - 1), atoms),
      receiver: map(rows(edges, atoms - 1), atoms),
      species: map(rows(atoms, elements), elements),
      graph: map(new Int32Array(atoms), 1),
      head: map(Int32Array.of(0), 1),
    },
    values: { edgeVectors: vectors },
  };
}

async function run(
  backend: 'wasm' | 'reference',
  graph: Graph,
  parameters: Record<string, Float64Array>,
  precision: 'f64' | 'f32',
) {
  const made = await (backend === 'wasm' ? wasm() : reference()).create();
  const executable = await made.compile(graph, { precision, parameters });
  const found = await executable.run(inputs(graph));
  await made.dispose();
  return { found, report: executable.report };
}

function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]!)));
}

describe('forces with edge regions', () => {
  it.each([
    ['f64', 2, 1e-12],
    ['f64', 16, 1e-12],
    ['f64', 20, 1e-12],
    ['f32', 16, 1e-3],
    ['f32', 20, 1e-3],
  ] as const)('%s, %i channels', async (precision, channels, tolerance) => {
    const { graph, parameters } = forceGraph(channels);
    const { found, report } = await run('wasm', graph, parameters, precision);
    const names = report.kernels.map(({ name }) => name);
    expect(names.filter((name) => name === 'call').length).toBeGreaterThanOrEqual(3);
    const { found: wanted } = await run('reference', graph, parameters, 'f64');
    const size = Math.max(...Array.from(wanted['forces']!, Math.abs));
    expect(largest(found['forces']!, wanted['forces']!)).toBeLessThan(tolerance * size);
    expect(largest(found['atomEnergy']!, wanted['atomEnergy']!)).toBeLessThan(tolerance * size);
  });
});

describe('a convolution whose weights are tables, and its reverse by distance', () => {
  const [components, scalars, weights, results, channels] = [3, 4, 5, 9, 16];
  const map = { name: 'kind', from: 'edges', to: 2 } as const;

  function energyGraph(mapped: boolean, withX: boolean, intervals: number): Graph {
    const build = new GraphBuilder();
    const ofDistance = (name: string): Graph => {
      const body = new GraphBuilder();
      const r = body.input('r', ['edges']);
      return body.finish(name, { value: body.expand(r, ['edges', weights * channels], [0]) });
    };
    const pieces = build.parameter('pieces', [(mapped ? 2 : 1) * intervals, 3, weights * channels]);
    const flat = build.table(build.input('distance', ['edges']), pieces, {
      body: ofDistance('value'),
      slope: ofDistance('slope'),
      order: 0,
      cutoff: 4.2,
      groups: (mapped ? [0, 1] : [0]).map((group) => ({ start: group * intervals, intervals, range: [0, 4 - group] })),
      ...(mapped && { map }),
    });
    const random = seededRandom(7);
    const whole = (below: number): number => Math.floor(below * random());
    const monomials = Array.from({ length: 60 }, () => ({
      out: whole(results),
      coefficient: random() - 0.5,
      factors: (withX ? [components, scalars, weights] : [scalars, weights]).map((size, operand) => ({
        operand,
        component: whole(size),
      })),
    }));
    const sender = { name: 'sender', from: 'edges', to: 'atoms' } as const;
    const receiver = { name: 'receiver', from: 'edges', to: 'atoms' } as const;
    const messages = build.polynomial(
      [
        ...(withX ? [build.gather(build.input('x', ['atoms', components, channels]), sender)] : []),
        build.input('scalars', ['edges', scalars, 1]),
        build.reshape(flat, ['edges', weights, channels]),
      ],
      polynomialTable(results, monomials),
    );
    const collected = build.segmentSum(messages, receiver);
    return build.finish('energy', { energy: build.sum(build.mul(collected, collected), [1, 2]), collected });
  }

  it.each([
    [false, true, 12],
    [true, true, 12],
    [false, false, 12],
    [true, false, 12],
    // So large that a part of the weights is done at a time: one, or two and then the last.
    [false, true, 3000],
    [true, false, 1000],
  ])('pieces by an index map: %s, rows of atoms: %s, %i intervals', async (mapped, withX, intervals) => {
    const energies = energyGraph(mapped, withX, intervals);
    const wrt = [...(withX ? ['x'] : []), 'scalars', 'distance'];
    const graph = simplify(vjp(energies, { of: 'energy', wrt, cotangent: 'cotangent', names: (name) => `d_${name}` }));
    const regions = nodesOf(graphPasses.reduce((planned, pass) => pass.run(planned), graph)).filter(
      ({ op }) => op === 'call',
    );
    expect(regions.map(({ attributes }) => (attributes as { name: string }).name).sort()).toEqual([
      'edges',
      ...wrt.map(() => 'edges.reverse'),
    ]);
    const random = seededRandom(5);
    const some = (length: number): Float64Array => Float64Array.from({ length }, () => random() - 0.5);
    const rows = (): Int32Array => Int32Array.from({ length: edges }, () => Math.floor(random() * (atoms - 1)));
    const given: RunInputs = {
      dims: { atoms, edges, graphs: 1 },
      maps: {
        sender: indexMapValues(rows(), atoms),
        receiver: indexMapValues(rows(), atoms),
        kind: indexMapValues(
          Int32Array.from({ length: edges }, (_, i) => i % 2),
          2,
        ),
      },
      values: {
        x: some(atoms * components * channels),
        scalars: some(edges * scalars),
        // Past the last interval too, where the last piece goes on, and past the cutoff.
        distance: Float64Array.from({ length: edges }, (_, i) => (0.11 * i) % 4.4),
        cotangent: some(atoms),
      },
    };
    const parameters = { pieces: some((mapped ? 2 : 1) * intervals * 3 * weights * channels) };
    const found: Record<string, ArrayLike<number>[]> = {};
    for (const definition of [wasm(), reference()]) {
      const backend = await definition.create();
      const executable = await backend.compile(graph, { precision: 'f64', parameters });
      for (const [name, values] of Object.entries(await executable.run(given))) (found[name] ??= []).push(values);
      await backend.dispose();
    }
    expect(Object.keys(found).sort()).toEqual(['collected', ...wrt.map((name) => `d_${name}`), 'energy'].sort());
    for (const [own, wanted] of Object.values(found)) {
      const size = Math.max(...Array.from(wanted!, Math.abs));
      expect(size).toBeGreaterThan(0);
      expect(largest(own!, wanted!)).toBeLessThan(1e-12 * size);
    }
  });
});
