/** Writing PDB: one MODEL a structure, coordinates of three decimals. */
import { FormatError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { inverseCell, parametersOfCell } from './cell-parameters.js';
import { realSymbol } from './element-label.js';

/** Writes one MODEL per structure. Coordinates keep 3 decimals, that is what the columns hold. Throws FormatError when they do not fit. */
export function writePdb(structures: readonly Structure[]): string {
  const hasCrystals = structures.some(({ cell }) => cell !== null);
  return structures.map((structure, index) => modelText(structure, index, hasCrystals)).join('');
}

function modelText(structure: Structure, index: number, hasCrystals: boolean): string {
  const { numbers, positions, cell, arrays } = structure;
  const lines: string[] = [];
  if (cell !== null) {
    const [a = 0, b = 0, c = 0, ...angles] = parametersOfCell(cell);
    inverseCell(cell, `PDB: structure ${index + 1}`);
    const isStandard = cell[1] === 0 && cell[2] === 0 && cell[5] === 0 && [0, 4, 8].every((at) => cell[at]! > 0);
    if (!isStandard)
      throw new FormatError(
        `PDB: the cell of structure ${index + 1} is rotated, PDB keeps only its lengths and angles. Write extended XYZ, or rotate a along x and b into the xy plane.`,
      );
    lines.push(
      `CRYST1${[a, b, c].map((x) => fixed(x, 9, 3)).join('')}${angles.map((x) => fixed(x, 7, 2)).join('')} P 1`,
    );
  } else if (hasCrystals) {
    // A molecule after a crystal would be read in the cell of the crystal.
    lines.push('CRYST1    1.000    1.000    1.000  90.00  90.00  90.00 P 1');
  }
  lines.push(`MODEL ${String(index + 1).padStart(8)}`);
  const text = (name: string, atom: number, otherwise: string): string => {
    const array = arrays[name];
    const value = array?.kind === 'text' && array.columns === 1 ? array.values[atom] : undefined;
    return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value) ? value : otherwise;
  };
  const number = (name: string, atom: number, otherwise: number): number => {
    const array = arrays[name];
    const value = array?.columns === 1 ? array.values[atom] : undefined;
    return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
  };
  numbers.forEach((element, atom) => {
    const symbol = realSymbol(element, `PDB: structure ${index + 1}`, atom);
    const name = text('atomtypes', atom, symbol).slice(0, 4);
    const label = symbol.length === 1 && name.length < 4 ? ` ${name.padEnd(3)}` : name.padEnd(4);
    const place = [0, 1, 2].map((axis) => fixed(positions[3 * atom + axis] ?? 0, 8, 3)).join('');
    const residue = text('residuenames', atom, 'MOL').slice(0, 4);
    lines.push(
      `ATOM  ${String((atom + 1) % 100000).padStart(5)} ${label} ${residue.padStart(3).padEnd(4)}${text('chains', atom, ' ').slice(0, 1)}` +
        `${String(number('residuenumbers', atom, 1) % 10000).padStart(4)}    ${place}` +
        `${fixed(number('occupancy', atom, 1), 6, 2)}${fixed(number('bfactor', atom, 0), 6, 2)}          ${symbol.toUpperCase().padStart(2)}`,
    );
  });
  lines.push('ENDMDL');
  return `${lines.join('\n')}\n`;
}

function fixed(value: number, width: number, decimals: number): string {
  const text = value.toFixed(decimals).padStart(width);
  if (text.length > width)
    throw new FormatError(`PDB: ${value} does not fit into ${width} columns. Write extended XYZ instead.`);
  return text;
}
