/** Published models on disk, for Node: downloaded once, checked, shared with mace-torch. */
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ModelUnavailableError, type MaceModel } from '@mace/core';
import { readModelFile } from '@mace/io/node';
import { bundledModel } from '../bundled.js';
import { findPublishedModel, nearestNames } from '../names.js';
import { pullModel, type PullOptions } from './pull.js';

export { cacheFolder, cachedPath } from './cache.js';
export { importModel, pullModel, sumOf, type PulledModel, type PullOptions } from './pull.js';
export { readRecord, type FileRecord } from './records.js';

/**
 * A model by its published name, as `bundled`, or by the path of a file; nothing in it is executed.
 * @throws ModelUnavailableError, CancelledError, FormatError, UnsupportedError
 */
export async function readModel(name: string, options: PullOptions = {}): Promise<MaceModel> {
  return readModelFile(await modelPath(name, options));
}

/**
 * The file of a model: a path as it is, a published model from the cache or the network, `bundled` for the one that comes along.
 * What is a file is never taken for a name; a folder is no model.
 *
 * @throws ModelUnavailableError with the nearest names, CancelledError
 */
export async function modelPath(name: string, options: PullOptions = {}): Promise<string> {
  const found = statSync(name, { throwIfNoEntry: false });
  if (found && !found.isDirectory()) return name;
  if (name === 'bundled') return fileURLToPath(bundledModel);
  const model = findPublishedModel(name);
  if (model) return (await pullModel(model, options)).path;
  if (found)
    throw new ModelUnavailableError(
      'name',
      `${name} is a folder; expected the file of a model, or a name of \`mace models list\`.`,
    );
  const nearest = nearestNames(name);
  throw new ModelUnavailableError(
    'name',
    `${name}: there is no such file, and no published model has that name. ${nearest.length > 0 ? `The nearest: ${nearest.join(', ')}. ` : ''}\`mace models list\` shows all; a path is relative to the folder you are in.`,
  );
}
