/** Atoms that stay, or keep to a line or a plane, as `FixAtoms`, `FixedLine` and `FixedPlane` of ASE 3.29. */
import type { Structure } from '@mace/core/structure';
import { refuse } from '../refuse.js';
import type { Constraint } from './constraint.js';

type Vector = readonly [number, number, number];
type Row = [number, number, number];

/** Atoms stay where they are; where the cell is relaxed they go with it. @throws UnsupportedError (`option`) */
export function fixAtoms(structure: Structure, atoms: readonly number[]): Constraint {
  return keepRows(structure, 'fixAtoms', atoms, 3, () => [0, 0, 0]);
}

/** Atoms move along a line through where they are. @param direction - of any length @throws UnsupportedError (`option`) */
export function fixLine(structure: Structure, atoms: readonly number[], direction: Vector): Constraint {
  const unit = unitVector('fixLine', direction);
  return keepRows(structure, 'fixLine', atoms, 2, (row) => along(row, unit));
}

/** Atoms move in a plane through where they are. @param normal - of any length @throws UnsupportedError (`option`) */
export function fixPlane(structure: Structure, atoms: readonly number[], normal: Vector): Constraint {
  const unit = unitVector('fixPlane', normal);
  return keepRows(structure, 'fixPlane', atoms, 1, (row) => {
    const [x, y, z] = along(row, unit);
    return [row[0] - x, row[1] - y, row[2] - z];
  });
}

/** Of steps, forces and momenta of some atoms a part is allowed. */
function keepRows(
  { numbers }: Structure,
  name: string,
  given: readonly number[],
  removed: number,
  allowed: (row: Row) => Row,
): Constraint {
  const wrong = given.find((atom) => !(Number.isInteger(atom) && atom >= 0 && atom < numbers.length));
  if (wrong !== undefined) refuse(name, wrong, `numbers of atoms from 0 to ${numbers.length - 1}`);
  const atoms = [...new Set(given)];
  const keep = (rows: Float64Array): void => {
    for (const atom of atoms) rows.set(allowed([rows[3 * atom]!, rows[3 * atom + 1]!, rows[3 * atom + 2]!]), 3 * atom);
  };
  return {
    removed: removed * atoms.length,
    adjustPositions: (positions, next) => {
      for (const atom of atoms) {
        const [x, y, z] = [positions[3 * atom]!, positions[3 * atom + 1]!, positions[3 * atom + 2]!];
        const [dx, dy, dz] = allowed([next[3 * atom]! - x, next[3 * atom + 1]! - y, next[3 * atom + 2]! - z]);
        next.set([x + dx, y + dy, z + dz], 3 * atom);
      }
    },
    adjustForces: (_, forces) => keep(forces),
    adjustMomenta: (_, momenta) => keep(momenta),
  };
}

function along(row: Row, unit: Row): Row {
  const length = row[0] * unit[0] + row[1] * unit[1] + row[2] * unit[2];
  return [length * unit[0], length * unit[1], length * unit[2]];
}

function unitVector(name: string, [x, y, z]: Vector): Row {
  const length = Math.hypot(x, y, z);
  if (!(length > 0 && Number.isFinite(length)))
    refuse(name, `along [${x}, ${y}, ${z}]`, 'three numbers that are not all 0');
  return [x / length, y / length, z / length];
}
