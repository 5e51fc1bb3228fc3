/** Building, walking and hashing: what is shared, what is refused, what a hash depends on. */
import { describe, expect, it } from 'vitest';
import {
  GraphBuilder,
  degree,
  dependents,
  fixedSize,
  forwardTable,
  graphHash,
  nodesOf,
  polynomialTable,
  renumberOperands,
  reverseTable,
  usersOf,
  type Graph,
  type IndexMap,
  type PolynomialTable,
} from './index.js';
import { seededRandom } from '../generators/index.js';

const sender: IndexMap = { name: 'sender', from: 'edges', to: 'atoms' };

describe('GraphBuilder', () => {
  it('shares equal nodes, whatever their scope', () => {
    const build = new GraphBuilder();
    const x = build.input('x', [3]);
    expect(build.scoped('a', () => build.exp(x))).toBe(build.scoped('b', () => build.exp(x)));
    expect(build.constant([0], [1])).not.toBe(build.constant([-0], [1]));
  });

  it('drops layout ops that do nothing', () => {
    const build = new GraphBuilder();
    const x = build.input('x', ['atoms', 3]);
    for (const same of [
      build.reshape(x, ['atoms', 3]),
      build.transpose(x, [0, 1]),
      build.broadcast(x, ['atoms', 3]),
      build.slice(x, 1, 0, 3),
      build.pad(x, 1, 0, 0),
      build.concat([x], 1),
      build.sum(x, []),
    ]) {
      expect(same).toBe(x);
    }
  });

  it.each<[string, (build: GraphBuilder) => unknown, RegExp]>([
    [
      'shapes that differ',
      (b) => b.add(b.input('x', [3]), b.input('y', [4])),
      /^add in s: operands differ: real\[3\] and real\[4\]/,
    ],
    [
      'masks where numbers belong',
      (b) => b.exp(b.less(b.input('x', [3]), b.input('y', [3]))),
      /expected a real operand/,
    ],
    [
      'reshapes of runtime sizes',
      (b) => b.reshape(b.input('x', ['atoms', 3]), [3, 'atoms']),
      /only fixed dimensions may be split or merged/,
    ],
    ['broadcasts of sizes other than 1', (b) => b.broadcast(b.input('x', [2]), [4]), /only dimensions of 1 grow/],
    ['slices outside', (b) => b.slice(b.input('x', [3]), 0, 1, 4), /does not fit axis 0/],
    [
      'matrices that do not fit',
      (b) => b.matmul(b.input('x', ['atoms', 3]), b.input('w', [4, 2])),
      /inner dimensions differ/,
    ],
    ['maps of other rows', (b) => b.gather(b.input('x', ['edges', 3]), sender), /is not atoms, the targets of sender/],
    ['constants of another length', (b) => b.constant([1, 2], [3]), /needs 3 values, got 2/],
    [
      'monomials outside',
      (b) =>
        b.polynomial([b.input('x', ['atoms', 2, 1])], {
          outputs: 1,
          monomials: [{ out: 0, coefficient: 1, factors: [{ operand: 0, component: 2 }] }],
        }),
      /component 2 of operand 0/,
    ],
  ])('refuses %s', (_name, make, message) => {
    const build = new GraphBuilder();
    expect(() => build.scoped('s', () => make(build))).toThrow(message);
  });

  it('imports a graph with its leaves replaced', () => {
    const inner = new GraphBuilder();
    const graph = inner.finish('g', { y: inner.exp(inner.mul(inner.input('x', [2]), inner.parameter('w', [2]))) });
    const build = new GraphBuilder();
    const z = build.input('z', [2]);
    const outputs = build.import(graph, new Map([[graph.inputs[0]!, z]]));
    const made = build.finish('made', outputs);
    expect(made.inputs.map((input) => input.attributes.name)).toEqual(['z']);
    expect(nodesOf(made).map((node) => node.op)).toEqual(['input', 'parameter', 'mul', 'exp']);
  });
});

describe('walks', () => {
  const build = new GraphBuilder();
  const [x, y] = [build.input('x', [2]), build.input('y', [2])];
  const square = build.mul(x, x);
  const sum = build.add(square, y);
  const order = nodesOf(build.finish('g', { sum }));

  it('put operands before users', () => {
    expect(order).toEqual([x, square, y, sum]);
    const users = usersOf(order);
    expect(users.get(x)).toEqual([square]);
    expect(users.get(square)).toEqual([sum]);
    expect([...dependents(order, new Set([x]))]).toEqual([x, square, sum]);
  });

  it('do not recurse: long chains work', () => {
    let node = x as ReturnType<GraphBuilder['exp']>;
    for (let i = 0; i < 20000; i++) node = build.scale(node, 1 + 1 / (i + 2));
    expect(nodesOf(build.finish('long', { node })).length).toBeGreaterThan(20000);
  });

  it('count fixed sizes', () => {
    expect(fixedSize(['atoms', 3, 4])).toBe(12);
  });
});

describe('graphHash', () => {
  const table = (body: Graph, slope: Graph | undefined, swapped = false): Graph => {
    const build = new GraphBuilder();
    const pieces = { cutoff: 1, groups: [{ start: 0, intervals: 4, range: [0, 1] as const }] };
    const attributes = swapped
      ? { ...pieces, order: 0 as const, ...(slope ? { slope } : {}), body }
      : { body, ...(slope ? { slope } : {}), order: 0 as const, ...pieces };
    return build.finish('g', {
      y: build.table(build.input('r', ['edges']), build.parameter('pieces', [4, 2, 1]), attributes),
    });
  };
  const body = (power: number): Graph => {
    const build = new GraphBuilder();
    const r = build.input('r', ['edges']);
    return build.finish('body', { value: build.reshape(build.scale(r, power), ['edges', 1]) });
  };

  it('depends on what is computed: slopes, signs of zero, maps; not on scopes, ids or the order of attributes', () => {
    expect(graphHash(table(body(2), body(3)))).not.toBe(graphHash(table(body(2), body(4))));
    expect(graphHash(table(body(2), body(3)))).not.toBe(graphHash(table(body(2), undefined)));
    expect(graphHash(table(body(2), body(3)))).toBe(graphHash(table(body(2), body(3), true)));
    const gathered = (map: IndexMap, scope: string): string => {
      const build = new GraphBuilder();
      if (scope) build.exp(build.input('x', ['atoms']));
      return graphHash(
        build.finish('g', { y: build.scoped(scope, () => build.gather(build.input('x', ['atoms']), map)) }),
      );
    };
    expect(gathered(sender, '')).toBe(gathered(sender, 'there'));
    expect(gathered(sender, '')).not.toBe(gathered({ ...sender, name: 'receiver' }, ''));
  });
});

describe('polynomial tables', () => {
  const random = seededRandom(5);
  const sizes = [3, 2];
  const table = polynomialTable(
    4,
    Array.from({ length: 12 }, () => ({
      out: Math.floor(random() * 4),
      coefficient: 2 * random() - 1,
      factors: Array.from({ length: Math.floor(random() * 4) }, () => {
        const operand = Math.floor(random() * 2);
        return { operand, component: Math.floor(random() * sizes[operand]!) };
      }),
    })),
  );
  const evaluate = ({ outputs, monomials }: PolynomialTable, operands: readonly (readonly number[])[]): number[] => {
    const result = new Array<number>(outputs).fill(0);
    for (const { out, coefficient, factors } of monomials)
      result[out]! += factors.reduce((all, f) => all * operands[f.operand]![f.component]!, coefficient);
    return result;
  };
  const numbers = (count: number): number[] => Array.from({ length: count }, () => 2 * random() - 1);
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0);

  it('merge equal monomials whatever the order of their factors, and drop zeros', () => {
    const [a, b] = [
      { operand: 0, component: 1 },
      { operand: 1, component: 0 },
    ];
    const merged = polynomialTable(2, [
      { out: 0, coefficient: 1, factors: [a, b] },
      { out: 0, coefficient: 2, factors: [b, a] },
      { out: 1, coefficient: 1, factors: [a] },
      { out: 1, coefficient: -1, factors: [a] },
    ]);
    expect(merged.monomials).toEqual([{ out: 0, coefficient: 3, factors: [a, b] }]);
    expect(degree(merged)).toBe(2);
  });

  it('have derivatives that agree with each other and with central differences', () => {
    const operands = sizes.map(numbers);
    const tangents = sizes.map(numbers);
    const cotangent = numbers(4);
    const forward = evaluate(
      forwardTable(
        table,
        new Map([
          [0, 2],
          [1, 3],
        ]),
      ),
      [...operands, ...tangents],
    );
    const step = 1e-5;
    const moved = (sign: number): number[] =>
      evaluate(
        table,
        operands.map((x, k) => x.map((value, i) => value + sign * step * tangents[k]![i]!)),
      );
    const [up, down] = [moved(1), moved(-1)];
    forward.forEach((value, i) => expect(value).toBeCloseTo((up[i]! - down[i]!) / (2 * step), 8));
    const reverse = sizes.map((size, k) => evaluate(reverseTable(table, k, size, 2), [...operands, cotangent]));
    expect(dot(cotangent, forward)).toBeCloseTo(dot(reverse[0]!, tangents[0]!) + dot(reverse[1]!, tangents[1]!), 12);
  });

  it('can be renumbered', () => {
    const operands = sizes.map(numbers);
    expect(
      dot(
        evaluate(
          renumberOperands(table, (operand) => 1 - operand),
          [operands[1]!, operands[0]!],
        ),
        [1, 2, 3, 4],
      ),
    ).toBeCloseTo(dot(evaluate(table, operands), [1, 2, 3, 4]), 12);
  });
});
