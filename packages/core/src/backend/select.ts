/**
 * Takes the first backend of a list that is there and fits, and says why not the others.
 *
 * Nothing is imported or registered: the caller hands in the definitions, best first.
 */
import { BackendUnavailableError } from '../errors.js';
import type { Availability, Backend, BackendDefinition, Precision } from './contract.js';

/** The contract that this version knows. */
export const contractVersion = 2;

export interface SelectOptions {
  /** What the backend must compute in. Default: anything. */
  readonly precision?: Precision;
  /** Told about each definition as it is looked at, for a log line or a status bar. */
  readonly onConsidered?: (considered: Considered) => void;
}

/** What became of one definition. */
export interface Considered {
  readonly name: string;
  readonly taken: boolean;
  /** The device that was taken, or why this backend was not. */
  readonly reason: string;
  readonly remedy?: string;
}

/**
 * The first backend of `definitions` that is available in the wanted precision.
 *
 * @throws BackendUnavailableError that lists every definition with its reason and remedy
 */
export async function selectBackend(
  definitions: readonly BackendDefinition[],
  options: SelectOptions = {},
): Promise<Backend> {
  const refused: Considered[] = [];
  for (const definition of definitions) {
    const considered = await consider(definition, options.precision);
    if (considered.taken) {
      try {
        const backend = await definition.create();
        options.onConsidered?.(considered);
        return backend;
      } catch (error) {
        refused.push({ name: definition.name, taken: false, reason: `create failed: ${messageOf(error)}` });
      }
    } else refused.push(considered);
    options.onConsidered?.(refused.at(-1)!);
  }
  const lines = refused.map(({ name, reason, remedy }) => `  ${name}: ${reason}${remedy ? ` ${remedy}` : ''}`);
  throw new BackendUnavailableError(
    refused.length === 0
      ? 'selectBackend got an empty list. Pass at least one definition, for instance reference() of @mace/core.'
      : `none of the ${refused.length} backends can be used:\n${lines.join('\n')}`,
  );
}

/** What `probe` says, with a broken contract or a thrown error turned into a reason. */
export async function probeBackend(definition: BackendDefinition): Promise<Availability> {
  if (definition.contract !== contractVersion)
    return {
      available: false,
      reason: `it follows contract ${String(definition.contract)}; this version knows contract ${contractVersion}.`,
      remedy: 'Install versions that belong together.',
    };
  try {
    return await definition.probe();
  } catch (error) {
    return { available: false, reason: `its probe failed, which it must not: ${messageOf(error)}` };
  }
}

async function consider(definition: BackendDefinition, precision: Precision | undefined): Promise<Considered> {
  const { name } = definition;
  const availability = await probeBackend(definition);
  if (!availability.available) {
    const { reason, remedy } = availability;
    return { name, taken: false, reason, ...(remedy !== undefined && { remedy }) };
  }
  const { precisions } = availability.capabilities;
  if (precision && !precisions.includes(precision))
    return { name, taken: false, reason: `it computes in ${precisions.join(' and ')}; ${precision} was asked for.` };
  return { name, taken: true, reason: availability.device };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
