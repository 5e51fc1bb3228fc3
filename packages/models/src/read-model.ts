/** Models by name in a page. In Node `@mace/models/node` keeps what it downloads. */
import { CancelledError, ModelUnavailableError, type MaceModel } from '@mace/core';
import { readModel as readModelBytes } from '@mace/io';
import { bundledModel } from './bundled.js';
import { checkBeginning, checkModel, checkSum } from './content.js';
import { checkLicence, refuseUncomputable, type LicenceOptions } from './acceptance.js';
import { publishedModel } from './names.js';
import type { PublishedModel } from './published.js';

export interface ReadModelByNameOptions extends LicenceOptions {
  /** Where to download it from in place of the published address, which most pages may not read. */
  readonly address?: string;
  /** Bytes so far, and all of them where the server says how many. */
  /** Given the file as it was downloaded, when it was found to be the one that was asked for. */
  readonly onFile?: (bytes: Uint8Array) => void;
  readonly onProgress?: (done: number, total: number | undefined) => void;
  readonly cancellation?: AbortSignal;
}

/**
 * A published model by name, or `bundled`, downloaded in a page and opened without executing anything in it.
 *
 * GitHub's releases refuse pages of other origins: then the error has the link, and a file that a person drops into the page is
 * opened by `readModel` of `@mace/io`; or give the `address` of a copy on a server of your own.
 *
 * @throws ModelUnavailableError (name, licence, network, unreachable, content, refused), CancelledError, FormatError, UnsupportedError
 */
export async function readModel(name: string, options: ReadModelByNameOptions = {}): Promise<MaceModel> {
  if (name === 'bundled') return readModelBytes(await downloaded(bundledModel.href, 'the bundled model', options));
  const model = publishedModel(name);
  refuseUncomputable(model);
  await checkLicence(model, options);
  const address = options.address ?? model.address;
  const bytes = await downloaded(address, model.title, options, model);
  checkBeginning(model, bytes.subarray(0, 200), address);
  const opened = await readModelBytes(bytes, { name: model.name });
  checkSum(model, opened.provenance?.sha256 ?? '', address);
  checkModel(model, opened, address);
  options.onFile?.(bytes);
  return opened;
}

async function downloaded(
  address: string,
  title: string,
  { onProgress, cancellation }: ReadModelByNameOptions,
  model?: PublishedModel,
): Promise<Uint8Array> {
  const response = await fetch(address, cancellation ? { signal: cancellation } : {}).catch((cause: unknown) => {
    if (cancellation?.aborted) throw new CancelledError(`${title}: the download was cancelled.`, { cause });
    throw new ModelUnavailableError(
      'unreachable',
      `${title} cannot be downloaded from ${address}: there is no connection, or the server does not let other pages read the file (GitHub's releases do not). ${model ? `Let people download ${model.address} and drop the file into the page, or give the address of a copy of yours.` : ''}`,
      { cause },
    );
  });
  if (!response.ok)
    throw new ModelUnavailableError(
      'network',
      `${title} cannot be downloaded from ${address}: the server answers ${response.status} ${response.statusText}.`,
    );
  const length = Number(response.headers.get('content-length') ?? NaN);
  // For the bar only: of another origin a page sees this length, and not whether it is that of a compressed file.
  const total = Number.isInteger(length) && !response.headers.get('content-encoding') ? length : undefined;
  const pieces: Uint8Array[] = [];
  let done = 0;
  try {
    const reader = response.body!.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      pieces.push(next.value);
      done += next.value.length;
      onProgress?.(done, total);
    }
  } catch (cause) {
    if (cancellation?.aborted) throw new CancelledError(`${title}: the download was cancelled.`, { cause });
    throw new ModelUnavailableError('network', `${title}: the download stopped after ${done} bytes. Try again.`, {
      cause,
    });
  }
  const bytes = new Uint8Array(done);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
