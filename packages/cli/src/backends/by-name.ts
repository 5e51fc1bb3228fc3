/**
 * The backends that the command line knows, by name; the only list of its kind outside of apps and benchmarks. Also finds
 * those of others: a folder, a file, an installed package.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BackendUnavailableError, FormatError, type BackendDefinition } from '@mace/core';
import type { Limitation } from '@mace/conformance';
import { backendNames, type BackendName } from './names.js';
import { engineBackends } from './engines.js';
import { withThreads } from '../threads.js';
import type { FoundBackend } from './found-backend.js';

export type { FoundBackend } from './found-backend.js';

/** What a backend may be told by the command line. */
export interface BackendSettings {
  readonly threads?: number | undefined;
}

const backends: Readonly<Record<BackendName, (settings: BackendSettings) => Promise<FoundBackend>>> = {
  reference: async () => ({ definition: (await import('@mace/core')).reference(), limitations: [] }),
  wasm: async ({ threads }) => {
    const { wasm } = await import('@mace/backend-wasm');
    return {
      definition: threads === undefined ? wasm() : await withThreads(wasm({ threads }), threads),
      limitations: [],
    };
  },
  'typed-arrays': async () => ({
    definition: (await import('@mace/backend-typed-arrays')).typedArrays(),
    limitations: [],
  }),
  ...engineBackends,
};

/** The definition behind `--backend`. @throws BackendUnavailableError that says what is known and what else is possible */
export async function backendNamed(name: string, settings: BackendSettings = {}): Promise<BackendDefinition> {
  return (await findBackend(name, settings)).definition;
}

/** As `backendNamed`, with the limitations that the package exports. */
export async function findBackend(name: string, settings: BackendSettings = {}): Promise<FoundBackend> {
  const { threads } = settings;
  if (threads !== undefined && name !== 'wasm')
    throw new FormatError(
      `--threads ${threads}: ${name} takes its own number of threads. Leave --threads out, or use --backend wasm.`,
    );
  const make = Object.hasOwn(backends, name) ? backends[name as BackendName] : undefined;
  if (make) return make(settings);
  const file = fileOf(name);
  if (!file)
    throw new BackendUnavailableError(
      `--backend ${name || '(an empty name)'}: there is no such backend. Known: ${backendNames.join(', ')}. Or give a folder with a package.json, a .js file, or the name of an installed package (@mace/backend-${name || 'NAME'}, mace-backend-${name || 'NAME'}).`,
    );
  return foundIn(file, name);
}

/** The module behind a path or a package name, if there is one. */
function fileOf(name: string): string | undefined {
  if (name === '') return undefined;
  const path = resolve(name);
  if (existsSync(path)) return statSync(path).isDirectory() ? entryOf(path) : path;
  const require = createRequire(join(process.cwd(), 'package.json'));
  // Loading a package executes it: only those whose names say that they are backends of ours.
  const isNamed = /^(@[\w.-]+\/)?mace-backend-[\w.-]+$|^@mace\/backend-[\w.-]+$/.test(name);
  for (const candidate of isNamed ? [name] : [`@mace/backend-${name}`, `mace-backend-${name}`]) {
    try {
      return entryOf(join(require.resolve(`${candidate}/package.json`), '..'));
    } catch {
      continue;
    }
  }
  return undefined;
}

/** What the `exports` of a package name for its own name. */
function entryOf(folder: string): string {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest))
    throw new BackendUnavailableError(
      `--backend ${folder}: there is no package.json in it. Give the folder of a package, or a .js file.`,
    );
  const { exports: doors, main } = manifestIn(manifest);
  const entry = targetOf(isFolderOfDoors(doors) ? doors['.'] : doors) ?? main ?? 'index.js';
  const file = join(folder, entry);
  if (!existsSync(file))
    throw new BackendUnavailableError(`--backend ${folder}: its entry ${entry} is missing. Build the package first.`);
  return file;
}

interface Manifest {
  readonly exports?: Door;
  readonly main?: string;
}

/** What `exports` has for a path: a file, or files by condition, which may nest. */
type Door = string | { readonly [condition: string]: Door };

/** @throws BackendUnavailableError for a package.json that is not JSON */
function manifestIn(file: string): Manifest {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch (error) {
    throw new BackendUnavailableError(`--backend: ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function isFolderOfDoors(doors: Door | undefined): doors is Readonly<Record<string, Door>> {
  return typeof doors === 'object' && Object.keys(doors).some((key) => key.startsWith('.'));
}

/** The file of the first condition that holds for an import by Node. */
function targetOf(door: Door | undefined): string | undefined {
  if (typeof door !== 'object') return door;
  for (const [condition, target] of Object.entries(door)) {
    const file = ['node', 'import', 'module-sync', 'default'].includes(condition) ? targetOf(target) : undefined;
    if (file !== undefined) return file;
  }
  return undefined;
}

/** The one function of a module that makes a definition. @throws BackendUnavailableError for none, several, a broken module */
async function foundIn(file: string, name: string): Promise<FoundBackend> {
  const exported = await imported(file, name);
  const definitions: BackendDefinition[] = [];
  const thrown: string[] = [];
  for (const [key, value] of Object.entries(exported)) {
    if (typeof value !== 'function' || value.length > 0 || /^\s*class\b/.test(String(value))) continue;
    try {
      const made: unknown = value();
      if (isDefinition(made)) definitions.push(made);
      // Some other function of the module, called in vain: what becomes of its promise is not our business.
      else if (made instanceof Promise) made.catch(() => {});
    } catch (error) {
      thrown.push(`${key}() throws: ${messageOf(error)}`);
    }
  }
  const [definition] = definitions;
  if (!definition || definitions.length > 1)
    throw new BackendUnavailableError(
      [
        `--backend ${name}: ${file} exports ${definitions.length} functions without arguments that give a backend definition; expected one. A definition has contract, name, probe and create.`,
        ...thrown,
      ].join(' '),
    );
  const limitations = Array.isArray(exported.limitations) ? (exported.limitations as Limitation[]) : [];
  return { definition, limitations };
}

async function imported(file: string, name: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw new BackendUnavailableError(
      `--backend ${name}: ${file} cannot be loaded: ${messageOf(error)} If it needs an engine, install that; if it is built, build it again.`,
      { cause: error },
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function isDefinition(value: unknown): value is BackendDefinition {
  const parts = value as Partial<BackendDefinition> | null;
  return (
    typeof parts === 'object' &&
    parts !== null &&
    typeof parts.probe === 'function' &&
    typeof parts.create === 'function'
  );
}
