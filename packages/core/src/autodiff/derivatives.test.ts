import { describe, expect, test } from 'vitest';
import { bindMaps, indexMapValues, type RunInputs } from '../backend/index.js';
import { concreteShape } from '../backend/bind.js';
import { GraphBuilder, legalize, type Graph } from '../ir/index.js';
import { Interpreter } from '../reference/index.js';
import { jvp, vjp } from './index.js';
import { opCases } from './testing/op-cases.js';
import { reverseRules } from './reverse-rules.js';

const dims = { atoms: 4, edges: 7, graphs: 2 };
const maps = {
  sender: indexMapValues(Int32Array.of(0, 2, 2, 3, 0, 1, 2), 4),
  species: indexMapValues(Int32Array.of(2, 0, 2, 1), 3),
  receiver: indexMapValues(Int32Array.of(0, 0, 1, 1, 2, 3, 3), 4),
  graph: indexMapValues(Int32Array.of(0, 0, 1, 1), 2),
};

/** Deterministic numbers in (0, 1). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

function run(graph: Graph, values: Record<string, Float64Array>): Record<string, Float64Array> {
  const flat = legalize(graph, (node) => node.op !== 'call');
  const inputs: RunInputs = { dims, maps, values };
  return new Interpreter(flat, 'f64', {}).run({ dims, maps: bindMaps(flat, inputs), inputs: values }) as Record<
    string,
    Float64Array
  >;
}

function randomInputs(
  graph: Graph,
  range: readonly [number, number],
  next: () => number,
): Record<string, Float64Array> {
  return Object.fromEntries(
    graph.inputs.map(({ attributes, type }) => {
      const size = concreteShape(type.shape, dims).reduce((a, b) => a * b, 1);
      return [attributes.name, Float64Array.from({ length: size }, () => range[0] + (range[1] - range[0]) * next())];
    }),
  );
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((total, value, i) => total + value * b[i]!, 0);
}

function moved(
  x: Record<string, Float64Array>,
  v: Record<string, Float64Array>,
  step: number,
): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.entries(x).map(([name, values]) => [name, values.map((value, i) => value + step * (v[name]?.[i] ?? 0))]),
  );
}

const names = (graph: Graph): string[] => graph.inputs.map(({ attributes }) => attributes.name);

/** Checks ⟨Jv, w⟩ by central differences, by forward mode and by reverse mode. */
function checkFirst(graph: Graph, output: string, range: readonly [number, number], seed: number): void {
  const next = random(seed);
  const x = randomInputs(graph, range, next);
  const v = randomInputs(graph, [-1, 1], next);
  const y = run(graph, x)[output]!;
  const w = y.map(() => 2 * next() - 1);
  const h = 1e-5;
  const up = run(graph, moved(x, v, h))[output]!;
  const down = run(graph, moved(x, v, -h))[output]!;
  const numeric = dot(
    up.map((value, i) => (value - down[i]!) / (2 * h)),
    w,
  );

  const tangents = Object.fromEntries(names(graph).map((name) => [name, `${name}.tangent`]));
  const forward = jvp(graph, { of: [output], tangents, names: () => 'tangent' });
  const forwardValues = {
    ...x,
    ...Object.fromEntries(Object.entries(v).map(([name, values]) => [`${name}.tangent`, values])),
  };
  const fromForward = dot(run(forward, forwardValues).tangent!, w);

  const reverse = vjp(graph, { of: output, wrt: names(graph), cotangent: 'outer', names: (name) => `outer.d${name}` });
  const gradients = run(reverse, { ...x, outer: w });
  const fromReverse = names(graph).reduce((total, name) => total + dot(gradients[`outer.d${name}`]!, v[name]!), 0);

  const size = Math.max(1, Math.abs(numeric));
  expect(Math.abs(fromForward - numeric) / size).toBeLessThan(2e-8);
  // Adjointness holds to rounding: no finite difference involved.
  expect(Math.abs(fromForward - fromReverse) / size).toBeLessThan(1e-13);
}

describe('derivative rules', () => {
  test('every op with a rule has a case', () => {
    const covered = new Set(opCases.map(({ op }) => op));
    expect(Object.keys(reverseRules).filter((op) => !covered.has(op as never) && op !== 'table')).toEqual([]);
  });

  for (const [index, { name, graph, range }] of opCases.entries()) {
    test(`${name}: first derivatives`, () => checkFirst(graph, 'y', range, 100 + index));
    test(`${name}: second derivatives, forward and reverse over reverse`, () => {
      const gradient = vjp(graph, { of: 'y', wrt: names(graph), cotangent: 'inner', names: (n) => `d${n}` });
      for (const input of names(graph)) checkFirst(gradient, `d${input}`, range, 200 + index);
    });
  }

  test('forward over forward', () => {
    for (const { graph, range } of opCases) {
      const tangent = jvp(graph, {
        of: ['y'],
        tangents: Object.fromEntries(names(graph).map((n) => [n, `t.${n}`])),
        names: () => 'ty',
      });
      checkFirst(tangent, 'ty', range, 300);
    }
  });

  test('a table becomes its slope, and refuses knots and second derivatives', () => {
    const body = (
      f: (b: GraphBuilder, r: ReturnType<GraphBuilder['input']>) => ReturnType<GraphBuilder['sin']>,
    ): Graph => {
      const b = new GraphBuilder();
      const r = b.input('r', ['edges']);
      return b.finish('body', { value: b.reshape(f(b, r), ['edges', 1]) });
    };
    const knots = 400;
    const data = Float64Array.from({ length: knots * 2 }, (_, i) => {
      const r = 0.5 + (3 / (knots - 1)) * Math.floor(i / 2);
      return i % 2 === 0 ? Math.sin(r) : Math.cos(r);
    });
    const build = new GraphBuilder();
    const r = build.input('r', ['edges']);
    const y = build.table(r, build.parameter('knots', [1, knots, 2, 1]), {
      body: body((b, x) => b.sin(x)),
      slope: body((b, x) => b.cos(x)),
      order: 0,
      range: [0.5, 3.5],
      knots,
    });
    const graph = vjp(build.finish('t', { y }), { of: 'y', wrt: ['r'], names: () => 'dr' });
    const values = { r: Float64Array.of(0.5, 1, 1.7, 2, 2.5, 3, 3.4) };
    const binding = { dims, maps: new Map(), inputs: values };
    const out = new Interpreter(graph, 'f64', { knots: data }).run(binding);
    values.r.forEach((at, i) => {
      expect(out.y![i]).toBeCloseTo(Math.sin(at), 10);
      expect(out.dr![i]).toBeCloseTo(Math.cos(at), 7);
    });
    expect(() => vjp(graph, { of: 'dr', wrt: ['r'] })).toThrow(/no second derivative/);
    expect(() => vjp(graph, { of: 'y', wrt: ['knots'] })).toThrow(/knot data have no derivative/);
  });
});
