/**
 * What each op is made of, for `legalize`: one entry per op that can be made of others. An entry may use ops that
 * are themselves decomposed, as long as it ends at the primitive ones.
 *
 * Correct for finite values and never fast: selection by a matrix of zeros and ones spreads a NaN over its row.
 */
import type { GraphBuilder } from './builder.js';
import type { Dim, Factor, Graph, Node, NodeOf, OpAttributes, OpName, Type } from './types.js';

/** What decompositions build with: a builder whose every node the backend supports. */
export interface DecomposingBuilder extends GraphBuilder {
  /** Whether the op can be used as it is, for decompositions that have a choice. */
  can<K extends OpName>(op: K, operands: readonly Node[], attributes: OpAttributes[K], declared: Type): boolean;
}

/** Makes the value of a node from other ops. */
export type Decomposition<K extends OpName> = (node: NodeOf<K>, build: DecomposingBuilder) => Node;

/** The decomposition of each op that has one. */
export const decompositions: { readonly [K in OpName]?: Decomposition<K> } = {
  neg: ({ operands: [x] }, build) => build.mul(x, build.fill(-1, x)),
  sqrt: ({ operands: [x] }, build) => build.pow(x, build.fill(0.5, x)),
  // cos x = 1 − 2 sin²(x/2): unlike sin(x + π/2), nothing is rounded before the sine.
  cos: ({ operands: [x] }, build) => {
    const half = build.sin(build.scale(x, 0.5));
    return build.shift(build.scale(build.mul(half, half), -2), 1);
  },
  // tanh x = 1 − 2 / (e²ˣ + 1): overflow gives 1; accurate to rounding of 1, not of x.
  tanh: ({ operands: [x] }, build) =>
    build.sub(build.fill(1, x), build.div(build.fill(2, x), build.shift(build.exp(build.scale(x, 2)), 1))),
  sub: ({ operands: [a, b] }, build) => build.add(a, build.neg(b)),
  div: ({ operands: [a, b] }, build) => build.mul(a, build.pow(b, build.fill(-1, b))),
  max: ({ operands: [a, b] }, build) => build.select(build.less(a, b), b, a),

  slice: ({ operands: [x], attributes: { axis, start, stop } }, build) => {
    if (x.type.kind === 'mask') return asMask(build, build.slice(asReal(build, x), axis, start, stop));
    const size = x.type.shape[axis] as number;
    return alongAxis(build, x, axis, size, stop - start, (row, column) => row === column + start);
  },
  pad: ({ operands: [x], attributes: { axis, before, after } }, build) => {
    const zeros = (size: number): Node[] => (size === 0 ? [] : [zerosLike(build, x, axis, size)]);
    const parts = [...zeros(before), x, ...zeros(after)];
    if (build.can('concat', parts, { axis }, x.type)) return build.concat(parts, axis);
    const size = x.type.shape[axis] as number;
    return alongAxis(build, x, axis, size, before + size + after, (row, column) => row + before === column);
  },
  concat: ({ operands, attributes: { axis }, type }, build) => {
    if (type.kind === 'mask')
      return asMask(
        build,
        build.concat(
          operands.map((x) => asReal(build, x)),
          axis,
        ),
      );
    const total = type.shape[axis] as number;
    let before = 0;
    return operands
      .map((x) => {
        const start = before;
        before += x.type.shape[axis] as number;
        return build.pad(x, axis, start, total - before);
      })
      .reduce((sum, part) => build.add(sum, part));
  },

  matmul: (node, build) => {
    const { form } = node.attributes;
    return form === 'nt'
      ? transposedMatrix(node, build)
      : form === 'tn'
        ? outerProducts(node, build)
        : grouped(node, build);
  },
  polynomial: (node, build) => polynomial(node, build),
  table: ({ operands: [distance], attributes: { body } }, build) =>
    inlined(body, [distance], Object.keys(body.outputs)[0]!, build),
  call: ({ operands, attributes: { body, output } }, build) => inlined(body, operands, output, build),
};

/** One output of a body with its inputs replaced. */
function inlined(body: Graph, operands: readonly Node[], output: string, build: DecomposingBuilder): Node {
  const replace = new Map<Node, Node>(body.inputs.map((input, i) => [input, operands[i]!]));
  return build.import({ ...body, outputs: { [output]: body.outputs[output]! } }, replace)[output]!;
}

/** Multiplies axis `axis` of `x`, of `size`, by a matrix of zeros and ones. */
function alongAxis(
  build: DecomposingBuilder,
  x: Node,
  axis: number,
  size: number,
  columns: number,
  one: (row: number, column: number) => boolean,
): Node {
  const rank = x.type.shape.length;
  // Swapping two axes is its own inverse.
  const order = x.type.shape.map((_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
  const values: number[] = [];
  for (let row = 0; row < size; row++)
    for (let column = 0; column < columns; column++) values.push(one(row, column) ? 1 : 0);
  return build.transpose(build.matmul(build.transpose(x, order), build.constant(values, [size, columns])), order);
}

function zerosLike(build: DecomposingBuilder, x: Node, axis: number, size: number): Node {
  const shape = x.type.shape.map((dim, i) => (i === axis ? size : dim));
  return build.broadcast(
    build.constant(
      [0],
      shape.map(() => 1),
    ),
    shape,
  );
}

function asReal(build: DecomposingBuilder, mask: Node): Node {
  const ones = build.broadcast(
    build.constant(
      [1],
      mask.type.shape.map(() => 1),
    ),
    mask.type.shape,
  );
  return build.select(mask, ones, build.fill(0, ones));
}

function asMask(build: DecomposingBuilder, x: Node): Node {
  return build.less(build.fill(0.5, x), x);
}

function transposedMatrix(
  { operands: [a, b], attributes: { group } }: NodeOf<'matmul'>,
  build: DecomposingBuilder,
): Node {
  return build.matmul(a, build.transpose(b, group ? [0, 2, 1] : [1, 0]), 'nn', group);
}

/** Σ over rows of a ⊗ b, over the rows of each group if there are groups. */
function outerProducts({ operands: [a, b], attributes: { group } }: NodeOf<'matmul'>, build: DecomposingBuilder): Node {
  const leading = a.type.shape.slice(0, -1);
  const rank = leading.length;
  const shape: Dim[] = [...leading, a.type.shape[rank]!, b.type.shape[rank]!];
  const rows = leading.map((_, axis) => axis);
  const outer = build.mul(build.expand(a, shape, [...rows, rank]), build.expand(b, shape, [...rows, rank + 1]));
  return group ? build.segmentSum(build.sum(outer, rows.slice(1)), group) : build.sum(outer, rows);
}

/**
 * a[rows …, K] · b[group(row), K, N]. Few groups: a is spread over [groups K], zero outside its own group, and one plain
 * matmul does the rest. Many, or a single column: each row gets its own copy of the matrix.
 */
function grouped({ operands: [a, b], attributes: { group } }: NodeOf<'matmul'>, build: DecomposingBuilder): Node {
  if (!group) return build.make('matmul', [a, b], { form: 'nn' }, a.type);
  const leading = a.type.shape.slice(0, -1);
  const rank = leading.length;
  const [groups, inner, columns] = b.type.shape as readonly [Dim, number, number];
  const axes = leading.map((_, axis) => axis);
  if (typeof groups === 'number' && groups <= columns && columns > 1) {
    const identity = Array.from({ length: groups * groups }, (_, i) => (i % (groups + 1) === 0 ? 1 : 0));
    const member = build.gather(build.constant(identity, [groups, groups]), group);
    const shape = [...leading, groups, inner];
    const spread = build.mul(build.expand(a, shape, [...axes, rank + 1]), build.expand(member, shape, [0, rank]));
    return build.matmul(
      build.reshape(spread, [...leading, groups * inner]),
      build.reshape(b, [groups * inner, columns]),
    );
  }
  const shape = [...leading, inner, columns];
  const matrices = build.expand(build.gather(b, group), shape, [0, rank, rank + 1]);
  return build.sum(build.mul(build.expand(a, shape, [...axes, rank]), matrices), [rank]);
}

/**
 * Per degree d: d matrices select the factors of the T distinct terms, [rows C T] each; their product times the
 * coefficients [T outputs] is the part of that degree.
 */
function polynomial({ operands, attributes: { table }, type }: NodeOf<'polynomial'>, build: DecomposingBuilder): Node {
  const [rows, outputs, channels] = type.shape as readonly [Dim, number, number];
  const turned = [rows, channels, outputs];
  const columns = operands.map((x) => build.transpose(x, [0, 2, 1]));
  const selected = (terms: readonly (readonly Factor[])[], slot: number): Node => {
    const shape = [rows, channels, terms.length];
    const used = [...new Set(terms.map((factors) => factors[slot]!.operand))];
    return used
      .map((operand) => {
        const size = operands[operand]!.type.shape[1] as number;
        const matrix = new Array<number>(size * terms.length).fill(0);
        terms.forEach((factors, t) => {
          const { operand: of, component } = factors[slot]!;
          if (of === operand) matrix[component * terms.length + t] = 1;
        });
        return build.broadcast(build.matmul(columns[operand]!, build.constant(matrix, [size, terms.length])), shape);
      })
      .reduce((sum, part) => build.add(sum, part));
  };
  const byDegree = new Map<number, Map<string, { factors: readonly Factor[]; coefficients: number[] }>>();
  for (const { out, coefficient, factors } of table.monomials) {
    let terms = byDegree.get(factors.length);
    if (!terms) byDegree.set(factors.length, (terms = new Map()));
    const key = factors.map((f) => `${f.operand}.${f.component}`).join(' ');
    let term = terms.get(key);
    if (!term) terms.set(key, (term = { factors, coefficients: new Array<number>(outputs).fill(0) }));
    term.coefficients[out]! += coefficient;
  }
  const parts = [...byDegree].map(([degree, terms]) => {
    const list = [...terms.values()];
    const coefficients = list.flatMap((term) => term.coefficients);
    if (degree === 0) return build.broadcast(build.constant(coefficients, [1, 1, outputs]), turned);
    const factors = list.map((term) => term.factors);
    const products = Array.from({ length: degree }, (_, slot) => selected(factors, slot)).reduce((all, factor) =>
      build.mul(all, factor),
    );
    return build.matmul(products, build.constant(coefficients, [list.length, outputs]));
  });
  if (parts.length === 0) return build.broadcast(build.constant([0], [1, 1, 1]), type.shape);
  return build.transpose(
    parts.reduce((sum, part) => build.add(sum, part)),
    [0, 2, 1],
  );
}
