/** Model files in the browser's private storage (OPFS), for later visits: listed, opened, deleted. Each goes by the SHA-256 of its file. */
import { FormatError } from '@mace/core/errors';
import { openPrivateStorage, sha256 } from '@mace/io';

const folder = 'playground-models';

/** What is known of a kept file beside its bytes. */
export interface KeptFacts {
  readonly name: string;
  /** Of the model, as `ModelFacts.sha256`; for converted files that of their source. */
  readonly sha256: string | null;
  /** Under which it is published, where it is. */
  readonly published: string | null;
}

export interface KeptModel extends KeptFacts {
  /** SHA-256 of the file. */
  readonly file: string;
  readonly bytes: number;
  readonly date: Date;
}

/** Keeps a file; one that is there stays. @throws FormatError where the storage is full or absent */
export async function keepModel(bytes: Uint8Array, facts: KeptFacts): Promise<void> {
  const storage = await openPrivateStorage(folder);
  const file = await sha256(bytes);
  if ((await storage.size(`${file}.model`)) === bytes.length) return;
  try {
    await storage.replace(`${file}.model`, bytes);
    await storage.replace(`${file}.json`, new TextEncoder().encode(JSON.stringify(facts)));
  } catch (error) {
    await forgetModel(file);
    throw error;
  }
}

/** @throws FormatError where it is gone, or other than what was kept */
export async function readKeptModel(file: string, name: string): Promise<Uint8Array> {
  const bytes = await (await openPrivateStorage(folder)).read(`${file}.model`);
  if (bytes && (await sha256(bytes)) === file) return bytes;
  throw new FormatError(
    `${name}: the file that was kept is ${bytes ? 'damaged' : 'gone'}. ${bytes ? 'Delete it, and open' : 'Open'} the model again.`,
  );
}

/** All that are kept, the newest first. @throws FormatError where the browser keeps nothing for this page */
export async function keptModels(): Promise<KeptModel[]> {
  const storage = await openPrivateStorage(folder);
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder);
  const all: KeptModel[] = [];
  for await (const [name, handle] of (root as unknown as Entries).entries()) {
    if (handle.kind !== 'file' || !name.endsWith('.model')) continue;
    const file = name.slice(0, -'.model'.length);
    const { size, lastModified } = await (handle as FileSystemFileHandle).getFile();
    const facts = factsIn(await storage.read(`${file}.json`)) ?? { name: 'unnamed', sha256: null, published: null };
    all.push({ ...facts, file, bytes: size, date: new Date(lastModified) });
  }
  return all.sort((a, b) => b.date.getTime() - a.date.getTime());
}

export async function forgetModel(file: string): Promise<void> {
  const storage = await openPrivateStorage(folder);
  await storage.remove(`${file}.json`);
  await storage.remove(`${file}.model`);
}

/** Of the File System standard, and missing in the types. */
interface Entries {
  entries(): AsyncIterable<[string, FileSystemHandle]>;
}

function factsIn(bytes: Uint8Array | null): KeptFacts | null {
  try {
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as KeptFacts);
  } catch {
    // Of a tab that was closed while it wrote.
    return null;
  }
}
