/** From what people type to a published model. */
import { ModelUnavailableError } from '@mace/core';
import { fileNameOf, type PublishedModel } from './published.js';
import { publishedModels } from './published-models.js';

/**
 * The published model of a name, in any letter case and with `_` or `-`; also by the name of its file.
 * @throws ModelUnavailableError with the nearest names
 */
export function publishedModel(name: string, models: readonly PublishedModel[] = publishedModels): PublishedModel {
  const found = findPublishedModel(name, models);
  if (found) return found;
  if (name === 'bundled')
    throw new ModelUnavailableError(
      'name',
      'bundled is the model that comes along: there is nothing to download, import or compare. `mace models path bundled` says where it is.',
    );
  const nearest = nearestNames(name, models);
  throw new ModelUnavailableError(
    'name',
    `No published model has the name ${JSON.stringify(name)}. ${nearest.length > 0 ? `The nearest: ${nearest.join(', ')}. ` : ''}\`mace models list\` shows all.`,
  );
}

/** As `publishedModel`, or undefined. */
export function findPublishedModel(
  name: string,
  models: readonly PublishedModel[] = publishedModels,
): PublishedModel | undefined {
  const plain = plainName(name);
  return models.find((model) => namesOf(model).some((known) => plainName(known) === plain));
}

/** Names of published models that differ in few letters, or that hold all words of the name; the nearest first, at most four. */
export function nearestNames(name: string, models: readonly PublishedModel[] = publishedModels): string[] {
  const plain = plainName(name);
  const words = plain.split(/[-.\s]+/).filter((word) => word !== '' && word !== 'model');
  return models
    .map((model) => ({
      name: model.name,
      distance: Math.min(
        ...namesOf(model).map((known) => editDistance(plain, plainName(known))),
        words.length > 0 && words.every((word) => plainName(`${model.name} ${model.title}`).includes(word))
          ? 1
          : Infinity,
      ),
    }))
    .filter(({ distance }) => distance <= Math.min(3, plain.length / 3))
    .sort((one, other) => one.distance - other.distance)
    .slice(0, 4)
    .map(({ name: nearest }) => nearest);
}

function namesOf(model: PublishedModel): string[] {
  return [model.name, model.title, ...model.alsoKnownAs, fileNameOf(model), fileNameOf(model).replace(/\.model$/, '')];
}

function plainName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[_\s]+/g, '-');
}

/** Fewest letters to insert, leave out or exchange (Levenshtein). */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, j) => j);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[other.length]!;
}
