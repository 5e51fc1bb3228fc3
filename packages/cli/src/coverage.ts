/** Where a model lacks an element: the published models that know all of a structure. */
import type { MaceModel } from '@mace/core';
import { chemicalSymbol, type Structure } from '@mace/core/structure';
import { modelsCovering } from '@mace/models';

/** A sentence that names them; empty where the model knows every element. */
export function coveringModels(structure: Structure, { config }: MaceModel): string {
  const elements = [...new Set(structure.numbers)].sort((one, other) => one - other);
  if (elements.every((z) => config.atomicNumbers.includes(z)) || elements.some((z) => z < 1 || z > 118)) return '';
  const symbols = elements.map(chemicalSymbol);
  const names = modelsCovering(elements).map(({ name }) => name);
  return names.length === 0
    ? ` No published model knows ${symbols.join(', ')} together.`
    : ` Published models that know ${symbols.join(', ')}: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more (\`mace models list --elements ${symbols.join(',')}\`)` : ''}.`;
}
