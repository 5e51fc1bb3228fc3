/** Rewrite rules of sums, products, index maps and polynomials: zeros stop here, known operands become coefficients. */
import { sumValues } from './constant-values.js';
import { sameShape } from './infer.js';
import { polynomialTable } from './polynomial.js';
import { fill, fixedShape, product, uniformValue, type Rule, type RuleTable } from './simplify-known.js';
import type { Monomial, Node } from './types.js';

const sumRules: readonly Rule<'sum'>[] = [
  ({ operands: [x], attributes: { axes }, type }, build) => {
    const value = uniformValue(x);
    if (value === 0) return fill(build, 0, type.shape);
    const counts = fixedShape(axes.map((axis) => x.type.shape[axis]!));
    if (!counts) return undefined;
    if (value !== undefined)
      return Number.isFinite(value * product(counts)) ? fill(build, value * product(counts), type.shape) : undefined;
    if (x.op !== 'constant' || x.attributes.values.length > build.foldLimit) return undefined;
    const values = sumValues(x.attributes.values, x.type.shape as number[], axes);
    return values.every(Number.isFinite) ? build.constant(values, type.shape) : undefined;
  },
  // Over axes of size 1: a reshape.
  ({ operands: [x], attributes: { axes }, type }, build) => {
    const real = axes.filter((axis) => x.type.shape[axis] !== 1);
    return real.length < axes.length ? build.reshape(build.sum(x, real), type.shape) : undefined;
  },
  ({ operands: [x], attributes: { axes } }, build) => {
    if (x.op !== 'sum') return undefined;
    const inner = x.attributes.axes;
    const left = x.operands[0].type.shape.map((_, axis) => axis).filter((axis) => !inner.includes(axis));
    return build.sum(
      x.operands[0],
      [...inner, ...axes.map((axis) => left[axis]!)].sort((a, b) => a - b),
    );
  },
  // Over an axis that was broadcast to n: n times.
  ({ operands: [x], attributes: { axes } }, build) => {
    if (x.op !== 'broadcast') return undefined;
    const source = x.operands[0];
    const grown = axes.filter(
      (axis) => source.type.shape[axis] === 1 && typeof x.type.shape[axis] === 'number' && x.type.shape[axis] !== 1,
    );
    if (grown.length === 0) return undefined;
    const count = product(grown.map((axis) => x.type.shape[axis] as number));
    return build.scale(
      build.sum(
        build.broadcast(
          source,
          x.type.shape.map((dim, axis) => (grown.includes(axis) ? 1 : dim)),
        ),
        axes,
      ),
      count,
    );
  },
];

const matmulRule: Rule<'matmul'> = ({ operands: [a, b], attributes: { form, group }, type }, build) => {
  if (uniformValue(a) === 0 || uniformValue(b) === 0) return fill(build, 0, type.shape);
  const swapped = group ? [0, 2, 1] : [1, 0];
  if (form === 'tn' || b.op !== 'transpose' || !sameShape(b.attributes.order, swapped)) return undefined;
  return build.matmul(a, b.operands[0], form === 'nn' ? 'nt' : 'nn', group);
};

const gatherRule: Rule<'gather'> = ({ operands: [x], attributes: { map }, type }, build) => {
  if (x.op !== 'broadcast')
    return uniformValue(x) === undefined ? undefined : fill(build, uniformValue(x)!, type.shape);
  const source = x.operands[0];
  if (source.type.shape[0] === 1) return build.broadcast(source, type.shape);
  return build.broadcast(build.gather(source, map), type.shape);
};

const segmentSumRule: Rule<'segmentSum'> = ({ operands: [x], attributes: { map }, type }, build) => {
  if (uniformValue(x) === 0) return fill(build, 0, type.shape);
  if (x.op !== 'broadcast' || x.operands[0].type.shape[0] !== map.from) return undefined;
  return build.broadcast(build.segmentSum(x.operands[0], map), type.shape);
};

/** Known operands go into the coefficients, equal operands merge, unused ones go. */
const polynomialRule: Rule<'polynomial'> = ({ operands, attributes: { table }, type }, build) => {
  const columns = operands.map(columnValues);
  const used = new Set<Node>();
  for (const { factors } of table.monomials)
    for (const f of factors) if (!columns[f.operand]) used.add(operands[f.operand]!);
  const kept = operands.filter((operand, i) => used.has(operand) && operands.indexOf(operand) === i);
  if (table.monomials.length === 0) return fill(build, 0, type.shape);
  if (kept.length === operands.length) return isIdentity(table.monomials, table.outputs, kept) ? kept[0] : undefined;
  const monomials = table.monomials.map(
    ({ out, coefficient, factors }): Monomial => ({
      out,
      coefficient: factors.reduce((all, f) => all * (columns[f.operand]?.[f.component] ?? 1), coefficient),
      factors: factors
        .filter((f) => !columns[f.operand])
        .map((f) => ({ operand: kept.indexOf(operands[f.operand]!), component: f.component })),
    }),
  );
  const merged = polynomialTable(table.outputs, monomials);
  if (!merged.monomials.every((m) => Number.isFinite(m.coefficient))) return undefined;
  if (kept.length > 0) return build.broadcast(build.polynomial(kept, merged), type.shape);
  const column = new Array<number>(table.outputs).fill(0);
  for (const { out, coefficient } of merged.monomials) column[out]! += coefficient;
  return build.broadcast(build.constant(column, [1, table.outputs, 1]), type.shape);
};

/** The numbers of a value [rows components channels] that has the same ones in all rows and channels. */
function columnValues(node: Node): readonly number[] | undefined {
  const components = node.type.shape[1] as number;
  const value = uniformValue(node);
  if (value !== undefined) return new Array<number>(components).fill(value);
  const source = node.op === 'broadcast' ? node.operands[0] : node;
  return source.op === 'constant' && source.type.shape[0] === 1 && source.type.shape[2] === 1
    ? source.attributes.values
    : undefined;
}

function isIdentity(monomials: readonly Monomial[], outputs: number, operands: readonly Node[]): boolean {
  return (
    operands.length === 1 &&
    operands[0]!.type.shape[1] === outputs &&
    monomials.length === outputs &&
    monomials.every(
      ({ out, coefficient, factors }, i) =>
        out === i && coefficient === 1 && factors.length === 1 && factors[0]!.component === i,
    )
  );
}

/** Rules of reductions, linear algebra, index maps and polynomials. */
export const linearRules: RuleTable = {
  sum: sumRules,
  matmul: [matmulRule],
  gather: [gatherRule],
  segmentSum: [segmentSumRule],
  polynomial: [polynomialRule],
};
