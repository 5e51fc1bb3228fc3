/** Published models on disk: found in the cache, downloaded where they are not, checked before they get their name. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FormatError, ModelUnavailableError } from '@mace/core';
import { readModelFile } from '@mace/io/node';
import { checkBeginning, checkModel, checkSum } from '../content.js';
import { checkLicence, refuseUncomputable, type LicenceOptions } from '../acceptance.js';
import type { PublishedModel } from '../published.js';
import { cachedPath, cacheFolder } from './cache.js';
import { download, type DownloadOptions } from './download.js';
import { keepPartialFile, openPartialFile, removePartialFile } from './partial-file.js';
import { isAccepted, readRecord, recordAccepted, writeRecord, type FileRecord } from './records.js';

export interface PullOptions extends LicenceOptions, DownloadOptions {
  /** Default: the cache that mace-torch uses. */
  readonly folder?: string;
  /**
   * In place of the published servers: its address, then host and path of the published one, as `wget -x` copies them; or with
   * `{address}` where that goes. Default `MACE_MIRROR`.
   */
  readonly mirror?: string;
  /** Never download. Default `MACE_OFFLINE`. */
  readonly offline?: boolean;
}

export interface PulledModel {
  readonly path: string;
  readonly record: FileRecord;
  readonly wasDownloaded: boolean;
}

/**
 * The file of a published model, downloaded if it is not in the cache. A download that stops is gone on with the next time; two at
 * once do no harm; the file has its name only when it is whole and the model that it should be.
 *
 * @throws ModelUnavailableError (licence, offline, network, content, disk, refused), CancelledError
 */
export async function pullModel(model: PublishedModel, options: PullOptions = {}): Promise<PulledModel> {
  const folder = options.folder ?? cacheFolder();
  refuseUncomputable(model);
  await acceptedLicence(model, folder, options);
  const { path, exists } = cachedPath(model, folder);
  if (exists) return { path, record: await recordOf(model, path), wasDownloaded: false };
  if (options.offline ?? isSet(process.env.MACE_OFFLINE))
    throw new ModelUnavailableError(
      'offline',
      `${model.title} is not in the cache, and nothing is downloaded (MACE_OFFLINE). On a machine with a connection take ${model.address}; then \`mace models import FILE --name ${model.name}\`, or put it at ${path}.`,
    );
  await madeFolder(folder);
  const address = addressOf(model, options.mirror ?? process.env.MACE_MIRROR);
  const part = await openPartialFile(path);
  try {
    await download(model, address, part, options);
  } finally {
    await part.handle.close();
  }
  try {
    const record = await checkedRecord(model, part.path, address);
    await keepPartialFile(part.path, path);
    await writeRecord(path, record);
    return { path, record, wasDownloaded: true };
  } catch (error) {
    await removePartialFile(part.path);
    if (!(error instanceof FormatError)) throw error;
    throw new ModelUnavailableError(
      'content',
      `What came from ${address} is no whole file of ${model.title}: it was cut or damaged on the way. Nothing was kept; run it again. Without a connection that holds, \`mace models import FILE --name ${model.name}\`.`,
      { cause: error },
    );
  }
}

/**
 * Puts a file that came by other means into the cache, as the published model that it is.
 * @throws ModelUnavailableError where it is not that model, FormatError, UnsupportedError where it is none
 */
export async function importModel(
  model: PublishedModel,
  file: string,
  options: Pick<PullOptions, 'folder' | 'acceptLicence'> = {},
): Promise<PulledModel> {
  const folder = options.folder ?? cacheFolder();
  refuseUncomputable(model);
  await acceptedLicence(model, folder, options);
  const record = await checkedRecord(model, file, file);
  await madeFolder(folder);
  const { path } = cachedPath(model, folder);
  const part = await openPartialFile(path);
  await part.handle.close();
  try {
    await copyFile(file, part.path);
    await keepPartialFile(part.path, path);
  } catch (cause) {
    await removePartialFile(part.path);
    throw new ModelUnavailableError('disk', `${file} cannot be copied to ${path}: ${(cause as Error).message}.`, {
      cause,
    });
  }
  await writeRecord(path, record);
  return { path, record, wasDownloaded: false };
}

/** The checksum of a cached file now, beside the one of its first day. */
export async function sumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** Accepted before, or now and then remembered. */
async function acceptedLicence(model: PublishedModel, folder: string, options: LicenceOptions): Promise<void> {
  if (model.licence === 'MIT' || (await isAccepted(model.licence, folder))) return;
  await checkLicence(model, options);
  await madeFolder(folder);
  await recordAccepted(model.licence, folder);
}

/** The record of a file in the cache; one that mace-torch downloaded, or that has changed, is checked first. */
async function recordOf(model: PublishedModel, path: string): Promise<FileRecord> {
  const record = await readRecord(path);
  if (record && record.bytes === (await stat(path)).size) return record;
  const found = await checkedRecord(model, path, path).catch((error: unknown) => {
    if (error instanceof Error)
      error.message = `${error.message} It is in the cache: remove ${path} and pull the model again.`;
    throw error;
  });
  const checked = { ...found, from: 'found in the cache' };
  // A cache that others own is read all the same.
  await writeRecord(path, checked).catch(() => undefined);
  return checked;
}

/** Whether a file is the model, and what to remember of it. */
async function checkedRecord(model: PublishedModel, path: string, from: string): Promise<FileRecord> {
  if ((await stat(path)).isDirectory())
    throw new ModelUnavailableError('content', `${path} is a folder; expected the file of ${model.title}.`);
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(200), 0, 200, 0);
    checkBeginning(model, buffer.subarray(0, bytesRead), from);
  } finally {
    await file.close();
  }
  const opened = await readModelFile(path);
  const sha256 = opened.provenance?.sha256 ?? (await sumOf(path));
  checkModel(model, opened, from);
  checkSum(model, sha256, from);
  return { model: model.name, from, bytes: (await stat(path)).size, sha256, date: new Date().toISOString() };
}

async function madeFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
    const probe = `${folder}/.writable-${process.pid}`;
    await (await open(probe, 'w')).close();
    await unlink(probe);
  } catch (cause) {
    throw new ModelUnavailableError(
      'disk',
      `The cache ${folder} cannot be written: ${(cause as Error).message}. Set XDG_CACHE_HOME to a folder of yours.`,
      { cause },
    );
  }
}

/** Node's own recursion does not end where a folder that exists denies that it does (/proc, automounted homes). */
async function makeFolders(folder: string): Promise<void> {
  const made = (): Promise<void> =>
    mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  await made().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeFolders(dirname(folder));
    await made();
  });
}

function addressOf({ address }: PublishedModel, setting: string | undefined): string {
  const mirror = setting?.trim();
  if (!mirror) return address;
  if (!/^https?:\/\/[^/]/i.test(mirror))
    throw new ModelUnavailableError(
      'network',
      `MACE_MIRROR ${JSON.stringify(mirror)}: expected an address that begins with http:// or https://. Set it to one, or take files from a folder with \`mace models import\`.`,
    );
  if (mirror.includes('{address}')) return mirror.replace('{address}', address);
  return `${mirror.replace(/\/+$/, '')}/${address.replace(/^https:\/\//, '')}`;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !/^(|0|false|no|off)$/i.test(value.trim());
}
