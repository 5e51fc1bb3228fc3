/**
 * The rewrite rules of `simplify`, by op. A rule sees a node whose operands are in normal form, looks at them and
 * never at users, and returns what to use instead, made through the same builder, or nothing.
 *
 * A uniform value (one number everywhere) has one form: a constant of size 1, broadcast. Zeros are uniform values.
 */
import { broadcastValues, padValues, sliceValues, sumValues, transposeValues } from './constant-values.js';
import { sameShape, sameType } from './infer.js';
import { polynomialTable } from './polynomial.js';
import type { SimplifyingBuilder } from './simplify.js';
import type { Monomial, Node, NodeOf, OpName, Shape } from './types.js';

export type Rule<K extends OpName> = (node: NodeOf<K>, build: SimplifyingBuilder) => Node | undefined;
type RuleTable = { readonly [K in OpName]?: readonly Rule<K>[] };
type UnaryName = 'neg' | 'sqrt' | 'exp' | 'log' | 'sin' | 'cos' | 'tanh';
type PairName = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'max';

const unaryFunctions: Readonly<Record<UnaryName, (x: number) => number>> = {
  neg: (x) => -x, sqrt: Math.sqrt, exp: Math.exp, log: Math.log, sin: Math.sin, cos: Math.cos, tanh: Math.tanh,
};
const pairFunctions: Readonly<Record<PairName, (a: number, b: number) => number>> = {
  add: (a, b) => a + b, sub: (a, b) => a - b, mul: (a, b) => a * b, div: (a, b) => a / b, pow: (a, b) => a ** b, max: (a, b) => Math.max(a, b),
};

/** The number that a value has everywhere, if it is known to be one number. */
export function uniformValue(node: Node): number | undefined {
  const source = node.op === 'broadcast' ? node.operands[0] : node;
  if (source.op !== 'constant') return undefined;
  const { values } = source.attributes;
  return values.length > 0 && values.every((value) => Object.is(value, values[0])) ? values[0] : undefined;
}

function fill(build: SimplifyingBuilder, value: number, shape: Shape): Node {
  return build.broadcast(build.constant([value], shape.map(() => 1)), shape);
}

/** All values of a constant or of a broadcast constant of fixed size, unless there are too many. */
function knownValues(node: Node, limit: number): readonly number[] | undefined {
  if (node.op === 'constant') return node.attributes.values.length <= limit ? node.attributes.values : undefined;
  if (node.op !== 'broadcast' || node.operands[0].op !== 'constant') return undefined;
  const shape = fixedShape(node.type.shape);
  if (!shape || product(shape) > limit) return undefined;
  return broadcastValues(node.operands[0].attributes.values, node.operands[0].type.shape as number[], shape);
}

function fixedShape(shape: Shape): readonly number[] | undefined {
  return shape.every((dim) => typeof dim === 'number') ? (shape as readonly number[]) : undefined;
}

function product(factors: readonly number[]): number {
  return factors.reduce((all, factor) => all * factor, 1);
}

/** A pointwise op on known numbers; not if the result would not be finite. */
function folded(node: Node, build: SimplifyingBuilder, apply: (...values: number[]) => number): Node | undefined {
  const operands = node.operands as readonly Node[];
  const uniform = operands.map(uniformValue);
  if (uniform.every((value) => value !== undefined)) {
    const value = apply(...(uniform as number[]));
    return Number.isFinite(value) ? fill(build, value, node.type.shape) : undefined;
  }
  const known = operands.map((operand) => knownValues(operand, build.foldLimit));
  if (!known.every((values) => values !== undefined)) return undefined;
  const values = known[0]!.map((_, i) => apply(...known.map((each) => each![i]!)));
  return values.every(Number.isFinite) ? build.constant(values, node.type.shape) : undefined;
}

/** f(broadcast a, broadcast b) → broadcast f(a, b): less work, for any operands. */
function insideBroadcast(node: Node, build: SimplifyingBuilder): Node | undefined {
  const operands = node.operands as readonly Node[];
  const sources = operands.filter((operand) => uniformValue(operand) === undefined);
  const first = sources[0];
  if (!first || !sources.every((operand) => operand.op === 'broadcast')) return undefined;
  const shape = (first.operands[0] as Node).type.shape;
  if (!sources.every((operand) => sameShape((operand.operands[0] as Node).type.shape, shape))) return undefined;
  const inner = operands.map((operand) => {
    const value = uniformValue(operand);
    return value === undefined ? (operand.operands[0] as Node) : fill(build, value, shape);
  });
  return build.broadcast(build.make(node.op, inner, node.attributes, { kind: 'real', shape }), node.type.shape);
}

function unary<K extends UnaryName>(name: K, ...more: readonly Rule<K>[]): readonly Rule<K>[] {
  return [(node, build) => folded(node, build, unaryFunctions[name] as (...values: number[]) => number), ...more, insideBroadcast];
}

function pair<K extends PairName>(name: K, ...more: readonly Rule<K>[]): readonly Rule<K>[] {
  return [(node, build) => folded(node, build, pairFunctions[name] as (...values: number[]) => number), ...more, insideBroadcast];
}

/** Puts a uniform operand of a commutative op second. */
function uniformSecond(op: 'add' | 'mul'): Rule<'add' | 'mul'> {
  return ({ operands: [a, b] }, build) => (uniformValue(a) !== undefined && uniformValue(b) === undefined ? build[op](b, a) : undefined);
}

/** y and c if the node is y·c with a uniform c. */
function scaled(node: Node): { readonly of: Node; readonly by: number } | undefined {
  if (node.op === 'neg') return { of: node.operands[0], by: -1 };
  if (node.op !== 'mul') return undefined;
  const by = uniformValue(node.operands[1]);
  return by === undefined ? undefined : { of: node.operands[0], by };
}

const negRule: Rule<'neg'> = ({ operands: [x], type }, build) => {
  if (x.op === 'neg') return x.operands[0];
  if (x.op === 'sub') return build.sub(x.operands[1], x.operands[0]);
  const scale = scaled(x);
  return scale && build.mul(scale.of, fill(build, -scale.by, type.shape));
};

const addRule: Rule<'add'> = ({ operands: [a, b] }, build) => {
  if (uniformValue(b) === 0) return a;
  if (b.op === 'neg') return build.sub(a, b.operands[0]);
  if (a.op === 'neg') return build.sub(b, a.operands[0]);
  return undefined;
};

const subRule: Rule<'sub'> = ({ operands: [a, b] }, build) => {
  if (uniformValue(b) === 0) return a;
  if (uniformValue(a) === 0) return build.neg(b);
  return b.op === 'neg' ? build.add(a, b.operands[0]) : undefined;
};

const mulRule: Rule<'mul'> = ({ operands: [a, b], type }, build) => {
  const by = uniformValue(b);
  if (by === undefined) return a.op === 'neg' && b.op === 'neg' ? build.mul(a.operands[0], b.operands[0]) : undefined;
  if (by === 0) return fill(build, 0, type.shape);
  if (by === 1) return a;
  if (by === -1) return build.neg(a);
  const inner = scaled(a);
  const both = inner ? inner.by * by : 0;
  // A product that over- or underflows is left as it was.
  return inner && both !== 0 && Number.isFinite(both) ? build.mul(inner.of, fill(build, both, type.shape)) : undefined;
};

const divRule: Rule<'div'> = ({ operands: [a, b] }, build) => {
  const by = uniformValue(b);
  return by === 1 ? a : by === -1 ? build.neg(a) : undefined;
};

/** Small powers become products: exact for negative bases, which `pow` is not on every device. */
const powRule: Rule<'pow'> = ({ operands: [x, exponent], type }, build) => {
  switch (uniformValue(exponent)) {
    case 0: return fill(build, 1, type.shape);
    case 1: return x;
    case 2: return build.mul(x, x);
    case 0.5: return build.sqrt(x);
    case -1: return build.div(fill(build, 1, type.shape), x);
    default: return undefined;
  }
};

const selectRule: Rule<'select'> = ({ operands: [mask, a, b], type }, build) => {
  if (a === b) return a;
  if (mask.op !== 'less') return undefined;
  const [left, right] = mask.operands.map(uniformValue);
  if (left !== undefined && right !== undefined) return left < right ? a : b;
  const known = [...mask.operands, a, b].map((operand) => knownValues(operand, build.foldLimit));
  if (!known.every((values) => values !== undefined)) return undefined;
  const [x, y, yes, no] = known as readonly (readonly number[])[];
  return build.constant(x!.map((value, i) => (value < y![i]! ? yes![i]! : no![i]!)), type.shape);
};

const sumRules: readonly Rule<'sum'>[] = [
  ({ operands: [x], attributes: { axes }, type }, build) => {
    const value = uniformValue(x);
    if (value === 0) return fill(build, 0, type.shape);
    const counts = fixedShape(axes.map((axis) => x.type.shape[axis]!));
    if (!counts) return undefined;
    if (value !== undefined) return Number.isFinite(value * product(counts)) ? fill(build, value * product(counts), type.shape) : undefined;
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
    return build.sum(x.operands[0], [...inner, ...axes.map((axis) => left[axis]!)].sort((a, b) => a - b));
  },
  // Over an axis that was broadcast to n: n times.
  ({ operands: [x], attributes: { axes } }, build) => {
    if (x.op !== 'broadcast') return undefined;
    const source = x.operands[0];
    const grown = axes.filter((axis) => source.type.shape[axis] === 1 && typeof x.type.shape[axis] === 'number' && x.type.shape[axis] !== 1);
    if (grown.length === 0) return undefined;
    const count = product(grown.map((axis) => x.type.shape[axis] as number));
    return build.scale(build.sum(build.broadcast(source, x.type.shape.map((dim, axis) => (grown.includes(axis) ? 1 : dim))), axes), count);
  },
];

const reshapeRule: Rule<'reshape'> = ({ operands: [x], type }, build) => {
  if (x.op === 'reshape') return build.reshape(x.operands[0], type.shape);
  const value = uniformValue(x);
  if (value !== undefined) return fill(build, value, type.shape);
  return x.op === 'constant' ? build.constant(x.attributes.values, type.shape) : undefined;
};

const transposeRule: Rule<'transpose'> = ({ operands: [x], attributes: { order }, type }, build) => {
  const value = uniformValue(x);
  if (value !== undefined) return fill(build, value, type.shape);
  if (x.op === 'transpose') return build.transpose(x.operands[0], order.map((axis) => x.attributes.order[axis]!));
  const moved = order.filter((axis) => x.type.shape[axis] !== 1);
  if (moved.every((axis, i) => i === 0 || axis > moved[i - 1]!)) return build.reshape(x, type.shape);
  if (x.op === 'broadcast') return build.broadcast(build.transpose(x.operands[0], order), type.shape);
  if (x.op !== 'constant' || x.attributes.values.length > build.foldLimit) return undefined;
  return build.constant(transposeValues(x.attributes.values, x.type.shape as number[], order), type.shape);
};

const broadcastRule: Rule<'broadcast'> = ({ operands: [x], type }, build) => {
  if (x.op === 'broadcast') return build.broadcast(x.operands[0], type.shape);
  const value = uniformValue(x);
  return value !== undefined && x.type.shape.some((dim) => dim !== 1) ? fill(build, value, type.shape) : undefined;
};

const sliceRule: Rule<'slice'> = ({ operands: [x], attributes: { axis, start, stop }, type }, build) => {
  const value = uniformValue(x);
  if (value !== undefined) return fill(build, value, type.shape);
  switch (x.op) {
    case 'slice':
      return x.attributes.axis === axis ? build.slice(x.operands[0], axis, x.attributes.start + start, x.attributes.start + stop) : undefined;
    case 'broadcast': {
      const source = x.operands[0];
      return build.broadcast(source.type.shape[axis] === 1 ? source : build.slice(source, axis, start, stop), type.shape);
    }
    case 'pad': {
      if (x.attributes.axis !== axis) return undefined;
      const { before } = x.attributes;
      const size = x.operands[0].type.shape[axis] as number;
      const [from, to] = [Math.max(start - before, 0), Math.min(stop - before, size)];
      if (from >= to) return fill(build, 0, type.shape);
      return build.pad(build.slice(x.operands[0], axis, from, to), axis, from + before - start, stop - before - to);
    }
    case 'concat': {
      if (x.attributes.axis !== axis) return undefined;
      let at = 0;
      let first = 0;
      const touched = x.operands.filter((part) => {
        const [from, to] = [at, (at += part.type.shape[axis] as number)];
        if (to <= start) first = to;
        return to > start && from < stop;
      });
      if (touched.length === 0 || touched.length === x.operands.length) return undefined;
      return build.slice(build.concat(touched, axis), axis, start - first, stop - first);
    }
    case 'constant':
      return build.constant(sliceValues(x.attributes.values, x.type.shape as number[], axis, start, stop), type.shape);
    default:
      return undefined;
  }
};

const padRule: Rule<'pad'> = ({ operands: [x], attributes: { axis, before, after }, type }, build) => {
  if (uniformValue(x) === 0) return fill(build, 0, type.shape);
  if (x.op === 'pad' && x.attributes.axis === axis) return build.pad(x.operands[0], axis, x.attributes.before + before, x.attributes.after + after);
  const shape = fixedShape(type.shape);
  if (x.op !== 'constant' || !shape || product(shape) > build.foldLimit) return undefined;
  return build.constant(padValues(x.attributes.values, x.type.shape as number[], axis, before, after), type.shape);
};

const concatRules: readonly Rule<'concat'>[] = [
  // Nested, empty and adjoining parts.
  ({ operands, attributes: { axis } }, build) => {
    const parts: Node[] = [];
    for (const part of operands.flatMap((each) => (each.op === 'concat' && each.attributes.axis === axis ? each.operands : [each]))) {
      const merged = parts.length > 0 ? joined(parts[parts.length - 1]!, part, axis, build) : undefined;
      if (merged) parts[parts.length - 1] = merged;
      else if (part.type.shape[axis] !== 0) parts.push(part);
    }
    return parts.length > 0 && (parts.length !== operands.length || parts.some((part, i) => part !== operands[i])) ? build.concat(parts, axis) : undefined;
  },
  // Zeros around one part: a pad.
  ({ operands, attributes: { axis } }, build) => {
    const content = operands.findIndex((part) => uniformValue(part) !== 0);
    const [only] = operands.slice(content);
    if (content < 0 || only!.type.kind !== 'real' || !operands.every((part, i) => i === content || uniformValue(part) === 0)) return undefined;
    const size = (parts: readonly Node[]): number => parts.reduce((sum, part) => sum + (part.type.shape[axis] as number), 0);
    return build.pad(only!, axis, size(operands.slice(0, content)), size(operands.slice(content + 1)));
  },
];

/** Two adjoining parts as one, if both are slices of one value that meet, or the same number everywhere. */
function joined(a: Node, b: Node, axis: number, build: SimplifyingBuilder): Node | undefined {
  const value = uniformValue(a);
  if (value !== undefined && Object.is(value, uniformValue(b))) {
    return fill(build, value, a.type.shape.map((dim, i) => (i === axis ? (dim as number) + (b.type.shape[axis] as number) : dim)));
  }
  if (a.op !== 'slice' || b.op !== 'slice' || a.operands[0] !== b.operands[0]) return undefined;
  const meets = a.attributes.axis === axis && b.attributes.axis === axis && a.attributes.stop === b.attributes.start;
  return meets ? build.slice(a.operands[0], axis, a.attributes.start, b.attributes.stop) : undefined;
}

const matmulRule: Rule<'matmul'> = ({ operands: [a, b], attributes: { form, group }, type }, build) => {
  if (uniformValue(a) === 0 || uniformValue(b) === 0) return fill(build, 0, type.shape);
  const swapped = group ? [0, 2, 1] : [1, 0];
  if (form === 'tn' || b.op !== 'transpose' || !sameShape(b.attributes.order, swapped)) return undefined;
  return build.matmul(a, b.operands[0], form === 'nn' ? 'nt' : 'nn', group);
};

const gatherRule: Rule<'gather'> = ({ operands: [x], attributes: { map }, type }, build) => {
  if (x.type.shape[0] === 1) return build.broadcast(x, type.shape);
  if (x.op !== 'broadcast') return uniformValue(x) === undefined ? undefined : fill(build, uniformValue(x)!, type.shape);
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
  for (const { factors } of table.monomials) for (const f of factors) if (!columns[f.operand]) used.add(operands[f.operand]!);
  const kept = operands.filter((operand, i) => used.has(operand) && operands.indexOf(operand) === i);
  if (table.monomials.length === 0) return fill(build, 0, type.shape);
  if (kept.length === operands.length) return isIdentity(table.monomials, table.outputs, kept) ? kept[0] : undefined;
  const monomials = table.monomials.map(({ out, coefficient, factors }): Monomial => ({
    out,
    coefficient: factors.reduce((all, f) => all * (columns[f.operand]?.[f.component] ?? 1), coefficient),
    factors: factors.filter((f) => !columns[f.operand]).map((f) => ({ operand: kept.indexOf(operands[f.operand]!), component: f.component })),
  }));
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
  return source.op === 'constant' && source.type.shape[0] === 1 && source.type.shape[2] === 1 ? source.attributes.values : undefined;
}

function isIdentity(monomials: readonly Monomial[], outputs: number, operands: readonly Node[]): boolean {
  return operands.length === 1 && operands[0]!.type.shape[1] === outputs && monomials.length === outputs
    && monomials.every(({ out, coefficient, factors }, i) => out === i && coefficient === 1 && factors.length === 1 && factors[0]!.component === i);
}

/** Equal numbers are stored once. */
const constantRule: Rule<'constant'> = (node, build) => {
  const value = node.attributes.values.length > 1 ? uniformValue(node) : undefined;
  return value === undefined ? undefined : fill(build, value, node.type.shape);
};

/** The rules, tried in order. */
export const rules: RuleTable = {
  constant: [constantRule],
  neg: unary('neg', negRule),
  sqrt: unary('sqrt'),
  exp: unary('exp'),
  log: unary('log'),
  sin: unary('sin'),
  cos: unary('cos'),
  tanh: unary('tanh'),
  add: pair('add', uniformSecond('add') as Rule<'add'>, addRule),
  sub: pair('sub', subRule),
  mul: pair('mul', uniformSecond('mul') as Rule<'mul'>, mulRule),
  div: pair('div', divRule),
  pow: pair('pow', powRule),
  max: pair('max', ({ operands: [a, b] }) => (a === b ? a : undefined)),
  select: [selectRule],
  sum: sumRules,
  reshape: [reshapeRule],
  transpose: [transposeRule],
  broadcast: [broadcastRule],
  slice: [sliceRule],
  pad: [padRule],
  concat: concatRules,
  matmul: [matmulRule],
  gather: [gatherRule],
  segmentSum: [segmentSumRule],
  polynomial: [polynomialRule],
};
