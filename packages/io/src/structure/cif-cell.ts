/** The cell of a CIF block: six entries, compared with the volume that the file gives. */
import { signedVolume } from '@mace/core/structure';
import { cellOfParameters } from './cell-parameters.js';
import type { CifEntries } from './cif-entries.js';

/** The six entries, in the order of `cellOfParameters`. */
export const cellItems = [
  'cell.length_a',
  'cell.length_b',
  'cell.length_c',
  'cell.angle_alpha',
  'cell.angle_beta',
  'cell.angle_gamma',
] as const;

/** Å; beyond it the digits of fractional coordinates no longer tell atoms apart. */
const longestAxis = 1e5;
/** Relative: a mistake, and what rounding of lengths and angles makes. */
const volumeTolerance = 0.01;
const volumeRounding = 0.002;

export interface CifCell {
  /** Rows, Å [3 3]; null without a cell, and for zeros or the unit cube, which stand for "no crystal" in mmCIF. */
  readonly cell: Float64Array | null;
  readonly warnings: readonly string[];
}

/** Reads the cell. Throws FormatError for one that is incomplete, impossible, or of another volume than the file says. */
export function cellOfCif(entries: CifEntries, mayBeDummy: boolean): CifCell {
  const values = cellItems.map((item) => entries.single(item));
  if (values.every((value) => value === undefined)) return { cell: null, warnings: [] };
  const line = values.find((value) => value !== undefined)?.line ?? entries.block.line;
  const warnings: string[] = [];
  const parameters = values.map((value, index) => {
    const name = `_${cellItems[index]?.replace('.', '_')}`;
    if (value !== undefined) return entries.measured(value, name);
    if (index < 3) entries.fail(line, `${name} is missing or unknown. Add it.`);
    // Right angles by the core dictionary; beside an oblique angle a missing one is a loss.
    const oblique = values.slice(3).find((angle) => angle !== undefined && entries.measured(angle, 'an angle') !== 90);
    if (oblique !== undefined)
      entries.fail(line, `${name} is missing, and another angle is ${oblique.text}. Add the missing angle.`);
    warnings.push(`${name} is not given: 90 degrees were taken`);
    return 90;
  });
  const lengths = parameters.slice(0, 3);
  const isDummy = parameters.every((value, index) => value === (index < 3 ? 1 : 90)) || lengths.every((x) => x === 0);
  if (mayBeDummy && isDummy) return { cell: null, warnings: [] };
  if (lengths.some((length) => length > longestAxis))
    entries.fail(line, `a cell length of ${Math.max(...lengths)} Å is no crystal's. Correct it.`);
  const cell = cellOfParameters(parameters, `${entries.source} line ${line}`);
  const given = entries.first('cell.volume');
  const volume = Math.abs(signedVolume(cell));
  const stated = given && entries.measured(given, '_cell_volume');
  const difference = stated === undefined ? 0 : Math.abs(stated - volume) / volume;
  const both = `_cell_volume is ${given?.text}, lengths and angles give ${volume.toFixed(2)} Å³`;
  if (difference > volumeTolerance)
    entries.fail(given?.line ?? line, `${both}. Correct the one that is wrong, or remove the volume.`);
  if (difference > volumeRounding) warnings.push(both);
  return { cell, warnings };
}
