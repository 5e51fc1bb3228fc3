/**
 * Writing POSCAR: VASP 5, Cartesian, the same bits; selective dynamics and velocities where the structure has them.
 */
import { FormatError } from '@mace/core';
import type { AtomArray, Structure } from '@mace/core/structure';
import { chemicalSymbol } from '@mace/core/structure';
import { inverseCell } from './cell-parameters.js';
import { realText } from './text.js';

/** Writes one structure as POSCAR (VASP 5, Cartesian, same bits). Throws FormatError without a cell or for several structures. */
export function writePoscar(structures: readonly Structure[]): string {
  const [structure] = structures;
  if (structure === undefined || structures.length !== 1) {
    throw new FormatError(
      `POSCAR: the format holds one structure, got ${structures.length}. Write one file each, or extended XYZ.`,
    );
  }
  const { cell, numbers, positions, info } = structure;
  if (cell === null) throw new FormatError('POSCAR: the structure has no cell. Give it one, or write extended XYZ.');
  inverseCell(cell, 'POSCAR');
  const groups: { number: number; count: number }[] = [];
  for (const number of numbers) {
    const last = groups[groups.length - 1];
    if (last !== undefined && last.number === number) last.count++;
    else groups.push({ number, count: 1 });
  }
  const symbols = groups.map(({ number }) => chemicalSymbol(number));
  const comment =
    typeof info['comment'] === 'string' && !/[\r\n]/.test(info['comment'])
      ? info['comment']
      : [...new Set(symbols)].join(' ');
  const triple = (values: ArrayLike<number>, at: number): string =>
    [0, 1, 2].map((axis) => realText(values[at + axis] ?? 0)).join(' ');
  const mask = threeColumns(structure, 'move_mask', 'logical');
  const velocities = threeColumns(structure, 'velocities', 'real');
  const lines = [
    comment,
    '1.0',
    triple(cell, 0),
    triple(cell, 3),
    triple(cell, 6),
    symbols.join(' '),
    groups.map(({ count }) => count).join(' '),
  ];
  if (mask !== undefined) lines.push('Selective dynamics');
  lines.push('Cartesian');
  numbers.forEach((_, atom) => {
    const moves =
      mask === undefined
        ? ''
        : ` ${[0, 1, 2].map((axis) => (mask.values[3 * atom + axis] === true ? 'T' : 'F')).join(' ')}`;
    lines.push(triple(positions, 3 * atom) + moves);
  });
  if (velocities !== undefined) {
    lines.push('Cartesian');
    numbers.forEach((_, atom) => lines.push(triple(velocities.values as Float64Array, 3 * atom)));
  }
  return `${lines.join('\n')}\n`;
}

function threeColumns(structure: Structure, name: string, kind: AtomArray['kind']): AtomArray | undefined {
  const array = structure.arrays[name];
  return array?.columns === 3 && array.kind === kind ? array : undefined;
}
