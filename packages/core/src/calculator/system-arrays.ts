/** The arrays of a system: which there are, and the caller's in their place. */
import { StructureError } from '../errors.js';
import type { SystemArrays, SystemProperty } from './system.js';

export interface SystemSizes {
  readonly atoms: number;
  readonly structures: number;
  /** Features of an atom. */
  readonly descriptorSize: number;
}

/** Every array: its numbers for an atom or for a structure, and the property of `bind` that it belongs to. */
const kinds: readonly (readonly [
  keyof SystemArrays,
  'atom' | 'structure',
  number | 'descriptors',
  SystemProperty | null,
])[] = [
  ['energies', 'structure', 1, null],
  ['forces', 'atom', 3, 'forces'],
  ['virials', 'structure', 9, 'stress'],
  ['stresses', 'structure', 9, 'stress'],
  ['atomEnergies', 'atom', 1, 'atomEnergies'],
  ['interactionEnergies', 'structure', 1, 'interactionEnergies'],
  ['atomInteractionEnergies', 'atom', 1, 'interactionEnergies'],
  ['atomVirials', 'atom', 9, 'atomVirials'],
  ['descriptors', 'atom', 'descriptors', 'descriptors'],
];
const names: ReadonlySet<string> = new Set(kinds.map(([name]) => name));

/** The caller's arrays, and new ones for what else was asked for at `bind`. @throws StructureError */
export function systemArrays(
  { atoms, structures, descriptorSize }: SystemSizes,
  properties: readonly SystemProperty[],
  into: Partial<SystemArrays>,
): SystemArrays {
  for (const name of Object.keys(into))
    if (!names.has(name))
      throw new StructureError(
        `into.${name}: there is no such array. There are ${[...names].join(', ')}; name one of these.`,
      );
  const made: Partial<Record<keyof SystemArrays, Float64Array>> = {};
  for (const [name, per, width, property] of kinds) {
    const given = into[name];
    const isWanted = property === null || properties.includes(property);
    if (!given && !isWanted) continue;
    if (!isWanted)
      throw new StructureError(
        `into.${name}: this system was bound without ${property}. Name it in properties of bind.`,
      );
    const length = (per === 'atom' ? atoms : structures) * (width === 'descriptors' ? descriptorSize : width);
    if (given && !(given instanceof Float64Array && given.length === length))
      throw new StructureError(`into.${name}: expected a Float64Array of ${length} values, got ${shown(given)}.`);
    made[name] = given ?? new Float64Array(length);
  }
  return made as SystemArrays;
}

function shown(given: unknown): string {
  if (given instanceof Float64Array) return `${given.length}`;
  return Object.prototype.toString.call(given).slice('[object '.length, -1);
}
