/** A higher degree makes fewer intervals within the same gate; what no table can hold gets none. */
import { expect, test } from 'vitest';
import { deterministicModel, tinyModels } from '@mace/core/generators';
import { maceGraph } from '../model/index.js';
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
