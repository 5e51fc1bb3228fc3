/** The rules of every op against central differences, forward against reverse, once and twice. */
import { describe, expect, test } from 'vitest';
import { bindMaps, type RunInputs } from '../backend/index.js';
import { opGraphs, randomInputs, seededRandom, type OpGraph } from '../generators/index.js';
import { GraphBuilder, legalize, type Graph, type OpName } from '../ir/index.js';
import { Interpreter } from '../reference/index.js';
import { jvp, vjp } from './index.js';
import { reverseRules } from './reverse-rules.js';

const dims = { atoms: 4, edges: 7, graphs: 2 };

interface Point {
  readonly maps: RunInputs['maps'];
  readonly parameters: OpGraph['parameters'];
}

function run(
  graph: Graph,
  values: Record<string, Float64Array>,
  { maps, parameters }: Point,
): Record<string, Float64Array> {
  const flat = legalize(graph, (node) => node.op !== 'call');
  return new Interpreter(flat, 'f64', parameters).run({
    dims,
    maps: bindMaps(flat, { dims, maps }),
    inputs: values,
  }) as Record<string, Float64Array>;
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
function checkFirst(graph: Graph, output: string, { range, parameters }: OpGraph, seed: number): void {
  const { values: x, maps } = randomInputs(graph, { seed, dims, range });
  const { values: v } = randomInputs(graph, { seed: seed + 1000, dims });
  const point = { maps, parameters };
  const next = seededRandom(seed);
  const y = run(graph, x, point)[output]!;
  const w = y.map(() => 2 * next() - 1);
  const h = 1e-5;
  const up = run(graph, moved(x, v, h), point)[output]!;
  const down = run(graph, moved(x, v, -h), point)[output]!;
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
  const fromForward = dot(run(forward, forwardValues, point).tangent!, w);

  const reverse = vjp(graph, { of: output, wrt: names(graph), cotangent: 'outer', names: (name) => `outer.d${name}` });
  const gradients = run(reverse, { ...x, outer: w }, point);
  const fromReverse = names(graph).reduce((total, name) => total + dot(gradients[`outer.d${name}`]!, v[name]!), 0);

  const size = Math.max(1, Math.abs(numeric));
  expect(Math.abs(fromForward - numeric) / size).toBeLessThan(2e-8);
  // Adjointness holds to rounding: no finite difference involved.
  expect(Math.abs(fromForward - fromReverse) / size).toBeLessThan(1e-13);
}

const differentiable = opGraphs.filter(({ graph }) => names(graph).length > 0);

describe('derivative rules', () => {
  test('every op with a rule has a small graph', () => {
    const covered = new Set(differentiable.map(({ op }) => op));
    expect(Object.keys(reverseRules).filter((op) => !covered.has(op as OpName))).toEqual([]);
  });

  test.each(differentiable.map((each, i) => [each.name, each, i] as const))('%s: first derivatives', (_name, each, i) =>
    checkFirst(each.graph, 'y', each, 100 + i),
  );

  test.each(differentiable.map((each, i) => [each.name, each, i] as const))(
    '%s: second derivatives, forward and reverse over reverse',
    (_name, each, i) => {
      const { graph } = each;
      const gradient = vjp(graph, { of: 'y', wrt: names(graph), cotangent: 'inner', names: (n) => `d${n}` });
      for (const input of names(graph)) checkFirst(gradient, `d${input}`, each, 200 + i);
    },
  );

  test.each(differentiable.map((each) => [each.name, each] as const))('%s: forward over forward', (_name, each) => {
    const tangent = jvp(each.graph, {
      of: ['y'],
      tangents: Object.fromEntries(names(each.graph).map((n) => [n, `t.${n}`])),
      names: () => 'ty',
    });
    checkFirst(tangent, 'ty', each, 300);
  });

  test('a table becomes its slope, that the derivative of its exact body; pieces are refused', () => {
    const body = (
      f: (b: GraphBuilder, r: ReturnType<GraphBuilder['input']>) => ReturnType<GraphBuilder['sin']>,
    ): Graph => {
      const b = new GraphBuilder();
      const r = b.input('r', ['edges']);
      return b.finish('body', { value: b.reshape(f(b, r), ['edges', 1]) });
    };
    const intervals = 400;
    const data = Float64Array.from({ length: intervals * 4 }, (_, i) => {
      const r = 0.5 + (3 / intervals) * (Math.floor(i / 4) + 0.5);
      return [Math.sin(r), Math.cos(r), -Math.sin(r) / 2, -Math.cos(r) / 6][i % 4]!;
    });
    const build = new GraphBuilder();
    const r = build.input('r', ['edges']);
    const y = build.table(r, build.parameter('pieces', [intervals, 4, 1]), {
      body: body((b, x) => b.sin(x)),
      slope: body((b, x) => b.cos(x)),
      order: 0,
      cutoff: 4,
      groups: [{ start: 0, intervals, range: [0.5, 3.5] }],
    });
    const graph = vjp(build.finish('t', { y }), { of: 'y', wrt: ['r'], names: () => 'dr' });
    const values = { r: Float64Array.of(0.5, 1, 1.7, 2, 2.5, 3, 3.4) };
    const binding = { dims, maps: new Map(), inputs: values };
    const out = new Interpreter(graph, 'f64', { pieces: data }).run(binding);
    values.r.forEach((at, i) => {
      expect(out.y![i]).toBeCloseTo(Math.sin(at), 10);
      expect(out.dr![i]).toBeCloseTo(Math.cos(at), 7);
    });
    const twice = vjp(graph, { of: 'dr', wrt: ['r'], names: () => 'second' });
    const again = jvp(graph, { of: ['dr'], tangents: { r: 't' }, names: () => 'second' });
    const ones = { ...values, t: new Float64Array(7).fill(1) };
    for (const derivative of [twice, again]) {
      const { second: found } = new Interpreter(derivative, 'f64', { pieces: data }).run({ ...binding, inputs: ones });
      values.r.forEach((at, i) => expect(found![i]).toBeCloseTo(-Math.sin(at), 14));
    }
    expect(() => vjp(graph, { of: 'y', wrt: ['pieces'] })).toThrow(/its pieces have no derivative/);
  });
});
