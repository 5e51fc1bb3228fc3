/** For each op a graph of any sizes, with inputs: what shows that a fault of a kernel changes a result. */
import { indexMapValues, type RunInputs } from '@mace/core/backend';
import { exactTable } from '@mace/core/generators';
import {
  GraphBuilder,
  polynomialTable,
  type Graph,
  type IndexMap,
  type Monomial,
  type Node,
  type OpName,
} from '@mace/core/ir';
import type { FaultDraw } from './draw.js';

export interface Witness {
  readonly graph: Graph;
  readonly parameters: Readonly<Record<string, Float64Array>>;
  readonly inputs: RunInputs;
}

type Sizes = Readonly<Record<string, number>>;

/** One form of an op: which sizes it has, from the usual to the largest that is drawn, and its graph. */
export interface Form {
  readonly op: OpName;
  readonly name: string;
  readonly sizes: Readonly<Record<string, readonly [usual: number, largest: number]>>;
  /** Magnitudes of operands, for ops number by number. */
  readonly span?: readonly [number, number];
  readonly build: (
    b: GraphBuilder,
    input: (name: string, ...shape: (number | 'atoms' | 'edges')[]) => Node,
    s: Sizes,
  ) => Node;
}

const rows = [3, 50_000] as const;
const wide = [4, 1200] as const;

const unary = (op: 'neg' | 'sqrt' | 'exp' | 'log' | 'sin' | 'cos' | 'tanh', span: readonly [number, number]): Form => ({
  op,
  name: op,
  sizes: { rows, width: wide },
  span,
  build: (b, input, { width }) => b[op](input('x', 'atoms', width!)),
});
const pair = (op: 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'max', span: readonly [number, number]): Form => ({
  op,
  name: op,
  sizes: { rows, width: wide },
  span,
  build: (b, input, { width }) => b[op](input('x', 'atoms', width!), input('z', 'atoms', width!)),
});
const species = (groups: number): IndexMap => ({ name: 'species', from: 'atoms', to: groups });
const sender: IndexMap = { name: 'sender', from: 'edges', to: 'atoms' };

const matmuls = (['nn', 'nt', 'tn'] as const).flatMap((form): Form[] => [
  {
    op: 'matmul',
    name: `matmul ${form}`,
    sizes: { rows: [4, 20_000], inner: [3, 1200], columns: [3, 1200] },
    build: (b, input, { inner, columns }) => {
      const [k, n] = [inner!, columns!];
      const second = form === 'nn' ? input('w', k, n) : form === 'nt' ? input('w', n, k) : input('w', 'atoms', n);
      return b.matmul(input('x', 'atoms', k), second, form);
    },
  },
  {
    op: 'matmul',
    name: `matmul ${form} by group`,
    sizes: { rows: [4, 5000], inner: [3, 700], columns: [3, 700], groups: [3, 120] },
    build: (b, input, { inner, columns, groups }) => {
      const [k, n, g] = [inner!, columns!, groups!];
      const second = form === 'nn' ? input('w', g, k, n) : form === 'nt' ? input('w', g, n, k) : input('w', 'atoms', n);
      return b.matmul(input('x', 'atoms', k), second, form, species(g));
    },
  },
]);

export const forms: readonly Form[] = [
  unary('neg', [1e-3, 1e3]),
  unary('sqrt', [1e-30, 1e30]),
  unary('exp', [1e-3, 80]),
  unary('log', [1e-30, 1e30]),
  unary('sin', [1e-3, 1e4]),
  unary('cos', [1e-3, 1e4]),
  unary('tanh', [1e-3, 300]),
  pair('add', [1e-10, 1e10]),
  pair('sub', [1e-10, 1e10]),
  pair('mul', [1e-10, 1e10]),
  pair('div', [1e-10, 1e10]),
  pair('pow', [0.05, 12]),
  pair('max', [1e-3, 1e3]),
  {
    op: 'less',
    name: 'less',
    sizes: { rows, width: wide },
    build: (b, input, { width }) => {
      const [x, z] = [input('x', 'atoms', width!), input('z', 'atoms', width!)];
      return b.select(b.less(x, z), b.exp(x), b.sub(z, x));
    },
  },
  {
    op: 'select',
    name: 'select',
    sizes: { rows, width: wide },
    build: (b, input, { width }) => {
      const [x, z] = [input('x', 'atoms', width!), input('z', 'atoms', width!)];
      return b.select(b.less(x, z), b.exp(x), b.sub(z, x));
    },
  },
  ...(['last', 'inner', 'rows'] as const).map(
    (axis): Form => ({
      op: 'sum',
      name: `sum over ${axis}`,
      sizes: { rows: [4, 30_000], middle: [3, 700], width: [4, 1200] },
      build: (b, input, { middle, width }) =>
        b.sum(input('x', 'atoms', middle!, width!), [axis === 'last' ? 2 : axis === 'inner' ? 1 : 0]),
    }),
  ),
  ...(
    [
      ['inner', [0, 2, 1]],
      ['outer', [2, 0, 1]],
    ] as const
  ).map(
    ([name, order]): Form => ({
      op: 'transpose',
      name: `transpose ${name}`,
      sizes: { rows: [4, 20_000], middle: [3, 500], width: [4, 1000] },
      build: (b, input, { middle, width }) => b.transpose(input('x', 'atoms', middle!, width!), order),
    }),
  ),
  {
    op: 'broadcast',
    name: 'broadcast inner',
    sizes: { rows, width: wide },
    build: (b, input, { width }) => b.broadcast(input('x', 'atoms', 1), ['atoms', width!]),
  },
  {
    op: 'broadcast',
    name: 'broadcast rows',
    sizes: { rows, width: wide },
    build: (b, input, { width }) => b.broadcast(input('x', 1, width!), ['atoms', width!]),
  },
  {
    op: 'slice',
    name: 'slice',
    sizes: { rows, start: [1, 700], width: [3, 700] },
    build: (b, input, { start, width }) =>
      b.slice(input('x', 'atoms', start! + width! + 1), 1, start!, start! + width!),
  },
  {
    op: 'pad',
    name: 'pad',
    sizes: { rows, before: [1, 300], width: [3, 700] },
    build: (b, input, { before, width }) => b.pad(input('x', 'atoms', width!), 1, before!, 2),
  },
  {
    op: 'concat',
    name: 'concat',
    sizes: { rows, parts: [3, 60], width: [2, 500] },
    build: (b, input, { parts, width }) =>
      b.concat(
        Array.from({ length: parts! }, (_, i) => input(`x${i}`, 'atoms', i === 0 ? width! : 1 + (i % 3))),
        1,
      ),
  },
  ...matmuls,
  {
    op: 'gather',
    name: 'gather',
    sizes: { rows: [7, 60_000], targets: [4, 60_000], width: [3, 1200] },
    build: (b, input, { width }) => b.gather(input('x', 'atoms', width!), sender),
  },
  {
    op: 'segmentSum',
    name: 'segmentSum',
    sizes: { rows: [9, 60_000], targets: [4, 60_000], width: [3, 1200], longest: [4, 5000] },
    build: (b, input, { width }) => b.segmentSum(input('x', 'edges', width!), sender),
  },
  {
    op: 'polynomial',
    name: 'polynomial',
    sizes: {
      rows: [3, 5000],
      monomials: [6, 1500],
      outputs: [3, 300],
      components: [4, 300],
      channels: [3, 600],
      operands: [2, 6],
      degree: [2, 6],
    },
    build: (b, input, { monomials, outputs, components, channels, operands, degree }) => {
      const table = Array.from(
        { length: monomials! },
        (_, m): Monomial => ({
          out: m % outputs!,
          coefficient: Math.cos(1 + m),
          factors: Array.from({ length: m === 0 ? degree! : 1 + (m % Math.min(degree!, 3)) }, (_, f) => ({
            operand: (m + f) % operands!,
            component: (m * 7 + f * 3 + Math.floor(m / components!)) % components!,
          })),
        }),
      );
      return b.polynomial(
        Array.from({ length: operands! }, (_, i) => input(`x${i}`, 'atoms', components!, i === 1 ? 1 : channels!)),
        polynomialTable(outputs!, table),
      );
    },
  },
  {
    op: 'table',
    name: 'table',
    sizes: { rows: [5, 30_000], intervals: [5, 600], terms: [4, 9], functions: [3, 500] },
    build: (b, input, { intervals, terms, functions }) => {
      const sizes = { range: [0.5, 3] as const, intervals: intervals!, functions: functions!, terms: terms! };
      const polynomials = Array.from({ length: terms! * functions! }, (_, i) => Math.sin(1 + 2.3 * i));
      const { pieces, shape, attributes, body, slope } = exactTable(polynomials, sizes);
      return b.table(input('r', 'edges'), b.constant(pieces, shape), { body, slope, order: 0, ...attributes });
    },
  },
];

/** A graph of a form with these sizes, and random inputs. @param special - numbers to be found among the inputs */
export function witnessOf(form: Form, chosen: Sizes, draw: FaultDraw, special: readonly number[] = []): Witness {
  const sizes = {
    ...Object.fromEntries(Object.entries(form.sizes).map(([name, [usual]]) => [name, usual])),
    ...chosen,
  };
  const b = new GraphBuilder();
  const y = form.build(b, (name, ...shape) => b.input(name, shape), sizes);
  const graph = b.finish('witness', { y });
  const byEdges = graph.maps.some(({ name }) => name === 'sender');
  const ofRows = Math.max(sizes.rows!, sizes.longest ?? 0);
  const dims = { atoms: byEdges ? sizes.targets! : sizes.rows!, edges: ofRows, graphs: 1 };
  const positive = form.op === 'sqrt' || form.op === 'log' || form.op === 'pow';
  const number = (name: string): number =>
    name === 'r' ? 0.6 + 2.3 * draw.number() : positive ? 0.4 + draw.number() : draw.symmetric(1.5);
  return {
    graph,
    parameters: {},
    inputs: {
      dims,
      maps: Object.fromEntries(
        graph.maps.map(({ name, from, to }) => {
          const [size, targets] = [from, to].map((dim) => (typeof dim === 'number' ? dim : dims[dim])) as [
            number,
            number,
          ];
          const values = Int32Array.from({ length: size }, (_, i) =>
            i < (sizes.longest ?? 0) ? targets - 1 : draw.integer(targets),
          );
          return [name, indexMapValues(values, targets)];
        }),
      ),
      values: Object.fromEntries(
        graph.inputs.map(({ attributes: { name }, type }) => {
          const length = type.shape
            .map((dim) => (typeof dim === 'number' ? dim : dims[dim]))
            .reduce((a, c) => a * c, 1);
          const values = Float64Array.from({ length }, () => number(name));
          special.forEach((x, i) => i < length && (values[(i * 3) % length] = x));
          return [name, values];
        }),
      ),
    },
  };
}
