/** The small graphs: every op is there, and their values are finite and not decided by rounding at any size. */
import { describe, expect, it } from 'vitest';
import { bindMaps } from '../src/backend/index.js';
import { arity, legalize, nodesOf, verify, type OpName } from '../src/ir/index.js';
import { Interpreter } from '../src/reference/index.js';
import { opGraphs, randomInputs, type OpGraph, type RandomInputs } from '../src/generators/index.js';

const everyOp = [...(Object.keys(arity) as OpName[]), 'call', 'concat', 'polynomial'];

function run({ graph, parameters }: OpGraph, { dims, maps, values }: RandomInputs, precision: 'f64' | 'f32'): number[] {
  const flat = legalize(graph, (node) => node.op !== 'call');
  const bound = bindMaps(flat, { dims, maps });
  return [...new Interpreter(flat, precision, parameters).run({ dims, maps: bound, inputs: values })['y']!];
}

describe('opGraphs', () => {
  it('have one for every op, with names of their own', () => {
    expect([...new Set(opGraphs.map(({ op }) => op))].sort()).toEqual([...everyOp].sort());
    expect(new Set(opGraphs.map(({ name }) => name)).size).toBe(opGraphs.length);
  });

  it.each(opGraphs.map((each) => [each.name, each] as const))('%s', (_name, each) => {
    verify(each.graph);
    expect(nodesOf(each.graph).map(({ op }) => op)).toContain(each.op);
    expect(each.graph.parameters.map(({ attributes }) => attributes.name)).toEqual(Object.keys(each.parameters));
    for (const rows of [0, 1, 65, 65_537]) {
      const dims = { atoms: rows, edges: rows, graphs: Math.min(rows, 3) };
      const inputs = randomInputs(each.graph, { seed: rows, dims, range: each.range });
      const exact = run(each, inputs, 'f64');
      const rounded = run(each, inputs, 'f32');
      const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      expect(largest).toBeLessThan(1e6);
      const error = exact.reduce((most, value, i) => Math.max(most, Math.abs(value - rounded[i]!)), 0);
      expect(error / largest).toBeLessThan(1e-4);
    }
  });
});
