/** Every op as a function of one of its sizes, the others small: for the suites of sizes and of values. */
import { exactTable } from '@mace/core/generators';
import {
  polynomialTable,
  type Dim,
  type GraphBuilder,
  type IndexMap,
  type Monomial,
  type Node,
  type OpName,
} from '@mace/core/ir';

/** What a form builds with. */
export interface Parts {
  readonly build: GraphBuilder;
  /** An input of this size alone. */
  input(name: string, ...shape: Dim[]): Node;
  parameter(name: string, ...shape: number[]): Node;
}

export interface SizedForm {
  readonly op: OpName;
  /** `matmul-nn`, without the dimension. */
  readonly name: string;
  /** `inner`, `width`: what varies. */
  readonly dimension: string;
  readonly largest: number;
  readonly make: (parts: Parts, size: number) => Node;
}

const species = (to: number): IndexMap => ({ name: `species${to}`, from: 'atoms', to });
const sender: IndexMap = { name: 'sender', from: 'edges', to: 'atoms' };

const unary = (['neg', 'exp', 'sin', 'cos', 'tanh'] as const).map((op) =>
  form(op, op, 'width', 1300, ({ build, input }, n) => build[op](input('x', 'atoms', n))),
);
const positive = (['sqrt', 'log'] as const).map((op) =>
  form(op, op, 'width', 1300, ({ build, input }, n) => build[op](build.exp(input('x', 'atoms', n)))),
);
const binary = (['add', 'sub', 'mul', 'max'] as const).map((op) =>
  form(op, op, 'width', 1300, ({ build, input }, n) => build[op](input('x', 'atoms', n), input('z', 'atoms', n))),
);
const pointwise: readonly SizedForm[] = [
  ...unary,
  ...positive,
  ...binary,
  form('div', 'div', 'width', 1300, ({ build, input }, n) =>
    build.div(input('x', 'atoms', n), build.exp(input('z', 'atoms', n))),
  ),
  form('pow', 'pow', 'width', 1300, ({ build, input }, n) =>
    build.pow(build.exp(input('x', 'atoms', n)), input('z', 'atoms', n)),
  ),
  form('less', 'less', 'width', 1300, ({ build, input }, n) => {
    const [x, z] = [input('x', 'atoms', n), input('z', 'atoms', n)];
    return build.select(build.less(x, z), x, z);
  }),
  form('select', 'select', 'width', 1300, ({ build, input }, n) => {
    const [x, z] = [input('x', 'atoms', n), input('z', 'atoms', n)];
    return build.select(build.less(x, z), z, build.mul(x, z));
  }),
];

const layout: readonly SizedForm[] = [
  form('sum', 'sum-last', 'width', 1300, ({ build, input }, n) => build.sum(input('x', 'atoms', n), [1])),
  form('sum', 'sum-inner', 'middle', 1300, ({ build, input }, n) => build.sum(input('x', 'atoms', n, 3), [1])),
  form('sum', 'sum-before', 'width', 1300, ({ build, input }, n) => build.sum(input('x', 'atoms', 3, n), [1])),
  form('sum', 'sum-rows', 'width', 1300, ({ build, input }, n) => build.sum(input('x', 'atoms', n), [0])),
  form('sum', 'sum-fixed', 'rows', 1300, ({ build, input }, n) => build.sum(input('x', n, 2), [0])),
  form('transpose', 'transpose-rows', 'width', 1300, ({ build, input }, n) =>
    build.transpose(input('x', 'atoms', n), [1, 0]),
  ),
  ...(
    [
      ['transpose-inner', [0, 2, 1]],
      ['transpose-outer', [2, 0, 1]],
    ] as const
  ).flatMap(([name, order]) => [
    form('transpose', name, 'width', 1300, ({ build, input }, n) => build.transpose(input('x', 'atoms', 3, n), order)),
    form('transpose', name, 'middle', 1300, ({ build, input }, n) => build.transpose(input('x', 'atoms', n, 3), order)),
  ]),
  form('broadcast', 'broadcast-last', 'width', 1300, ({ build, input }, n) =>
    build.broadcast(input('x', 'atoms', 1), ['atoms', n]),
  ),
  form('broadcast', 'broadcast-rows', 'width', 1300, ({ build, input }, n) =>
    build.broadcast(input('x', 1, n), ['atoms', n]),
  ),
  form('broadcast', 'broadcast-inner', 'middle', 1300, ({ build, input }, n) =>
    build.broadcast(input('x', 'atoms', 1, 2), ['atoms', n, 2]),
  ),
  form('slice', 'slice', 'start', 520, ({ build, input }, n) => build.slice(input('x', 'atoms', n + 3), 1, n, n + 2)),
  form('slice', 'slice', 'width', 520, ({ build, input }, n) => build.slice(input('x', 'atoms', n + 2), 1, 1, n + 1)),
  form('pad', 'pad', 'before', 600, ({ build, input }, n) => build.pad(input('x', 'atoms', 2), 1, n, 1)),
  form('pad', 'pad', 'after', 600, ({ build, input }, n) => build.pad(input('x', 'atoms', 2), 1, 0, n)),
  form('pad', 'pad', 'width', 520, ({ build, input }, n) => build.pad(input('x', 'atoms', n), 1, 1, 2)),
  form('concat', 'concat', 'parts', 80, ({ build, input }, n) =>
    build.concat(
      Array.from({ length: n }, (_, i) => input(`x${i % 5}`, 'atoms', 1 + (i % 5))),
      1,
    ),
  ),
  form('concat', 'concat', 'width', 520, ({ build, input }, n) =>
    build.concat([input('z', 'atoms', 2), input('x', 'atoms', n), input('w', 'atoms', 3)], 1),
  ),
  form('reshape', 'reshape', 'width', 900, ({ build, input }, n) =>
    build.neg(build.reshape(input('x', 'atoms', 2 * n), ['atoms', 2, n])),
  ),
];

const products: readonly SizedForm[] = (['nn', 'nt', 'tn'] as const).flatMap((kind) => {
  const matrix = (parts: Parts, k: number, n: number, constant: boolean): Node => {
    if (kind === 'tn') return parts.input('z', 'atoms', n);
    const shape = kind === 'nn' ? [k, n] : [n, k];
    return constant ? parts.parameter('w', ...shape) : parts.input('w', ...shape);
  };
  const plain = (dimension: string, constant: boolean, sizes: (n: number) => [number, number]): SizedForm =>
    form('matmul', `matmul-${kind}${constant ? '-of-parameter' : ''}`, dimension, 1300, (parts, size) => {
      const [k, n] = sizes(size);
      return parts.build.matmul(parts.input('x', 'atoms', k), matrix(parts, k, n, constant), kind);
    });
  const grouped = (dimension: string, sizes: (n: number) => [number, number, number], largest: number): SizedForm =>
    form('matmul', `matmul-${kind}-by-group`, dimension, largest, (parts, size) => {
      const [k, n, g] = sizes(size);
      const b = kind === 'nn' ? [g, k, n] : [g, n, k];
      const second = kind === 'tn' ? parts.input('z', 'atoms', n) : parts.parameter('w', ...b);
      return parts.build.matmul(parts.input('x', 'atoms', k), second, kind, species(g));
    });
  const both = kind === 'tn' ? [false] : [true, false];
  return [
    ...both.flatMap((constant) => [
      plain('inner', constant, (n) => [n, 3]),
      plain('columns', constant, (n) => [3, n]),
      plain('both', constant, (n) => [1 + ((n * 7) % 83), 1 + ((n * 13) % 131)]),
    ]),
    grouped('inner', (n) => [n, 2, 3], 700),
    grouped('columns', (n) => [2, n, 3], 700),
    grouped('groups', (n) => [3, 2, n], 130),
  ];
});

const rows: readonly SizedForm[] = [
  form('gather', 'gather', 'width', 1300, ({ build, input }, n) => build.gather(input('x', 'atoms', n), sender)),
  form('gather', 'gather-of-elements', 'targets', 300, ({ build, input }, n) =>
    build.gather(input('x', n, 2), species(n)),
  ),
  form('segmentSum', 'segment-sum', 'width', 1300, ({ build, input }, n) =>
    build.segmentSum(input('x', 'edges', n), sender),
  ),
  form('segmentSum', 'segment-sum-by-element', 'targets', 300, ({ build, input }, n) =>
    build.segmentSum(input('x', 'atoms', 2), species(n)),
  ),
];

const polynomials: readonly SizedForm[] = [
  polynomial('monomials', 1300, (n) => ({ monomials: n })),
  polynomial('outputs', 260, (n) => ({ outputs: n, monomials: n + 3 })),
  polynomial('components', 260, (n) => ({ components: n, monomials: n + 3 })),
  polynomial('channels', 700, (n) => ({ channels: n })),
  polynomial('operands', 12, (n) => ({ operands: n, monomials: 20 })),
  polynomial('degree', 10, (n) => ({ degree: n })),
];

const tables: readonly SizedForm[] = [
  table('intervals', 600, (n) => ({ intervals: n })),
  table('functions', 600, (n) => ({ functions: n })),
  table('terms', 10, (n) => ({ terms: Math.max(2, n) })),
];

/** A table of functions that are about so large. */
export const scaledTable = (scale: number): SizedForm => table('scale', 1, () => ({ scale }));

export const sizedForms: readonly SizedForm[] = [
  ...pointwise,
  ...layout,
  ...products,
  ...rows,
  ...polynomials,
  ...tables,
];

function form(op: OpName, name: string, dimension: string, largest: number, make: SizedForm['make']): SizedForm {
  return { op, name, dimension, largest, make };
}

interface PolynomialSizes {
  readonly monomials: number;
  readonly outputs: number;
  readonly components: number;
  readonly channels: number;
  readonly operands: number;
  readonly degree: number;
}

function polynomial(dimension: string, largest: number, sizes: (n: number) => Partial<PolynomialSizes>): SizedForm {
  const usual = { monomials: 6, outputs: 3, components: 7, channels: 2, operands: 3, degree: 3 };
  return form('polynomial', 'polynomial', dimension, largest, ({ build, input }, n) => {
    const { monomials, outputs, components, channels, operands, degree } = { ...usual, ...sizes(n) };
    const table = Array.from(
      { length: monomials },
      (_, m): Monomial => ({
        out: m % outputs,
        coefficient: Math.cos(1 + m),
        // Digits of the number of the monomial choose its components, so that all differ.
        factors: Array.from({ length: m === 0 ? degree : Math.min(degree, 1 + (m % 3)) }, (_, f) => ({
          operand: (m + f) % operands,
          component: (f === 0 ? m : Math.floor(m / (f * components)) + f) % components,
        })),
      }),
    );
    const values = Array.from({ length: operands }, (_, i) =>
      input(`x${i}`, 'atoms', components, i === 1 ? 1 : channels),
    );
    return build.polynomial(values, polynomialTable(outputs, table));
  });
}

interface TableSizes {
  readonly intervals: number;
  readonly functions: number;
  readonly terms: number;
  readonly scale: number;
}

function table(dimension: string, largest: number, sizes: (n: number) => Partial<TableSizes>): SizedForm {
  return form('table', 'table', dimension, largest, ({ build, input }, n) => {
    const { intervals, functions, terms, scale } = { intervals: 5, functions: 2, terms: 4, scale: 1, ...sizes(n) };
    const polynomials = Array.from({ length: terms * functions }, (_, i) => scale * Math.sin(1 + 2.3 * i));
    const made = exactTable(polynomials, { functions, terms, range: [0.5, 3], intervals });
    // From 0.6 to 2.9.
    const r = build.shift(build.scale(input('r', 'edges'), 1.15), 1.75);
    const { pieces, shape, attributes, body, slope } = made;
    return build.table(r, build.constant(pieces, shape), { body, slope, order: 0, ...attributes });
  });
}
