/** `mace doctor`: what this machine has for computing, and what is missing with the way to get it. */
import { execFile } from 'node:child_process';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { statSync } from 'node:fs';
import { isMaceError, type BackendDefinition } from '@mace/core';
import { publishedModels } from '@mace/models';
import { cachedPath, cacheFolder } from '@mace/models/node';
import { backendNames, defaultBackend, findBackend } from '../backends/index.js';
import { typed } from '../clone.js';
import { bold, dim, print, printJson, yellow } from '../console.js';
import { version } from '../version.js';

interface Engine {
  readonly name: string;
  readonly available: boolean;
  /** Device and precisions, or why it does not serve. */
  readonly text: string;
  readonly remedy: string | null;
}

interface Diagnosis {
  readonly version: string;
  readonly node: string;
  readonly system: string;
  readonly processor: string;
  readonly threads: number;
  readonly memoryBytes: { readonly all: number; readonly free: number };
  readonly engines: readonly Engine[];
  readonly cache: {
    readonly folder: string;
    readonly models: readonly { readonly name: string; readonly bytes: number }[];
  };
  readonly environment: Readonly<Record<string, string>>;
}

export interface DoctorOptions {
  readonly json?: boolean;
  /** Names of backends, separated by commas; all by default. */
  readonly backend?: string;
}

/** Sets the exit code 1 where the default backend, or one that was named, does not serve. */
export async function doctor({ json, backend }: DoctorOptions): Promise<void> {
  const named = backend?.split(',').map((name) => name.trim());
  const engines: Engine[] = [];
  for (const name of named ?? backendNames)
    engines.push(await (printing.has(name) && !named ? engineApart(name) : engineOf(name)));
  const folder = cacheFolder();
  const diagnosis: Diagnosis = {
    version,
    node: process.version,
    system: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    threads: availableParallelism(),
    memoryBytes: { all: totalmem(), free: freemem() },
    engines,
    cache: {
      folder,
      models: publishedModels.flatMap((model) => {
        const { path, exists } = cachedPath(model, folder);
        return exists ? [{ name: model.name, bytes: statSync(path).size }] : [];
      }),
    },
    environment: Object.fromEntries(
      Object.entries(process.env).filter(
        (entry): entry is [string, string] =>
          entry[1] !== undefined && /^(MACE_|XDG_CACHE_HOME$|VK_ICD_FILENAMES$|TF_NUM_|NODE_OPTIONS$)/.test(entry[0]),
      ),
    ),
  };
  if (json) printJson(diagnosis);
  else print(typed(diagnosisText(diagnosis)));
  const needed = named ?? [defaultBackend];
  if (engines.some(({ name, available }) => needed.includes(name) && !available)) process.exitCode = 1;
}

/** Engines whose native code prints on standard error by itself. */
const printing: ReadonlySet<string> = new Set(['webgpu']);

/** What this command says of one engine in a process of its own, where nobody reads what the engine prints. */
async function engineApart(name: string): Promise<Engine> {
  const words = [process.argv[1]!, 'doctor', '--backend', name, '--json'];
  const { stdout, signal } = await new Promise<{ stdout: string; signal?: string | null }>((resolve) =>
    execFile(process.execPath, words, (error, text) =>
      resolve({ stdout: text, ...(error && { signal: error.signal ?? null }) }),
    ),
  );
  if (stdout !== '') return (JSON.parse(stdout) as Diagnosis).engines[0]!;
  return {
    name,
    available: false,
    text: `its engine ended the process${signal ? ` (${signal})` : ''}.`,
    remedy: `\`mace doctor --backend ${name}\` shows what it prints.`,
  };
}

async function engineOf(name: string): Promise<Engine> {
  try {
    const { definition } = await findBackend(name);
    return { name, ...(await probed(definition)) };
  } catch (error) {
    if (!isMaceError(error)) throw error;
    return { name, available: false, text: error.message, remedy: null };
  }
}

async function probed(definition: BackendDefinition): Promise<Omit<Engine, 'name'>> {
  const found = await definition.probe();
  if (!found.available) return { available: false, text: found.reason, remedy: found.remedy ?? null };
  const { precisions, threads = 1 } = found.capabilities;
  const isSaid = threads === 1 || /\bthreads?\b/.test(found.device);
  return {
    available: true,
    text: `${found.device}; ${precisions.join(', ')}${isSaid ? '' : `; ${threads} threads`}`,
    remedy: null,
  };
}

function diagnosisText(found: Diagnosis): string {
  const { all, free } = found.memoryBytes;
  const lines = [
    `${bold(`mace ${found.version}`)}, Node ${found.node}, ${found.system}`,
    `${found.processor}; ${found.threads} thread${found.threads === 1 ? '' : 's'}; ${gigabytes(all)} of memory, ${gigabytes(free)} free`,
    '',
    dim('backend       what it has'),
    ...found.engines.map(({ name, available, text, remedy }) =>
      available
        ? `${name.padEnd(14)}${text}${name === defaultBackend ? dim('  (the default)') : ''}`
        : `${yellow(name.padEnd(14))}missing: ${text}${remedy === null ? '' : `\n${' '.repeat(14)}${remedy}`}`,
    ),
    '',
    `models in ${found.cache.folder}: ${found.cache.models.map(({ name, bytes }) => `${name} (${(bytes / 1e6).toFixed(1)} MB)`).join(', ') || 'none; `mace models list` shows what can be had'}`,
    ...Object.entries(found.environment).map(([name, value]) => dim(`${name}=${value}`)),
  ];
  return `${lines.join('\n')}\n`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
