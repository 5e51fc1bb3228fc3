/**
 * Symmetry operations from a Hall symbol (S. R. Hall, Acta Cryst. A37 (1981) 517; International Tables B, section 1.4): lattice letter,
 * generators with their axes and translations, and a change of basis.
 */
import { generatedGroup } from './symmetry-group.js';
import { identity, parseOperation, type Operation } from './symmetry-operations.js';
import { productOf } from './symmetry-group.js';

const half = 1 / 2;
const third = 1 / 3;
/** Centring translations of each lattice letter. */
const lattices: Readonly<Record<string, readonly (readonly number[])[]>> = {
  P: [],
  A: [[0, half, half]],
  B: [[half, 0, half]],
  C: [[half, half, 0]],
  I: [[half, half, half]],
  R: [
    [2 * third, third, third],
    [third, 2 * third, 2 * third],
  ],
  S: [
    [third, third, 2 * third],
    [2 * third, 2 * third, third],
  ],
  T: [
    [third, 2 * third, third],
    [2 * third, third, 2 * third],
  ],
  H: [
    [2 * third, third, 0],
    [third, 2 * third, 0],
  ],
  F: [
    [0, half, half],
    [half, 0, half],
    [half, half, 0],
  ],
};
const shifts: Readonly<Record<string, readonly number[]>> = {
  a: [half, 0, 0],
  b: [0, half, 0],
  c: [0, 0, half],
  n: [half, half, half],
  u: [half / 2, 0, 0],
  v: [0, half / 2, 0],
  w: [0, 0, half / 2],
  d: [half / 2, half / 2, half / 2],
};
/** Rotations about z; about x and y they follow by turning the axes. */
const rotations: Readonly<Record<string, string>> = {
  1: 'x,y,z',
  2: '-x,-y,z',
  3: '-y,x-y,z',
  4: '-y,x,z',
  6: 'x-y,x,z',
  "2'": '-y,-x,-z',
  '2"': 'y,x,-z',
};
const symbolPattern = /^(-?)([PABCIRSTHF])\s*((?:\s*-?[12346][xyz'"*]?[abcnuvwd1-5]*)+)\s*(?:\(([^)]+)\))?$/i;
const generatorPattern = /(-?)([12346])([xyz'"*]?)([abcnuvwd1-5]*)/g;

/** All operations of a Hall symbol, the identity first; undefined when the text is none. */
export function operationsOfHall(symbol: string): Operation[] | undefined {
  const [, inversion, lattice = '', generators = '', basis] =
    symbolPattern.exec(symbol.trim().replaceAll('_', ' ')) ?? [];
  if (inversion === undefined) return undefined;
  const group: Operation[] = [identity];
  if (inversion === '-') group.push(identity.map((value) => (value === 0 ? 0 : -value)));
  for (const translation of lattices[lattice.toUpperCase()] ?? []) group.push(translated(identity, translation));
  let axisBefore = 'z';
  let orderBefore = '';
  for (const part of generators.trim().split(/\s+/)) {
    generatorPattern.lastIndex = 0;
    const [all, sign, order = '', written = '', translation = ''] = generatorPattern.exec(part.toLowerCase()) ?? [];
    if (all !== part.toLowerCase()) return undefined;
    const axis = written !== '' ? written : defaultAxis(order, orderBefore);
    const turned = rotation(order, axis, axisBefore);
    const improper = turned.map((value) => (value === 0 || sign !== '-' ? value : -value));
    const direction = 'xyz'.indexOf(axis);
    let operation: Operation = improper;
    for (const letter of translation) {
      const shift = shifts[letter] ?? [0, 1, 2].map((x) => (x === direction ? Number(letter) / Number(order) : 0));
      operation = translated(operation, shift);
    }
    group.push(operation);
    if ('xyz'.includes(axis)) axisBefore = axis;
    orderBefore = order;
  }
  const changed = basis === undefined ? group : changeOfBasis(group, basis);
  return changed && generatedGroup(changed);
}

/** The axis that a generator has where none is written, after the rule of the symbol's place. */
function defaultAxis(order: string, before: string): string {
  if (order === '3' && before !== '') return '*';
  if (order === '2' && (before === '2' || before === '4')) return 'x';
  if (order === '2' && (before === '3' || before === '6')) return "'";
  return 'z';
}

function rotation(order: string, axis: string, before: string): Operation {
  if (axis === '*') return parseOperation('z,x,y', 'Hall symbol', 0);
  const isDiagonal = axis === "'" || axis === '"';
  const about = isDiagonal ? before : axis;
  const aboutZ = parseOperation(rotations[isDiagonal ? order + axis : order] ?? 'x,y,z', 'Hall symbol', 0);
  const turn = 'xyz'.indexOf(about) + 1;
  const result = new Float64Array(12);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) result[3 * ((i + turn) % 3) + ((j + turn) % 3)] = aboutZ[3 * i + j] ?? 0;
  return result;
}

function translated(operation: Operation, shift: readonly number[]): Operation {
  return operation.map((value, index) => (index < 9 ? value : value + (shift[index - 9] ?? 0)));
}

/** V·S·V⁻¹ for a V written as twelfths `0 0 4` or as `x-y,x+y,z`. */
function changeOfBasis(group: readonly Operation[], basis: string): Operation[] | undefined {
  const twelfths = basis.trim().split(/\s+/).map(Number);
  const isShift = twelfths.length === 3 && twelfths.every(Number.isInteger);
  // Only shifts of the origin occur in the table; other changes are refused by name.
  if (!isShift) return undefined;
  const shift = twelfths.map((value) => value / 12);
  const there = translated(identity, shift);
  const back = translated(
    identity,
    shift.map((value) => -value),
  );
  return group.map((operation) => productOf(productOf(there, operation), back));
}
