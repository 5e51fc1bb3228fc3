/** What is remembered of the cache: each file as it was when it came, and the licences that were accepted. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@mace/io/node';
import type { Licence } from '../published.js';

/** A file as it was first seen; stands beside it as JSON. */
export interface FileRecord {
  /** Name of the published model. */
  readonly model: string;
  /** Where it came from; an address, or the file that was imported. */
  readonly from: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Day and time, ISO 8601. */
  readonly date: string;
}

/** The record of a file in the cache, or null. One that cannot be read counts as none. */
export async function readRecord(path: string): Promise<FileRecord | null> {
  const record = await readJson(`${path}.json`);
  const isRecord = typeof record?.sha256 === 'string' && typeof record.bytes === 'number';
  return isRecord ? (record as unknown as FileRecord) : null;
}

export async function writeRecord(path: string, record: FileRecord): Promise<void> {
  await writeFileAtomically(`${path}.json`, Buffer.from(`${JSON.stringify(record, null, 2)}\n`));
}

/** Whether a licence was accepted before, here or in `MACE_ACCEPT_LICENCE`. */
export async function isAccepted(licence: Licence, folder: string): Promise<boolean> {
  if ((process.env.MACE_ACCEPT_LICENCE ?? '').split(/[\s,]+/).includes(licence)) return true;
  const accepted = await readJson(join(folder, licencesFile));
  return typeof accepted?.[licence] === 'string';
}

/** Remembers it with the date. A cache that cannot be written is no reason to ask again within one run. */
export async function recordAccepted(licence: Licence, folder: string): Promise<void> {
  const accepted = (await readJson(join(folder, licencesFile))) ?? {};
  if (typeof accepted[licence] === 'string') return;
  await mkdir(folder, { recursive: true });
  const all = { ...accepted, [licence]: new Date().toISOString() };
  await writeFileAtomically(join(folder, licencesFile), Buffer.from(`${JSON.stringify(all, null, 2)}\n`));
}

const licencesFile = 'accepted-licences.json';

async function readJson(path: string): Promise<Record<string, unknown> | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
