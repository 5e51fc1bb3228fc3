/** Samples against the reference, group by group, and which groups stand for each other. */
import { describe, expect, test } from 'vitest';
import { deterministicModel, tinyModels, type TinyModelName } from '@mace/core/generators';
import { indexMapValues } from '../backend/index-maps.js';
import { maceGraph } from '../model/index.js';
import { Interpreter } from '../reference/index.js';
import { distanceFunctions } from './distance-functions.js';
import { distanceGraphs, distinctOf } from './distance-graphs.js';
import { DistanceSampler } from './distance-sampler.js';
import { planValues } from './plan-values.js';

const distances = Float64Array.of(0.6, 1.1, 2.3, 3.999, 4);

describe.each([
  ['B', 1, 1, 'nothing of an edge but its distance'],
  ['C', 6, 1, 'the transform takes the sum of two radii, whichever is the sender'],
  ['D', 9, 0, 'the network tells sender and receiver apart'],
  ['F', 6, 0, 'as C'],
] as const)('model %s', (name, distinct, wide, _why) => {
  const model = deterministicModel(tinyModels[name as TinyModelName].config);
  const given = Object.fromEntries(Object.entries(model.weights).map(([key, { data }]) => [key, data]));
  const { graph, parameters } = planValues(maceGraph(model), given);
  const found = distanceFunctions(graph);

  test('as many groups are computed as differ', () => {
    const samples = found.map((one) => {
      const graphs = distanceGraphs(graph, one);
      const samples = new DistanceSampler(graphs, parameters).sample(distances);
      return samples.length / (distances.length * 2 * graphs.functions);
    });
    expect(new Set(samples)).toEqual(new Set([distinct]));
  });

  test('samples of what goes into a last, wide matrix become those of the whole', () => {
    const narrowed = found.filter(({ widening }) => widening);
    expect(narrowed.length).toBe(wide);
    for (const one of narrowed) {
      const narrow = new DistanceSampler(distanceGraphs(graph, one), parameters);
      const whole = new DistanceSampler(distanceGraphs(graph, { ...one, core: one.node, widening: null }), parameters);
      expect(narrow.graphs.functions).toBeLessThan(narrow.graphs.width);
      expect(narrow.graphs.width).toBe(whole.graphs.functions);
      const [own, expected] = [narrow.widened(narrow.sample(distances)), whole.sample(distances)];
      const largest = Math.max(...Array.from(expected, Math.abs));
      expect(own.length).toBe(expected.length);
      own.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1e-14 * largest));
    }
  });

  test('all groups hold what the reference computes for them', () => {
    for (const one of found) {
      const graphs = distanceGraphs(graph, one);
      const samples = new DistanceSampler(graphs, parameters).sample(distances);
      const places = distinctOf(graphs);
      const interpreters = [graphs.body, graphs.slope].map((body) => new Interpreter(body, 'f64', parameters));
      for (let group = 0; group < graphs.groups; group++) {
        const size = Math.sqrt(graphs.groups);
        const rows = { 0: Math.floor(group / size), 1: group % size };
        const maps = one.maps.map(({ name: map, to }, i) => {
          const values = new Int32Array(distances.length).fill(one.maps.length === 2 ? rows[i as 0 | 1] : group);
          return [map, indexMapValues(values, to as number)] as const;
        });
        const binding = { dims: { atoms: 0, edges: distances.length, graphs: 0 }, maps: new Map(maps) };
        interpreters.forEach((interpreter, order) => {
          const [exact] = Object.values(interpreter.run({ ...binding, inputs: { distance: distances } }));
          const largest = Math.max(...Array.from(exact!, Math.abs));
          exact!.forEach((value, i) => {
            const [row, f] = [Math.floor(i / graphs.functions), i % graphs.functions];
            const at = ((places[group]! * distances.length + row) * 2 + order) * graphs.functions + f;
            expect(Math.abs(samples[at]! - value)).toBeLessThanOrEqual(1e-14 * largest);
          });
        });
      }
    }
  });
});
