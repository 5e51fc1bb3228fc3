/** Which published models know which elements. */
import type { PublishedModel } from './published.js';
import { publishedModels } from './published-models.js';

/** Published models that can be computed here and know all of the elements, in the order of the list. */
export function modelsCovering(
  atomicNumbers: readonly number[],
  models: readonly PublishedModel[] = publishedModels,
): PublishedModel[] {
  return models.filter(({ elements, refused }) => !refused && atomicNumbers.every((z) => elements.includes(z)));
}
