/**
 * Temporary files beside an output: removed when this process ends, on whatever way it can notice; those of a process that was
 * killed are swept by the next that writes the same output.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { FileSystem } from './target.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const living = new Set<string>();

/** A new name beside an output; it says whose it is. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `${prefixOf(path)}${process.pid}-${randomBytes(8).toString('hex')}.tmp`);
}

/** From now on the file goes when this process ends. Called before it exists, so that no signal falls between. */
export function guard(temporary: string): void {
  if (living.size === 0) {
    process.on('exit', removeAll);
    for (const signal of signals) process.on(signal, endBySignal);
  }
  living.add(temporary);
}

/** The file is gone, or has its own name. */
export function release(temporary: string): void {
  if (!living.delete(temporary) || living.size > 0) return;
  process.off('exit', removeAll);
  for (const signal of signals) process.off(signal, endBySignal);
}

/** Removes what processes that are gone left of the same output. What cannot be removed stays. */
export async function sweepLeftovers(path: string, fileSystem: FileSystem): Promise<void> {
  const prefix = prefixOf(path);
  const names = await fileSystem.readdir(dirname(path)).catch(() => []);
  for (const name of names) {
    const owner = name.startsWith(prefix)
      ? /^(\d+)-[0-9a-f]{16}\.tmp$/.exec(name.slice(prefix.length))?.[1]
      : undefined;
    if (owner !== undefined && isGone(Number(owner)))
      await fileSystem.unlink(join(dirname(path), name)).catch(() => undefined);
  }
}

/** Short enough to be a name wherever that of the output is one; processes of other machines and containers are none of ours. */
function prefixOf(path: string): string {
  return `.${Array.from(basename(path)).slice(0, 30).join('')}.${home()}-`;
}

let knownHome: string | undefined;

/** Eight digits that stand for where the process numbers of this process hold. */
function home(): string {
  return (knownHome ??= createHash('sha256').update(`${hostname()} ${processNamespace()}`).digest('hex').slice(0, 8));
}

/** Containers on one machine count processes each for itself; Linux only. */
function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function isGone(owner: number): boolean {
  try {
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function removeAll(): void {
  for (const temporary of living) {
    try {
      unlinkSync(temporary);
    } catch {
      // It is gone already, or the folder is; nobody is left to be told.
    }
  }
}

/** Ends as the signal would have, unless the program has plans of its own with it: then its exit cleans up. */
function endBySignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  for (const temporary of [...living]) release(temporary);
  process.kill(process.pid, signal);
}
