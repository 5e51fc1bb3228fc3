/**
 * The typing rule of each op: operand types and attributes in, result type out.
 *
 * Rules throw `TypeMismatch` with the bare facts; the builder and `verify` add the op and its scope.
 * `declared` is the type that the node itself carries: leaves, `reshape` and `broadcast` take their result from it.
 */
import type { Dim, IndexMap, NodeOf, OpAttributes, OpName, PolynomialTable, Shape, Type } from './types.js';

/** What is wrong with the operands of an op, without saying where. */
export class TypeMismatch extends Error {}

type Rule<K extends OpName> = (operands: readonly Type[], attributes: OpAttributes[K], declared: Type) => Type;

/** The result type of an op. @throws TypeMismatch */
export function inferType<K extends OpName>(
  op: K,
  operands: readonly Type[],
  attributes: OpAttributes[K],
  declared: Type,
): Type {
  const count = arity[op];
  if (count !== undefined && operands.length !== count) {
    fail(`expected ${count} operands, got ${operands.length}`);
  }
  return (rules[op] as Rule<K>)(operands, attributes, declared);
}

/** Number of operands of each op; absent where it varies. */
export const arity: Readonly<Partial<Record<OpName, number>>> = {
  input: 0,
  parameter: 0,
  constant: 0,
  neg: 1,
  sqrt: 1,
  exp: 1,
  log: 1,
  sin: 1,
  cos: 1,
  tanh: 1,
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  pow: 2,
  max: 2,
  less: 2,
  select: 3,
  sum: 1,
  reshape: 1,
  transpose: 1,
  broadcast: 1,
  slice: 1,
  pad: 1,
  matmul: 2,
  gather: 1,
  segmentSum: 1,
  table: 2,
};

/** Tables that were found to fit operands of so many components. They never change, and nodes are made again in every pass. */
const checkedTables = new WeakMap<PolynomialTable, string>();

function checkMonomials(table: PolynomialTable, components: readonly number[]): void {
  const sizes = components.join(' ');
  if (checkedTables.get(table) === sizes) return;
  for (const { out, factors } of table.monomials) {
    if (out < 0 || out >= table.outputs) fail(`a monomial goes to component ${out} of ${table.outputs}`);
    for (const { operand, component } of factors) {
      const size = components[operand];
      if (size === undefined || component < 0 || component >= size)
        fail(`a factor asks for component ${component} of operand ${operand}`);
    }
  }
  checkedTables.set(table, sizes);
}

/** `real[edges 3]` */
export function formatType(type: Type): string {
  return `${type.kind}[${type.shape.join(' ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

export function sameType(a: Type, b: Type): boolean {
  return a.kind === b.kind && sameShape(a.shape, b.shape);
}

/** Product of fixed dimensions; runtime ones count as 1. */
export function fixedSize(shape: Shape): number {
  return shape.reduce<number>((size, dim) => (typeof dim === 'number' ? size * dim : size), 1);
}

const unary: Rule<OpName> = ([a]) => real(a!);
const binary: Rule<OpName> = ([a, b]) => equal(real(a!), real(b!));
const declaredType: Rule<OpName> = (_operands, _attributes, declared) => declared;

const rules: { readonly [K in OpName]: Rule<K> } = {
  input: declaredType,
  parameter: declaredType,
  constant: (_operands, { values }, declared) => {
    if (declared.shape.some((dim) => typeof dim !== 'number'))
      fail(`a constant has fixed dimensions, got ${formatType(declared)}`);
    if (values.length !== fixedSize(declared.shape))
      fail(`${formatType(declared)} needs ${fixedSize(declared.shape)} values, got ${values.length}`);
    return declared;
  },
  neg: unary,
  sqrt: unary,
  exp: unary,
  log: unary,
  sin: unary,
  cos: unary,
  tanh: unary,
  add: binary,
  sub: binary,
  mul: binary,
  div: binary,
  pow: binary,
  max: binary,
  less: ([a, b]) => ({ kind: 'mask', shape: equal(real(a!), real(b!)).shape }),
  select: ([condition, a, b]) => {
    if (condition!.kind !== 'mask') fail(`the first operand must be a mask, got ${formatType(condition!)}`);
    const result = equal(real(a!), real(b!));
    if (!sameShape(condition!.shape, result.shape))
      fail(`operands differ: ${formatType(condition!)} and ${formatType(result)}`);
    return result;
  },
  sum: ([x], { axes }) => {
    real(x!);
    axes.forEach((axis, i) => {
      axisIn(x!, axis);
      if (i > 0 && axis <= axes[i - 1]!) fail(`axes must ascend, got [${axes.join(' ')}]`);
    });
    return { kind: 'real', shape: x!.shape.filter((_, axis) => !axes.includes(axis)) };
  },
  reshape: ([x], _attributes, declared) => {
    const from = fixedRuns(x!.shape);
    const to = fixedRuns(declared.shape);
    if (x!.kind !== declared.kind || from !== to) {
      fail(`cannot reshape ${formatType(x!)} to ${formatType(declared)}: only fixed dimensions may be split or merged`);
    }
    return declared;
  },
  transpose: ([x], { order }) => {
    const sorted = [...order].sort((a, b) => a - b);
    if (order.length !== x!.shape.length || sorted.some((axis, i) => axis !== i))
      fail(`[${order.join(' ')}] is no permutation of the axes of ${formatType(x!)}`);
    return { kind: x!.kind, shape: order.map((axis) => x!.shape[axis]!) };
  },
  broadcast: ([x], _attributes, declared) => {
    const fits =
      x!.kind === declared.kind &&
      x!.shape.length === declared.shape.length &&
      x!.shape.every((dim, axis) => dim === 1 || dim === declared.shape[axis]);
    if (!fits)
      fail(
        `cannot broadcast ${formatType(x!)} to ${formatType(declared)}: ranks must agree and only dimensions of 1 grow`,
      );
    return declared;
  },
  slice: ([x], { axis, start, stop }) => {
    const size = fixedAxis(x!, axis);
    if (!(Number.isInteger(start) && Number.isInteger(stop) && 0 <= start && start <= stop && stop <= size)) {
      fail(`slice ${start}:${stop} does not fit axis ${axis} of ${formatType(x!)}`);
    }
    return { kind: x!.kind, shape: replaced(x!.shape, axis, stop - start) };
  },
  pad: ([x], { axis, before, after }) => {
    const size = fixedAxis(real(x!), axis);
    if (before < 0 || after < 0) fail(`padding must not be negative, got ${before} and ${after}`);
    return { kind: 'real', shape: replaced(x!.shape, axis, size + before + after) };
  },
  concat: (operands, { axis }) => {
    if (operands.length === 0) fail('needs at least one operand');
    const first = operands[0]!;
    let size = 0;
    for (const x of operands) {
      const rest = x.kind === first.kind && sameShape(replaced(x.shape, axis, 0), replaced(first.shape, axis, 0));
      if (!rest) fail(`operands differ outside axis ${axis}: ${formatType(first)} and ${formatType(x)}`);
      size += fixedAxis(x, axis);
    }
    return { kind: first.kind, shape: replaced(first.shape, axis, size) };
  },
  matmul: ([a, b], { form, group }) => {
    real(a!);
    real(b!);
    if (a!.shape.length === 0) fail(`the first operand needs at least one axis, got ${formatType(a!)}`);
    if (group && a!.shape[0] !== group.from)
      fail(`first dimension of ${formatType(a!)} is not ${group.from}, the rows of ${group.name}`);
    const leading = a!.shape.slice(0, -1);
    const inner = fixedAxis(a!, a!.shape.length - 1);
    if (form === 'tn') {
      if (!sameShape(leading, b!.shape.slice(0, -1))) fail(`rows differ: ${formatType(a!)} and ${formatType(b!)}`);
      if (group && leading.length === 0) fail('a grouped matmul needs rows');
      const matrix = [inner, fixedAxis(b!, b!.shape.length - 1)];
      return { kind: 'real', shape: group ? [group.to, ...matrix] : matrix };
    }
    const matrix = group ? b!.shape.slice(1) : b!.shape;
    if (group && b!.shape[0] !== group.to)
      fail(`first dimension of ${formatType(b!)} is not ${group.to}, the groups of ${group.name}`);
    if (group && leading.length === 0) fail('a grouped matmul needs rows');
    if (matrix.length !== 2)
      fail(`the second operand must hold ${group ? 'matrices per group' : 'one matrix'}, got ${formatType(b!)}`);
    const [k, n] = form === 'nn' ? [matrix[0]!, matrix[1]!] : [matrix[1]!, matrix[0]!];
    if (k !== inner || typeof n !== 'number')
      fail(`inner dimensions differ: ${formatType(a!)} and ${formatType(b!)} (${form})`);
    return { kind: 'real', shape: [...leading, n] };
  },
  gather: ([x], { map }) => {
    rowsAre(x!, map.to, map, 'targets');
    return { kind: x!.kind, shape: [map.from, ...x!.shape.slice(1)] };
  },
  segmentSum: ([x], { map }) => {
    rowsAre(real(x!), map.from, map, 'rows');
    return { kind: 'real', shape: [map.to, ...x!.shape.slice(1)] };
  },
  polynomial: (operands, { table }) => {
    if (operands.length === 0) fail('needs at least one operand');
    let channels: Dim = 1;
    for (const x of operands) {
      if (real(x).shape.length !== 3) fail(`operands are [rows components channels], got ${formatType(x)}`);
      if (x.shape[0] !== operands[0]!.shape[0]) fail(`rows differ: ${formatType(operands[0]!)} and ${formatType(x)}`);
      fixedAxis(x, 1);
      const own = fixedAxis(x, 2);
      if (own !== 1 && channels !== 1 && own !== channels) fail(`channels differ: ${channels} and ${own}`);
      if (own !== 1) channels = own;
    }
    checkMonomials(
      table,
      operands.map(({ shape }) => shape[1] as number),
    );
    return { kind: 'real', shape: [operands[0]!.shape[0]!, table.outputs, channels] };
  },
  table: ([r, pieces], { body, map, groups }) => {
    if (real(r!).shape.length !== 1) fail(`distances are [rows], got ${formatType(r!)}`);
    if (map) rowsAre({ kind: 'real', shape: [map.from] }, r!.shape[0]!, map, 'rows');
    const [rows, terms, functions] = pieces!.shape;
    const ofNumbers = [rows, terms, functions].every((size) => typeof size === 'number');
    if (pieces!.shape.length !== 3 || !ofNumbers || (terms as number) < 2)
      fail(`pieces must be [rows terms functions] with two terms or more, got ${formatType(pieces!)}`);
    if (groups.length !== (map?.to ?? 1)) fail(`needs pieces of ${map?.to ?? 1} groups, got those of ${groups.length}`);
    for (const { start, intervals, range } of groups) {
      if (!(range[0] < range[1]) || intervals < 1)
        fail(`needs an ascending range and an interval, got [${range.join(' ')}] and ${intervals}`);
      if (start < 0 || start + intervals > (rows as number))
        fail(`reads rows ${start} to ${start + intervals} of ${rows} rows of pieces`);
    }
    const value = Object.values(body.outputs)[0];
    const expected: Type = { kind: 'real', shape: [r!.shape[0]!, functions!] };
    if (!value || !sameType(value.type, expected)) fail(`the body must return ${formatType(expected)}`);
    return expected;
  },
  call: (operands, { body, output }) => {
    if (operands.length !== body.inputs.length)
      fail(`${body.name} takes ${body.inputs.length} operands, got ${operands.length}`);
    body.inputs.forEach((input: NodeOf<'input'>, i) => {
      if (!sameType(input.type, operands[i]!))
        fail(
          `${body.name} takes ${formatType(input.type)} as ${input.attributes.name}, got ${formatType(operands[i]!)}`,
        );
    });
    const result = body.outputs[output];
    if (!result) fail(`${body.name} has no output ${output}; it has ${Object.keys(body.outputs).join(', ')}`);
    return result.type;
  },
};

function fail(message: string): never {
  throw new TypeMismatch(message);
}

function real(type: Type): Type {
  if (type.kind !== 'real') fail(`expected a real operand, got ${formatType(type)}`);
  return type;
}

function equal(a: Type, b: Type): Type {
  if (!sameType(a, b)) fail(`operands differ: ${formatType(a)} and ${formatType(b)}`);
  return a;
}

function axisIn(x: Type, axis: number): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= x.shape.length) fail(`${formatType(x)} has no axis ${axis}`);
}

function fixedAxis(x: Type, axis: number): number {
  axisIn(x, axis);
  const size = x.shape[axis]!;
  if (typeof size !== 'number') fail(`axis ${axis} of ${formatType(x)} must have a fixed size`);
  return size;
}

function replaced(shape: Shape, axis: number, size: number): Dim[] {
  return shape.map((dim, i) => (i === axis ? size : dim));
}

function rowsAre(x: Type, rows: Dim, map: IndexMap, which: string): void {
  if (x.shape[0] !== rows)
    fail(`first dimension of ${formatType(x)} is not ${rows}, the ${which} of ${map.name}: ${map.from} → ${map.to}`);
}

/** Runtime dimensions in order with the product of the fixed ones between them: what a reshape keeps. */
function fixedRuns(shape: Shape): string {
  let run = 1;
  let text = '';
  for (const dim of shape) {
    if (typeof dim === 'number') run *= dim;
    else {
      text += `${run} ${dim} `;
      run = 1;
    }
  }
  return text + run;
}
