/** The backends that the command line knows, by name. The only list of its kind outside of apps and benchmarks. */
import { BackendUnavailableError, reference, type BackendDefinition } from '@mace/core';

const backends: Readonly<Record<string, () => BackendDefinition>> = { reference };

/** The definition behind `--backend`. @throws BackendUnavailableError that lists the names */
export function backendNamed(name: string): BackendDefinition {
  const make = Object.hasOwn(backends, name) ? backends[name] : undefined;
  if (!make)
    throw new BackendUnavailableError(
      `--backend ${name}: there is no such backend. Known: ${Object.keys(backends).join(', ')}.`,
    );
  return make();
}
