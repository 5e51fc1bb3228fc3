/** Rewrite rules of layout ops: detours removed, broadcasts late, cuts early. */
import { padValues, sliceValues, transposeValues } from './constant-values.js';
import {
  fill,
  fixedShape,
  product,
  uniformValue,
  type Rule,
  type RuleBuilder,
  type RuleTable,
} from './simplify-known.js';
import type { Node } from './types.js';

const reshapeRule: Rule<'reshape'> = ({ operands: [x], type }, build) => {
  if (x.op === 'reshape') return build.reshape(x.operands[0], type.shape);
  const value = uniformValue(x);
  if (value !== undefined) return fill(build, value, type.shape);
  return x.op === 'constant' ? build.constant(x.attributes.values, type.shape) : undefined;
};

const transposeRule: Rule<'transpose'> = ({ operands: [x], attributes: { order }, type }, build) => {
  const value = uniformValue(x);
  if (value !== undefined) return fill(build, value, type.shape);
  if (x.op === 'transpose')
    return build.transpose(
      x.operands[0],
      order.map((axis) => x.attributes.order[axis]!),
    );
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
      return x.attributes.axis === axis
        ? build.slice(x.operands[0], axis, x.attributes.start + start, x.attributes.start + stop)
        : undefined;
    case 'broadcast': {
      const source = x.operands[0];
      return build.broadcast(
        source.type.shape[axis] === 1 ? source : build.slice(source, axis, start, stop),
        type.shape,
      );
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
  if (x.op === 'pad' && x.attributes.axis === axis)
    return build.pad(x.operands[0], axis, x.attributes.before + before, x.attributes.after + after);
  const shape = fixedShape(type.shape);
  if (x.op !== 'constant' || !shape || product(shape) > build.foldLimit) return undefined;
  return build.constant(padValues(x.attributes.values, x.type.shape as number[], axis, before, after), type.shape);
};

const concatRules: readonly Rule<'concat'>[] = [
  // Nested, empty and adjoining parts.
  ({ operands, attributes: { axis } }, build) => {
    const parts: Node[] = [];
    for (const part of operands.flatMap((each) =>
      each.op === 'concat' && each.attributes.axis === axis ? each.operands : [each],
    )) {
      const merged = parts.length > 0 ? joined(parts[parts.length - 1]!, part, axis, build) : undefined;
      if (merged) parts[parts.length - 1] = merged;
      else if (part.type.shape[axis] !== 0) parts.push(part);
    }
    return parts.length > 0 && (parts.length !== operands.length || parts.some((part, i) => part !== operands[i]))
      ? build.concat(parts, axis)
      : undefined;
  },
  // Zeros around one part: a pad.
  ({ operands, attributes: { axis } }, build) => {
    const content = operands.findIndex((part) => uniformValue(part) !== 0);
    const [only] = operands.slice(content);
    if (
      content < 0 ||
      only!.type.kind !== 'real' ||
      !operands.every((part, i) => i === content || uniformValue(part) === 0)
    )
      return undefined;
    const size = (parts: readonly Node[]): number =>
      parts.reduce((sum, part) => sum + (part.type.shape[axis] as number), 0);
    return build.pad(only!, axis, size(operands.slice(0, content)), size(operands.slice(content + 1)));
  },
];

/** Two adjoining parts as one, if both are slices of one value that meet, or the same number everywhere. */
function joined(a: Node, b: Node, axis: number, build: RuleBuilder): Node | undefined {
  const value = uniformValue(a);
  if (value !== undefined && Object.is(value, uniformValue(b))) {
    return fill(
      build,
      value,
      a.type.shape.map((dim, i) => (i === axis ? (dim as number) + (b.type.shape[axis] as number) : dim)),
    );
  }
  if (a.op !== 'slice' || b.op !== 'slice' || a.operands[0] !== b.operands[0]) return undefined;
  const meets = a.attributes.axis === axis && b.attributes.axis === axis && a.attributes.stop === b.attributes.start;
  return meets ? build.slice(a.operands[0], axis, a.attributes.start, b.attributes.stop) : undefined;
}

/** Rules of layout ops. */
export const layoutRules: RuleTable = {
  reshape: [reshapeRule],
  transpose: [transposeRule],
  broadcast: [broadcastRule],
  slice: [sliceRule],
  pad: [padRule],
  concat: concatRules,
};
