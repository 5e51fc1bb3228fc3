/**
 * The backends that the command line knows, by name; the only list of its kind outside of apps and benchmarks. Also finds
 * those of others: a folder, a file, an installed package.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BackendUnavailableError, type BackendDefinition } from '@mace/core';
import type { Limitation } from '@mace/conformance';

/** A definition, and what its package says that it cannot do. */
export interface FoundBackend {
  readonly definition: BackendDefinition;
  readonly limitations: readonly Limitation[];
}

const backends: Readonly<Record<string, () => Promise<BackendDefinition>>> = {
  reference: async () => (await import('@mace/core')).reference(),
  'typed-arrays': async () => (await import('@mace/backend-typed-arrays')).typedArrays(),
};

/** Names of the backends that come with the command line. */
export const backendNames = Object.keys(backends);

/** The definition behind `--backend`. @throws BackendUnavailableError that says what is known and what else is possible */
export async function backendNamed(name: string): Promise<BackendDefinition> {
  return (await findBackend(name)).definition;
}

/** As `backendNamed`, with the limitations that the package exports. */
export async function findBackend(name: string): Promise<FoundBackend> {
  const make = Object.hasOwn(backends, name) ? backends[name] : undefined;
  if (make) return { definition: await make(), limitations: [] };
  const file = fileOf(name);
  if (!file)
    throw new BackendUnavailableError(
      `--backend ${name}: there is no such backend. Known: ${backendNames.join(', ')}. Or give a folder with a package.json, a .js file, or the name of an installed package (@mace/backend-${name}, mace-backend-${name}).`,
    );
  return foundIn(file, name);
}

/** The module behind a path or a package name, if there is one. */
function fileOf(name: string): string | undefined {
  const path = resolve(name);
  if (existsSync(path)) return statSync(path).isDirectory() ? entryOf(path) : path;
  const require = createRequire(join(process.cwd(), 'package.json'));
  for (const candidate of [name, `@mace/backend-${name}`, `mace-backend-${name}`]) {
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
  const { exports: doors, main } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    exports?: string | Record<string, string | Record<string, string>>;
    main?: string;
  };
  const door = typeof doors === 'object' ? doors['.'] : doors;
  const entry = typeof door === 'object' ? (door.default ?? door.import) : door;
  const file = join(folder, entry ?? main ?? 'index.js');
  if (!existsSync(file))
    throw new BackendUnavailableError(
      `--backend ${folder}: its entry ${entry ?? main ?? 'index.js'} is missing. Build the package first.`,
    );
  return file;
}

/** The one function of a module that makes a definition. */
async function foundIn(file: string, name: string): Promise<FoundBackend> {
  const exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const definitions = Object.values(exported).flatMap((value): BackendDefinition[] => {
    if (typeof value !== 'function' || value.length > 0 || /^\s*class\b/.test(String(value))) return [];
    const made: unknown = value();
    return isDefinition(made) ? [made] : [];
  });
  const [definition] = definitions;
  if (!definition || definitions.length > 1)
    throw new BackendUnavailableError(
      `--backend ${name}: ${file} exports ${definitions.length} functions without arguments that give a backend definition; expected one. A definition has contract, name, probe and create.`,
    );
  const limitations = Array.isArray(exported.limitations) ? (exported.limitations as Limitation[]) : [];
  return { definition, limitations };
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
