/** The arrays of a system: which there are, and the caller's in their place. */
import { StructureError } from '../errors.js';
import type { SystemArrays, SystemProperty } from './system.js';

export interface SystemSizes {
  readonly atoms: number;
  readonly structures: number;
  /** Features of an atom. */
  readonly descriptorSize: number;
}

/** The caller's arrays, and new ones for what else was asked for at `bind`. @throws StructureError */
export function systemArrays(
  { atoms, structures: graphs, descriptorSize }: SystemSizes,
  properties: readonly SystemProperty[],
  into: Partial<SystemArrays>,
): SystemArrays {
  const sizes: readonly (readonly [keyof SystemArrays, number, SystemProperty | null])[] = [
    ['energies', graphs, null],
    ['forces', 3 * atoms, 'forces'],
    ['virials', 9 * graphs, 'stress'],
    ['stresses', 9 * graphs, 'stress'],
    ['atomEnergies', atoms, 'atomEnergies'],
    ['interactionEnergies', graphs, 'interactionEnergies'],
    ['atomInteractionEnergies', atoms, 'interactionEnergies'],
    ['atomVirials', 9 * atoms, 'atomVirials'],
    ['descriptors', descriptorSize * atoms, 'descriptors'],
  ];
  const names = sizes.map(([name]) => name);
  const unknown = Object.keys(into).find((name) => !names.includes(name as keyof SystemArrays));
  if (unknown !== undefined)
    throw new StructureError(
      `into.${unknown}: there is no such array. There are ${names.join(', ')}; name one of these.`,
    );
  const made: Partial<Record<keyof SystemArrays, Float64Array>> = {};
  for (const [name, length, property] of sizes) {
    const given = into[name];
    const isWanted = property === null || properties.includes(property);
    if (given && !isWanted)
      throw new StructureError(
        `into.${name}: this system was bound without ${property}. Name it in properties of bind.`,
      );
    if (given && !(given instanceof Float64Array && given.length === length))
      throw new StructureError(`into.${name}: expected a Float64Array of ${length} values, got ${shown(given)}.`);
    if (isWanted) made[name] = given ?? new Float64Array(length);
  }
  return made as SystemArrays;
}

function shown(given: unknown): string {
  if (given instanceof Float64Array) return `${given.length}`;
  return Object.prototype.toString.call(given).slice('[object '.length, -1);
}
