/** Whether bytes that came under the name of a model can be it, before anything reads them as one. */
import { ModelUnavailableError, type MaceModel } from '@mace/core';
import { chemicalSymbol } from '@mace/core/structure';
import type { PublishedModel } from './published.js';

/**
 * Checks the first bytes of a file.
 * @throws ModelUnavailableError that says what it is instead: a web page, a Git LFS pointer, a short message
 */
export function checkBeginning(model: PublishedModel, start: Uint8Array, where: string): void {
  const isArchive = [0x50, 0x4b, 0x03, 0x04].every((byte, i) => start[i] === byte);
  if (isArchive) return;
  const text = String.fromCharCode(...start.subarray(0, 200));
  const what = /^\s*<(!doctype|html|\?xml)/i.test(text)
    ? 'a web page'
    : text.startsWith('version https://git-lfs')
      ? 'a Git LFS pointer'
      : start.length === 0
        ? 'empty'
        : /^[\x09\x0a\x0d\x20-\x7e]+$/.test(text)
          ? `a text, ${JSON.stringify(text.slice(0, 60).trim())}`
          : 'no PyTorch archive';
  throw new ModelUnavailableError(
    'content',
    `${where} is ${what}; expected the file of ${model.title}, a PyTorch archive. Try ${model.address} in a browser: the server, a proxy or a login page may be in between; a file from there is taken by \`mace models import FILE\`.`,
  );
}

/** What a model that was opened has other than the published one; empty where it may be it. */
export function differencesFrom(model: PublishedModel, { config }: MaceModel): string[] {
  const differences: string[] = [];
  const missing = model.elements.filter((z) => !config.atomicNumbers.includes(z));
  if (model.elements.length > 0 && (missing.length > 0 || config.atomicNumbers.length !== model.elements.length))
    differences.push(
      `it has ${config.atomicNumbers.length} elements (${some(config.atomicNumbers.map(chemicalSymbol))}), ${model.title} ${model.elements.length}`,
    );
  if (model.cutoff !== undefined && Math.abs(config.cutoff - model.cutoff) > 1e-6)
    differences.push(`its cut-off is ${config.cutoff} Å, that of ${model.title} ${model.cutoff} Å`);
  const heads = model.heads.filter((head) => !config.heads.includes(head));
  if (heads.length > 0)
    differences.push(`its heads are ${some(config.heads)}; ${model.title} has ${model.heads.join(', ')}`);
  return differences;
}

/** @throws ModelUnavailableError where an opened model is not the published one whose name it has */
export function checkModel(model: PublishedModel, opened: MaceModel, where: string): void {
  const differences = differencesFrom(model, opened);
  if (differences.length === 0) return;
  throw new ModelUnavailableError(
    'content',
    `${where} is not ${model.title}: ${differences.join('; ')}. It is a MACE model: give its path in place of a name.`,
  );
}

/** @throws ModelUnavailableError where the checksum is known and another */
export function checkSum(model: PublishedModel, sha256: string, where: string): void {
  if (model.sha256 === undefined || model.sha256 === sha256) return;
  throw new ModelUnavailableError(
    'content',
    `${where} is not ${model.title} as it was published: its sha256 is ${sha256}, expected ${model.sha256}. It may have been changed or damaged on the way; try another network, or take it from ${model.address} by other means and \`mace models import FILE\`.`,
  );
}

function some(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, …` : names.join(', ');
}
