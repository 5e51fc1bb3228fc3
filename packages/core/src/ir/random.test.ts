/** Properties of every pass over random graphs: what they compute, and what they must not change. */
import { describe, expect, it } from 'vitest';
import { bindMaps, concreteShape } from '../backend/bind.js';
import { Interpreter } from '../reference/interpreter.js';
import {
  arity,
  graphHash,
  isPrimitive,
  legalize,
  nodesOf,
  parse,
  print,
  simplify,
  verify,
  type Graph,
} from './index.js';
import { randomGraph, type RandomGraph } from '../generators/index.js';

const seeds = Array.from({ length: 60 }, (_, i) => i + 1);
const noCalls = (graph: Graph): Graph => legalize(graph, (node) => node.op !== 'call');

function evaluate(graph: Graph, { parameters, dims, maps, values }: RandomGraph): Record<string, number[]> {
  const flat = noCalls(graph);
  const run = new Interpreter(flat, 'f64', parameters).run({
    dims,
    maps: bindMaps(flat, { dims, maps }),
    inputs: values,
  });
  return Object.fromEntries(Object.entries(run).map(([name, data]) => [name, [...data]]));
}

/** Numbers that all nodes but leaves compute. */
function work(graph: Graph, { dims }: RandomGraph): number {
  const sizes = nodesOf(graph)
    .filter((node) => node.operands.length > 0)
    .map((node) => concreteShape(node.type.shape, dims).reduce((size, dim) => size * dim, 1));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Largest difference relative to the largest value of each output. */
function difference(a: Record<string, number[]>, b: Record<string, number[]>): number {
  expect(Object.keys(b)).toEqual(Object.keys(a));
  return Math.max(
    ...Object.keys(a).map((name) => {
      const x = a[name]!;
      const y = b[name]!;
      expect(y.length).toBe(x.length);
      const scale = Math.max(1, ...x.map(Math.abs));
      return Math.max(0, ...x.map((value, i) => Math.abs(value - y[i]!) / scale));
    }),
  );
}

describe('random graphs', () => {
  it('cover all ops, stay finite and repeat', () => {
    const ops = new Set<string>();
    for (const seed of seeds) {
      const made = randomGraph(seed);
      verify(made.graph);
      nodesOf(made.graph).forEach((node) => ops.add(node.op));
      for (const data of Object.values(evaluate(made.graph, made)))
        expect(
          data.every((value) => Number.isFinite(value) && Math.abs(value) < 1e4),
          `seed ${seed}`,
        ).toBe(true);
      expect(graphHash(randomGraph(seed).graph)).toBe(graphHash(made.graph));
    }
    expect([...ops].sort()).toEqual([...Object.keys(arity), 'call', 'concat', 'polynomial'].sort());
  });
});

describe.each(seeds)('seed %i', (seed) => {
  const made = randomGraph(seed);
  const expected = evaluate(made.graph, made);

  it('simplify keeps the function, the inputs and the outputs, and is done after one pass', () => {
    const simple = simplify(made.graph);
    verify(simple);
    expect(simple.inputs.map((input) => input.attributes.name)).toEqual(
      made.graph.inputs.map((input) => input.attributes.name),
    );
    expect(difference(expected, evaluate(simple, made))).toBeLessThan(1e-12);
    expect(work(simple, made)).toBeLessThan(work(made.graph, made));
    expect(print(simplify(simple))).toBe(print(simple));
  });

  it('legalize reaches the primitive ops and keeps the function', () => {
    const legal = legalize(made.graph, isPrimitive);
    verify(legal);
    expect(
      nodesOf(legal)
        .filter((node) => !isPrimitive(node))
        .map((node) => node.op),
    ).toEqual([]);
    expect(difference(expected, evaluate(legal, made))).toBeLessThan(1e-11);
    const simple = simplify(legal, { supports: isPrimitive });
    verify(simple);
    expect(
      nodesOf(simple)
        .filter((node) => !isPrimitive(node))
        .map((node) => node.op),
    ).toEqual([]);
    expect(difference(expected, evaluate(simple, made))).toBeLessThan(1e-11);
  });

  it('print and parse are inverse', () => {
    for (const graph of [made.graph, simplify(made.graph)]) {
      const text = print(graph);
      const read = parse(text);
      verify(read);
      expect(print(read)).toBe(text);
      expect(graphHash(read)).toBe(graphHash(graph));
      expect(read.maps).toEqual(graph.maps);
    }
  });
});
