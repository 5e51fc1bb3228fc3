/** Each rule on a graph that it should change, and on near misses that it must leave alone. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder, nodesOf, polynomialTable, print, simplify, verify, type IndexMap, type Node } from './index.js';

const build = new GraphBuilder();
const x = build.input('x', ['edges', 3]);
const y = build.input('y', ['edges', 3]);
const wide = build.input('wide', ['atoms', 4, 6]);
const column = build.input('column', ['edges', 1]);
const w = build.parameter('w', [3, 5]);
const receiver: IndexMap = { name: 'receiver', from: 'edges', to: 'atoms' };
const sender: IndexMap = { name: 'sender', from: 'edges', to: 'atoms' };

/** The statements of the simplified value, one per node that is no leaf, without numbers and types. */
function form(value: Node): string {
  const graph = simplify(build.finish('case', { value }));
  verify(graph);
  expect(print(simplify(graph))).toBe(print(graph));
  const text = new Map<Node, string>();
  for (const node of nodesOf(graph)) {
    const operands = (node.operands as readonly Node[]).map((operand) => text.get(operand)!);
    if (node.op === 'input' || node.op === 'parameter') text.set(node, node.attributes.name);
    else if (node.op === 'constant') text.set(node, `[${node.attributes.values.join(' ')}]`);
    else if (node.op === 'broadcast' && node.operands[0].op === 'constant') text.set(node, text.get(node.operands[0])!);
    else text.set(node, `${node.op}(${operands.join(', ')})`);
  }
  return text.get(graph.outputs['value']!)!;
}

const zero = build.fill(0, x);
const fill = (value: number): Node => build.fill(value, x);
const values = (...list: number[]): Node => build.constant(list, [list.length]);

describe('simplify', () => {
  it.each<[string, Node, string]>([
    ['x·1', build.mul(x, fill(1)), 'x'],
    ['1·x', build.mul(fill(1), x), 'x'],
    ['x·0', build.mul(x, zero), '[0]'],
    ['x·−1', build.mul(x, fill(-1)), 'neg(x)'],
    ['x+0', build.add(x, zero), 'x'],
    ['0+x', build.add(zero, x), 'x'],
    ['x−0', build.sub(x, zero), 'x'],
    ['0−x', build.sub(zero, x), 'neg(x)'],
    ['x+(−y)', build.add(x, build.neg(y)), 'sub(x, y)'],
    ['(−x)+y', build.add(build.neg(x), y), 'sub(y, x)'],
    ['x−(−y)', build.sub(x, build.neg(y)), 'add(x, y)'],
    ['−(x−y)', build.neg(build.sub(x, y)), 'sub(y, x)'],
    ['x/1', build.div(x, fill(1)), 'x'],
    ['0/x is not 0 where x is', build.div(zero, x), 'div([0], x)'],
    ['1/0 is not folded', build.div(fill(1), zero), 'div([1], [0])'],
    ['x−x is not 0 where x is not finite', build.sub(x, x), 'sub(x, x)'],
    ['−−x', build.neg(build.neg(x)), 'x'],
    ['(−x)(−y)', build.mul(build.neg(x), build.neg(y)), 'mul(x, y)'],
    ['scales merge', build.scale(build.scale(x, 2), 3), 'mul(x, [6])'],
    ['a sign joins a scale', build.neg(build.scale(x, 2)), 'mul(x, [-2])'],
    [
      'scales that underflow do not merge',
      build.scale(build.scale(x, 1e-200), 1e-200),
      'mul(mul(x, [1e-200]), [1e-200])',
    ],
    ['x^1', build.pow(x, fill(1)), 'x'],
    ['x^2', build.pow(x, fill(2)), 'mul(x, x)'],
    ['x^½', build.pow(x, fill(0.5)), 'sqrt(x)'],
    ['x^0', build.pow(x, zero), '[1]'],
    ['max(x, x)', build.max(x, x), 'x'],
    ['select with equal branches', build.select(build.less(x, y), x, x), 'x'],
    ['select with a known mask', build.select(build.less(fill(1), fill(2)), x, y), 'x'],
    ['unary of a number', build.cos(zero), '[1]'],
    ['pair of constants', build.add(values(1, 2), values(3, 5)), '[4 7]'],
    ['constant and number', build.mul(values(1, 2), build.fill(3, values(1, 2))), '[3 6]'],
    [
      'pointwise inside a broadcast',
      build.exp(build.mul(build.broadcast(column, ['edges', 3]), fill(2))),
      'broadcast(exp(mul(column, [2])))',
    ],
  ])('%s', (_name, value, expected) => {
    expect(form(value)).toBe(expected);
  });

  it.each<[string, Node, string]>([
    ['reshape of reshape', build.reshape(build.reshape(wide, ['atoms', 24]), ['atoms', 2, 12]), 'reshape(wide)'],
    ['reshape back', build.reshape(build.reshape(wide, ['atoms', 24]), ['atoms', 4, 6]), 'wide'],
    ['transpose back', build.transpose(build.transpose(wide, [2, 0, 1]), [1, 2, 0]), 'wide'],
    ['transpose of ones', build.transpose(build.reshape(x, ['edges', 1, 3]), [0, 2, 1]), 'reshape(x)'],
    ['transpose of a constant', build.transpose(build.constant([1, 2, 3, 4, 5, 6], [2, 3]), [1, 0]), '[1 4 2 5 3 6]'],
    [
      'broadcast of broadcast',
      build.broadcast(build.broadcast(build.reshape(x, ['edges', 1, 3, 1]), ['edges', 2, 3, 1]), ['edges', 2, 3, 4]),
      'broadcast(reshape(x))',
    ],
    ['slice of slice', build.slice(build.slice(wide, 2, 1, 5), 2, 1, 3), 'slice(wide)'],
    ['slice of another axis', build.slice(build.slice(wide, 2, 1, 5), 1, 1, 3), 'slice(slice(wide))'],
    ['slice outside a pad', build.slice(build.pad(x, 1, 2, 2), 1, 0, 2), '[0]'],
    ['slice inside a pad', build.slice(build.pad(x, 1, 2, 2), 1, 3, 5), 'slice(x)'],
    ['slice of all of a pad', build.slice(build.pad(x, 1, 2, 2), 1, 2, 5), 'x'],
    ['slice across a pad', build.slice(build.pad(x, 1, 2, 2), 1, 1, 4), 'pad(slice(x))'],
    ['slice of one part', build.slice(build.concat([x, y, x], 1), 1, 3, 6), 'y'],
    ['slice of two parts', build.slice(build.concat([x, y, x], 1), 1, 4, 7), 'slice(concat(y, x))'],
    ['slice of a broadcast axis', build.slice(build.broadcast(column, ['edges', 3]), 1, 1, 3), 'broadcast(column)'],
    ['pad of pad', build.pad(build.pad(x, 1, 1, 0), 1, 2, 3), 'pad(x)'],
    ['pad of zeros', build.pad(zero, 1, 1, 1), '[0]'],
    ['sum of pads that meet', build.add(build.pad(x, 1, 1, 4), build.pad(y, 1, 4, 1)), 'pad(concat(x, y))'],
    ['sum of pads in another order', build.add(build.pad(x, 1, 3, 0), build.pad(y, 1, 0, 3)), 'concat(y, x)'],
    ['sum of pads that overlap', build.add(build.pad(x, 1, 0, 2), build.pad(y, 1, 2, 0)), 'add(pad(x), pad(y))'],
    ['concat of zeros', build.concat([zero, zero], 1), '[0]'],
    ['concat of zeros and one part', build.concat([zero, x, zero], 1), 'pad(x)'],
    ['concat of concat', build.concat([build.concat([x, y], 1), x], 1), 'concat(x, y, x)'],
    ['concat of adjoining slices', build.concat([build.slice(x, 1, 0, 1), build.slice(x, 1, 1, 3)], 1), 'x'],
    [
      'concat of slices in another order',
      build.concat([build.slice(x, 1, 1, 3), build.slice(x, 1, 0, 1)], 1),
      'concat(slice(x), slice(x))',
    ],
    ['sum of zeros over edges', build.sum(zero, [0]), '[0]'],
    ['sum of a number over edges', build.sum(fill(2), [0]), 'sum([2])'],
    ['sum of a number over a fixed axis', build.sum(fill(2), [1]), '[6]'],
    ['sum of a constant', build.sum(build.constant([1, 2, 3, 4, 5, 6], [2, 3]), [0]), '[5 7 9]'],
    ['sum of sum', build.sum(build.sum(wide, [1]), [1]), 'sum(wide)'],
    ['sum over an axis of size 1', build.sum(column, [1]), 'reshape(column)'],
    ['sum of a broadcast', build.sum(build.broadcast(column, ['edges', 3]), [1]), 'mul(reshape(column), [3])'],
    [
      'matmul with a transposed matrix',
      build.matmul(x, build.transpose(build.transpose(w, [1, 0]), [1, 0])),
      'matmul(x, w)',
    ],
    ['matmul nt with a transposed matrix', build.matmul(x, build.transpose(w, [1, 0]), 'nt'), 'matmul(x, w)'],
    ['matmul with zeros', build.matmul(x, build.fill(0, w)), '[0]'],
    ['segmentSum of zeros', build.segmentSum(zero, receiver), '[0]'],
    ['segmentSum of ones counts', build.segmentSum(fill(1), receiver), 'segmentSum([1])'],
    ['gather of zeros', build.gather(build.fill(0, wide), sender), '[0]'],
    [
      'gather of what all rows share',
      build.gather(build.broadcast(build.reshape(w, [1, 3, 5]), ['atoms', 3, 5]), sender),
      'broadcast(reshape(w))',
    ],
  ])('%s', (_name, value, expected) => {
    expect(form(value)).toBe(expected);
  });

  const rows = build.input('rows', ['atoms', 2, 6]);
  const factor = (operand: number, component: number): { operand: number; component: number } => ({
    operand,
    component,
  });
  const product = polynomialTable(2, [
    { out: 0, coefficient: 2, factors: [factor(0, 0), factor(1, 3)] },
    { out: 1, coefficient: 3, factors: [factor(0, 1)] },
  ]);
  it.each<[string, Node, string]>([
    ['polynomial without monomials', build.polynomial([rows], polynomialTable(3, [])), '[0]'],
    [
      'polynomial that copies',
      build.polynomial(
        [rows],
        polynomialTable(2, [
          { out: 0, coefficient: 1, factors: [factor(0, 0)] },
          { out: 1, coefficient: 1, factors: [factor(0, 1)] },
        ]),
      ),
      'rows',
    ],
    ['polynomial with a zero operand', build.polynomial([rows, build.fill(0, wide)], product), 'polynomial(rows)'],
    ['polynomial with known operands', build.polynomial([build.fill(2, rows), build.fill(5, wide)], product), '[20 6]'],
    ['polynomial with an operand twice', build.polynomial([wide, wide], product), 'polynomial(wide)'],
    ['polynomial of two operands', build.polynomial([rows, wide], product), 'polynomial(rows, wide)'],
  ])('%s', (_name, value, expected) => {
    expect(form(value)).toBe(expected);
  });

  it('puts known operands into the coefficients', () => {
    const graph = simplify(
      build.finish('case', {
        value: build.polynomial(
          [rows, build.broadcast(build.constant([0, 0, 0, 7], [1, 4, 1]), ['atoms', 4, 1])],
          product,
        ),
      }),
    );
    const value = graph.outputs['value']!;
    expect(value.op === 'polynomial' && value.attributes.table.monomials).toEqual([
      { out: 0, coefficient: 14, factors: [factor(0, 0)] },
      { out: 1, coefficient: 3, factors: [factor(0, 1)] },
    ]);
  });

  it('shares a+b and b+a', () => {
    const graph = simplify(build.finish('case', { a: build.exp(build.add(x, y)), b: build.exp(build.add(y, x)) }));
    expect(graph.outputs['a']).toBe(graph.outputs['b']);
  });

  it('keeps unused inputs in order and drops dead nodes and parameters', () => {
    const own = new GraphBuilder();
    const inputs = ['c', 'a', 'b'].map((name) => own.input(name, [3]));
    const dead = own.mul(own.parameter('p', [3]), own.fill(0, inputs[0]!));
    const graph = simplify(own.finish('case', { y: own.add(inputs[1]!, dead) }));
    expect(graph.inputs.map((input) => input.attributes.name)).toEqual(['c', 'a', 'b']);
    expect(graph.parameters).toEqual([]);
    expect(graph.outputs['y']!.op).toBe('input');
  });

  it('simplifies bodies and keeps calls of one body together', () => {
    const inner = new GraphBuilder();
    const a = inner.input('a', [3]);
    const body = inner.finish('two', {
      left: inner.exp(inner.add(a, inner.fill(0, a))),
      right: inner.scale(inner.scale(a, 2), 3),
    });
    const own = new GraphBuilder();
    const z = own.input('z', [3]);
    const graph = simplify(
      own.finish('case', { left: own.call('two', body, [z], 'left'), right: own.call('two', body, [z], 'right') }),
    );
    const [left, right] = Object.values(graph.outputs);
    expect(left!.op === 'call' && right!.op === 'call' && left!.attributes.body === right!.attributes.body).toBe(true);
    expect(
      left!.op === 'call' &&
        nodesOf(left!.attributes.body)
          .map((node) => node.op)
          .sort(),
    ).toEqual(['broadcast', 'constant', 'exp', 'input', 'mul']);
  });

  it('makes only what is supported', () => {
    const value = build.add(x, build.mul(y, fill(-1)));
    const graph = simplify(build.finish('case', { value }), {
      supports: (node) => node.op !== 'neg' && node.op !== 'sub',
    });
    expect(nodesOf(graph).map((node) => node.op)).not.toContain('neg');
    expect(graph.outputs['value']!.op).toBe('add');
  });

  it('does not compute constants above the limit', () => {
    const long = Array.from({ length: 20 }, (_, i) => i);
    const graph = build.finish('case', { value: build.exp(build.constant(long, [20])) });
    expect(simplify(graph, { foldLimit: 10 }).outputs['value']!.op).toBe('exp');
    expect(simplify(graph).outputs['value']!.op).toBe('constant');
  });
});
