/** A higher degree makes fewer intervals within the same gate; what no table can hold gets none. */
import { describe, expect, test } from 'vitest';
import { deterministicModel, tinyModels } from '@mace/core/generators';
import { maceGraph } from '../model/index.js';
import { chooseIntervals } from './choose-intervals.js';
import { distanceFunctions } from './distance-functions.js';
import { distanceGraphs } from './distance-graphs.js';
import { DistanceSampler } from './distance-sampler.js';
import { distancesAt, fitPieces, fittedAt, valuesOfPieces } from './fit-pieces.js';
import { planValues } from './plan-values.js';
import { tableGate } from './table-gate.js';

const model = deterministicModel(tinyModels.A.config);
const parameters = Object.fromEntries(Object.entries(model.weights).map(([name, { data }]) => [name, data]));
const gate = { ...tableGate('f64', model.config.cutoff) };

test('degrees 3, 4 and 6', () => {
  const sizes = [3, 4, 6].map((degree) => {
    const { tables } = planValues(maceGraph(model), parameters, {}, { ...gate, degree });
    expect(tables.length).toBeGreaterThan(0);
    for (const table of tables) {
      expect(table).toMatchObject({ degree });
      expect(table.valueError).toBeLessThanOrEqual(gate.valueError);
      expect(table.slopeError).toBeLessThanOrEqual(gate.slopeError);
    }
    return tables[0]!.intervals;
  });
  expect(sizes[1]! * 3).toBeLessThan(sizes[0]!);
  expect(sizes[2]! * 3).toBeLessThan(sizes[1]!);
});

test('weights that are no numbers stay without a table', () => {
  const broken = Object.fromEntries(
    Object.entries(parameters).map(([name, data]) => [
      name,
      name.includes('conv_tp_weights') ? data.map(() => NaN) : data,
    ]),
  );
  expect(planValues(maceGraph(model), broken, {}, gate).tables).toEqual([]);
});

describe.each(['f32', 'f64'] as const)('a gate for %s', (precision) => {
  test.each([1, 5])('holds on all intervals, at places that were not asked, first weights times %i', (factor) => {
    const wide = deterministicModel(tinyModels.B.config);
    // With large weights a network changes fast at some distances, and hardly at most.
    const given = Object.fromEntries(
      Object.entries(wide.weights).map(([name, { data }]) => [
        name,
        name.endsWith('conv_tp_weights.layer0.weight') ? data.map((weight) => factor * weight) : data,
      ]),
    );
    const { graph, parameters: folded } = planValues(maceGraph(wide), given);
    const wanted = tableGate(precision, wide.config.cutoff);
    for (const found of distanceFunctions(graph)) {
      const sampler = new DistanceSampler(distanceGraphs(graph, found), folded);
      const { intervals } = chooseIntervals(sampler, 0, wanted)!;
      const { functions, width } = sampler.graphs;
      const shape = { range: wanted.range, intervals, degree: wanted.degree! };
      const all = Array.from({ length: intervals }, (_, i) => i);
      const places = Array.from({ length: 9 }, (_, i) => -1 + 0.24 * i);
      const sampled = (where: readonly number[]): Float64Array => sampler.sample(distancesAt(shape, all, where));
      const pieces = fitPieces(sampled(fittedAt(shape.degree)), functions, shape);
      const own = sampler.widened(valuesOfPieces(pieces, functions, shape, places));
      const exact = sampler.widened(sampled(places));
      const largest = [0, 0];
      const errors = [0, 0];
      exact.forEach((value, i) => {
        const order = Math.floor(i / width) % 2;
        largest[order] = Math.max(largest[order]!, Math.abs(value));
        errors[order] = Math.max(errors[order]!, Math.abs(value - own[i]!));
      });
      expect(errors[0]! / largest[0]!).toBeLessThanOrEqual(wanted.valueError);
      expect(errors[1]! / largest[1]!).toBeLessThanOrEqual(wanted.slopeError);
    }
  });
});
