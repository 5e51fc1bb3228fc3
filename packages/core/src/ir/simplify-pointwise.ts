/** Rewrite rules of pointwise ops: known numbers, neutral elements, signs and scales. */
import { sameShape } from './infer.js';
import { fill, knownValues, uniformValue, type Rule, type RuleBuilder, type RuleTable } from './simplify-known.js';
import type { Node } from './types.js';
import { unaryFunctions, type UnaryName } from './unary-functions.js';

type PairName = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'max';

const pairFunctions: Readonly<Record<PairName, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  max: (a, b) => Math.max(a, b),
};

/** Equal numbers are stored once. */
const constantRule: Rule<'constant'> = (node, build) => {
  const value = node.attributes.values.length > 1 ? uniformValue(node) : undefined;
  return value === undefined ? undefined : fill(build, value, node.type.shape);
};

/** A pointwise op on known numbers; not if the result would not be finite. */
function folded(node: Node, build: RuleBuilder, apply: (...values: number[]) => number): Node | undefined {
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
function insideBroadcast(node: Node, build: RuleBuilder): Node | undefined {
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
  return [
    (node, build) => folded(node, build, unaryFunctions[name] as (...values: number[]) => number),
    ...more,
    insideBroadcast,
  ];
}

function pair<K extends PairName>(name: K, ...more: readonly Rule<K>[]): readonly Rule<K>[] {
  return [
    (node, build) => folded(node, build, pairFunctions[name] as (...values: number[]) => number),
    ...more,
    insideBroadcast,
  ];
}

/** Puts a uniform operand of a commutative op second. */
function uniformSecond(op: 'add' | 'mul'): Rule<'add' | 'mul'> {
  return ({ operands: [a, b] }, build) =>
    uniformValue(a) !== undefined && uniformValue(b) === undefined ? build[op](b, a) : undefined;
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
    case 0:
      return fill(build, 1, type.shape);
    case 1:
      return x;
    case 2:
      return build.mul(x, x);
    case 0.5:
      return build.sqrt(x);
    case -1:
      return build.div(fill(build, 1, type.shape), x);
    default:
      return undefined;
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
  return build.constant(
    x!.map((value, i) => (value < y![i]! ? yes![i]! : no![i]!)),
    type.shape,
  );
};

/** The sum of two parts that zeros complete, one after the other along an axis: the parts beside each other. */
const padsRule: Rule<'add'> = ({ operands }, build) => {
  for (const [a, b] of [operands, [operands[1], operands[0]]] as const) {
    if (a.op !== 'pad' || b.op !== 'pad' || a.attributes.axis !== b.attributes.axis) continue;
    const { axis, before } = a.attributes;
    const [left, right] = [a.operands[0], b.operands[0]];
    if (before + (left.type.shape[axis] as number) === b.attributes.before)
      return build.pad(build.concat([left, right], axis), axis, before, b.attributes.after);
  }
  return undefined;
};

/** Rules of pointwise ops and constants. */
export const pointwiseRules: RuleTable = {
  constant: [constantRule],
  neg: unary('neg', negRule),
  sqrt: unary('sqrt'),
  exp: unary('exp'),
  log: unary('log'),
  sin: unary('sin'),
  cos: unary('cos'),
  tanh: unary('tanh'),
  add: pair('add', uniformSecond('add') as Rule<'add'>, addRule, padsRule),
  sub: pair('sub', subRule),
  mul: pair('mul', uniformSecond('mul') as Rule<'mul'>, mulRule),
  div: pair('div', divRule),
  pow: pair('pow', powRule),
  max: pair('max', ({ operands: [a, b] }) => (a === b ? a : undefined)),
  select: [selectRule],
};
