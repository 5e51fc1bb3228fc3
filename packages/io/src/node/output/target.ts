/**
 * Where an output goes, found and checked before anything is computed: a file, with the links to it followed; or what cannot be
 * replaced and takes bytes as they come, which is a device, a FIFO or a descriptor of this process.
 */
import { constants, fstatSync, type Stats } from 'node:fs';
import * as files from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isatty } from 'node:tty';
import { FormatError } from '@mace/core';

/** What outputs ask of the file system; tests put faults into it. */
export type FileSystem = Pick<
  typeof files,
  'access' | 'lstat' | 'open' | 'readdir' | 'readlink' | 'realpath' | 'rename' | 'stat' | 'unlink'
>;

export const realFiles: FileSystem = files;

/** What an output is written as, and the endings of file names that say so. */
export interface WrittenFormat {
  readonly name: string;
  /** Lower case, with the dot; the first is the one that messages advise. */
  readonly endings: readonly string[];
  /** What is no text never goes to a terminal. */
  readonly isText: boolean;
}

export interface OutputTarget {
  /** As it was asked for; what messages name. */
  readonly name: string;
  /** What is opened or replaced: links are followed. */
  readonly path: string;
  /** A file appears whole or not at all; a stream has at once what is written. */
  readonly kind: 'file' | 'stream';
  /** Of this process, for `-`, /dev/stdout and the like; 1 is standard output. */
  readonly descriptor: number | null;
  /** Whether a person's terminal shows what is written. */
  readonly isTerminal: boolean;
}

/** The bit of a folder in which files are their owners' only. */
const sticky = 0o1000;

/** Symbolic links that Linux follows in one path. */
const mostLinks = 40;

/**
 * Finds and checks the target of an output: `-` is standard output.
 * @throws FormatError for a folder, a folder that is not there, lacking rights, a name too long, or an ending of another format
 */
export async function checkOutput(
  name: string,
  written?: WrittenFormat,
  fileSystem: FileSystem = realFiles,
): Promise<OutputTarget> {
  try {
    const target = await targetOf(name, fileSystem);
    if (written && target.kind === 'file') requireEnding(name, written);
    if (target.isTerminal && written?.isText === false)
      throw new FormatError(`${name}: this is a terminal, and ${written.name} is no text. Give the name of a file.`);
    return target;
  } catch (error) {
    throw writeProblem(name, error);
  }
}

/** The error of an output: it names the output, whichever file the system complained of. Errors of this project stay as they are. */
export function writeProblem(name: string, error: unknown): FormatError {
  if (error instanceof FormatError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  // Without the paths that Node appends: they are those of the temporary file.
  const reason =
    reasons[code] ?? `${message.replace(/^([A-Z0-9]+: [^,]*),.*$/s, '$1')}. Check the folder and your rights in it`;
  return new FormatError(`${name}: the file cannot be written: ${reason}.`, { cause: error });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied. Check your rights on it and in its folder',
  EPERM: 'permission denied. Check your rights on it and in its folder',
  EBUSY:
    'the system holds it in its place, as it does where a container has a single file of its machine. Write to a folder',
  EROFS: 'the disk is read-only. Write to another folder',
  EISDIR: 'this is a folder. Give the name of a file in it',
  ENOENT: 'its folder is no longer there. Make it again',
  ENOTDIR: 'a part of the path is no folder. Check the path',
  ENAMETOOLONG: 'the name is too long. Choose a shorter one',
  ELOOP: 'its symbolic links lead in a circle. Check the path',
  ENOSPC: 'the disk is full. Make room, or write to another disk',
  EDQUOT: 'your quota of the disk is used up. Make room, or write to another disk',
  EFBIG: 'the file is larger than this disk, or a limit of this shell (ulimit -f), allows. Write to another place',
  EPIPE: 'its reader went away before the end',
  EBADF: 'this descriptor is not open for writing. Check the redirection',
};

async function targetOf(name: string, fileSystem: FileSystem): Promise<OutputTarget> {
  if (name === '')
    throw new FormatError('the name of the output is empty. Give the name of a file, or - for standard output.');
  if (name === '-') return descriptorTarget(name, 1);
  let path = name;
  for (let links = 0; links <= mostLinks; links++) {
    const folder = await folderOf(name, path, fileSystem);
    const descriptor = descriptorOf(join(folder, basename(path))) ?? descriptorOf(path);
    if (descriptor !== null) return descriptorTarget(name, descriptor);
    const found = await statsOf(fileSystem.stat(path));
    if (found?.isCharacterDevice())
      return { name, path, kind: 'stream', descriptor: null, isTerminal: await showsText(path, fileSystem) };
    if (found?.isFIFO()) {
      await fileSystem.access(path, constants.W_OK);
      return { name, path, kind: 'stream', descriptor: null, isTerminal: false };
    }
    const entry = await statsOf(fileSystem.lstat(path));
    if (!entry?.isSymbolicLink()) {
      await requireFile(name, path, entry, folder, fileSystem);
      return { name, path: join(folder, basename(path)), kind: 'file', descriptor: null, isTerminal: false };
    }
    path = resolve(folder, await fileSystem.readlink(path));
  }
  throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
}

/** Links on the way followed, so that `..` in a link means what the system takes it for. */
async function folderOf(name: string, path: string, fileSystem: FileSystem): Promise<string> {
  try {
    return await fileSystem.realpath(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const reason = `there is no folder ${dirname(path)}. Make it first, or check the path.`;
    throw new FormatError(`${name}: the file cannot be written: ${reason}`, { cause: error });
  }
}

function descriptorTarget(name: string, descriptor: number): OutputTarget {
  fstatSync(descriptor);
  return { name, path: name, kind: 'stream', descriptor, isTerminal: isatty(descriptor) };
}

/** Whether a device is a terminal, which only an open one tells. */
async function showsText(path: string, fileSystem: FileSystem): Promise<boolean> {
  const device = await fileSystem.open(path, constants.O_WRONLY | constants.O_NOCTTY);
  const isTerminal = isatty(device.fd);
  await device.close();
  return isTerminal;
}

async function requireFile(
  name: string,
  path: string,
  entry: Stats | null,
  folder: string,
  fileSystem: FileSystem,
): Promise<void> {
  if (entry?.isDirectory() || /[/\\]$/.test(path)) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
  if (entry && !entry.isFile())
    throw new FormatError(
      `${name}: this is no file, but a disk or a socket, and stays as it is. Give the name of a file.`,
    );
  if (entry && [1, 2].some((descriptor) => isOpenAs(descriptor, entry)))
    throw new FormatError(
      `${name}: what this program prints is redirected into the same file, and would be lost. Redirect it to another.`,
    );
  if (entry) await fileSystem.access(path, constants.W_OK);
  await fileSystem.access(folder, constants.W_OK | constants.X_OK);
  const user = process.getuid?.() ?? 0;
  const { mode, uid } = await fileSystem.stat(folder);
  // In a folder such as /tmp only its owner may replace a file.
  if (entry && mode & sticky && ![0, entry.uid, uid].includes(user))
    throw Object.assign(new Error('of another user'), { code: 'EPERM' });
}

/** Whether a descriptor of this process is that very file. */
function isOpenAs(descriptor: number, { dev, ino }: Stats): boolean {
  try {
    const open = fstatSync(descriptor);
    return open.isFile() && open.ino !== 0 && open.dev === dev && open.ino === ino;
  } catch {
    return false;
  }
}

/** A descriptor of this process that a path stands for. */
function descriptorOf(path: string): number | null {
  const standard = ['/dev/stdin', '/dev/stdout', '/dev/stderr'].indexOf(path);
  if (standard >= 0) return standard;
  const [, owner, number] = /^(?:\/dev|\/proc\/(self|\d+))\/fd\/(\d+)$/.exec(path) ?? [];
  return number === undefined || ![undefined, 'self', String(process.pid)].includes(owner) ? null : Number(number);
}

/** Null where nothing stands. */
export async function statsOf(found: Promise<Stats>): Promise<Stats | null> {
  try {
    return await found;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** A name without an ending says nothing against a format. */
function requireEnding(name: string, { name: format, endings }: WrittenFormat): void {
  const file = basename(name);
  const ending = /[^.](\.[a-z][a-z0-9]*(?:\.(?:gz|bz2|xz|zst|zip))?)$/i.exec(file)?.[1];
  if (ending === undefined && !/(?:poscar|contcar|xdatcar)/i.test(file)) return;
  if (endings.some((known) => file.toLowerCase().endsWith(known))) return;
  throw new FormatError(
    `${name}: ${ending === undefined ? 'the name' : `the ending ${ending}`} does not fit: what is written is ${format}. End it with ${endings.join(', ')}.`,
  );
}
