/** Writing CIF: P 1, one data block a structure. */
import { FormatError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { inverseCell, parametersOfCell, rightHanded, timesMatrix } from './cell-parameters.js';
import { cellItems } from './cif-cell.js';
import { realSymbol } from './element-label.js';
import { realText } from './text.js';

/** Writes structures as P 1, one data block each. Throws FormatError without a cell. Fractional coordinates round at 1e-16. */
export function writeCif(structures: readonly Structure[]): string {
  return structures.map(blockText).join('\n');
}

function blockText(structure: Structure, index: number): string {
  const { cell, numbers, positions, info } = structure;
  if (cell === null)
    throw new FormatError(`CIF: structure ${index + 1} has no cell. Write extended XYZ, or give it a cell.`);
  const inverse = inverseCell(rightHanded(cell), `CIF: structure ${index + 1}`);
  const parameters = parametersOfCell(cell);
  const name = typeof info['name'] === 'string' && /^[\x21-\x7e]+$/.test(info['name']) ? info['name'] : `image${index}`;
  const lines = [
    `data_${name}`,
    ...cellItems.map((item, at) => `_${item.replace('.', '_')} ${realText(parameters[at] ?? 0)}`),
    "_space_group_name_H-M_alt 'P 1'",
    '_space_group_IT_number 1',
    'loop_',
    '_space_group_symop_operation_xyz',
    "'x, y, z'",
    'loop_',
    '_atom_site_type_symbol',
    '_atom_site_label',
    '_atom_site_fract_x',
    '_atom_site_fract_y',
    '_atom_site_fract_z',
    '_atom_site_occupancy',
  ];
  const counts = new Map<string, number>();
  numbers.forEach((number, atom) => {
    const symbol = realSymbol(number, `CIF: structure ${index + 1}`, atom);
    const count = (counts.get(symbol) ?? 0) + 1;
    counts.set(symbol, count);
    const place = timesMatrix(
      positions[3 * atom] ?? 0,
      positions[3 * atom + 1] ?? 0,
      positions[3 * atom + 2] ?? 0,
      inverse,
    );
    lines.push(`${symbol} ${symbol}${count} ${place.map(realText).join(' ')} 1.0`);
  });
  return `${lines.join('\n')}\n`;
}
