/**
 * A download on its way: a file beside the cached one that says whose it is, so that a run that was stopped is gone on with by the
 * next, and two runs at once never write the same file.
 */
import { createHash } from 'node:crypto';
import { open, readdir, readFile, rename, stat, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

export interface PartialFile {
  readonly path: string;
  /** Bytes that are there already. */
  readonly bytes: number;
  /** What the server called the version that they are of. */
  readonly version: string | null;
  readonly handle: FileHandle;
}

/** Milliseconds after which a file that nobody writes to belongs to nobody, on whatever machine it was begun. */
export const abandonedAfter = 180_000;

/** Takes over what a stopped run left of the same file, else begins anew. Taking over is one renaming: only one can do it. */
export async function openPartialFile(path: string): Promise<PartialFile> {
  const own = `${path}.${owner()}.part`;
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`) || !name.endsWith('.part')) continue;
    const left = join(dirname(path), name);
    if (left !== own && !(await isAbandoned(left, name))) continue;
    try {
      await rename(left, own);
      await rename(versionFile(left), versionFile(own)).catch(() => undefined);
      const handle = await open(own, 'a');
      const version = await readFile(versionFile(own), 'utf8').catch(() => null);
      return { path: own, bytes: (await handle.stat()).size, version, handle };
    } catch {
      // Another run was faster.
    }
  }
  return { path: own, bytes: 0, version: null, handle: await open(own, 'w') };
}

/** Remembers of which version of the file the bytes are. */
export async function writeVersion(path: string, version: string | null): Promise<void> {
  if (version === null) await unlink(versionFile(path)).catch(() => undefined);
  else await writeFile(versionFile(path), version);
}

export async function removePartialFile(path: string): Promise<void> {
  await unlink(path).catch(() => undefined);
  await unlink(versionFile(path)).catch(() => undefined);
}

/** The part is whole: it takes its name, in one step. */
export async function keepPartialFile(part: string, path: string): Promise<void> {
  await rename(part, path);
  await unlink(versionFile(part)).catch(() => undefined);
}

const versionFile = (part: string): string => `${part}.version`;

/** Process numbers hold on one machine only. */
function owner(): string {
  return `${machine()}-${process.pid}`;
}

function machine(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}

async function isAbandoned(path: string, name: string): Promise<boolean> {
  const [, home, number] = /\.([0-9a-f]{8})-(\d+)\.part$/.exec(name) ?? [];
  if (home === machine() && !isAlive(Number(number))) return true;
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
  return Date.now() - mtimeMs > abandonedAfter;
}

function isAlive(number: number): boolean {
  try {
    process.kill(number, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
