/**
 * Constraints in the files of ASE: atoms that do not move at all are false in the column `move_mask`, as in ASE's extended XYZ. Of others a
 * warning says that they are not kept.
 */
import { FormatError } from '@mace/core';
import type { AtomArray, Structure } from '@mace/core/structure';
import { numbersOf } from './json-values.js';
import { isPythonObject, pythonInteger, type PythonJson, type PythonObject } from './python-json.js';

/** @param constraints - a list, without wrappings of ASE @throws FormatError for atoms that are not there */
export function takeConstraints(
  constraints: PythonJson | undefined,
  atoms: number,
  where: string,
  arrays: Record<string, AtomArray>,
  warnings: string[],
): void {
  const moves = new Array<boolean>(atoms).fill(true);
  const others = new Set<string>();
  for (const one of Array.isArray(constraints) ? constraints : []) {
    const { name, kwargs } = isPythonObject(one) ? one : {};
    const indices = isPythonObject(kwargs) ? heldWhole(name, kwargs) : undefined;
    if (indices === undefined) others.add(typeof name === 'string' ? name : 'unknown');
    else
      for (const index of numbersOf(indices, [Array.isArray(indices) ? indices.length : -1], where)) {
        // Below zero they count from the end, as in Python.
        const atom = index < 0 ? index + atoms : index;
        if (moves[atom] === undefined)
          throw new FormatError(`${where}: there is no atom ${index} of ${atoms}. Write the file again.`);
        moves[atom] = false;
      }
  }
  if (moves.includes(false)) arrays['move_mask'] = { columns: 1, kind: 'logical', values: moves };
  if (others.size > 0) warnings.push(`constraints that are not kept: ${[...others].join(', ')}`);
}

/** Indices of atoms that a constraint holds in all directions, or undefined. */
function heldWhole(name: PythonJson | undefined, kwargs: PythonObject): PythonJson | undefined {
  if (name === 'FixAtoms') return kwargs['indices'];
  const { mask, a } = kwargs;
  const isWhole = Array.isArray(mask) && mask.length === 3 && mask.every((one) => one === true);
  if (name !== 'FixCartesian' || !isWhole || a === undefined) return undefined;
  return Array.isArray(a) ? a : [a];
}

/** The constraint FixAtoms of what `move_mask` holds; null where it holds nothing. */
export function constraintsOf({ arrays }: Structure): PythonJson | null {
  const mask = arrays['move_mask'];
  if (!mask || !isMask(mask)) return null;
  const held = (mask.values as readonly boolean[]).flatMap((moves, atom) => (moves ? [] : [pythonInteger(atom)]));
  return held.length > 0 ? [{ name: 'FixAtoms', kwargs: { indices: held } }] : null;
}

/** Whether a column says of each atom as a whole whether it moves. */
export function isMask({ kind, columns }: AtomArray): boolean {
  return kind === 'logical' && columns === 1;
}
