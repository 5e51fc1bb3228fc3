/** Threads that a person asked for: as many as a backend takes, and a word where the machine has fewer. */
import { availableParallelism } from 'node:os';
import { FormatError, type BackendDefinition } from '@mace/core';
import { complain, yellow } from './console.js';

/** The definition, if it takes so many. @throws FormatError */
export async function withThreads(
  definition: BackendDefinition,
  threads: number,
  { atOnce = availableParallelism(), say = complain } = {},
): Promise<BackendDefinition> {
  const found = await definition.probe();
  const taken = found.available ? (found.capabilities.threads ?? 1) : threads;
  if (taken < threads)
    throw new FormatError(
      `--threads ${threads}: ${definition.name} takes at most ${taken} here, and this machine runs ${atOnce} at once. Leave --threads out for all of them.`,
    );
  if (threads > atOnce)
    say(
      `${yellow('note')}: --threads ${threads}: this machine runs ${atOnce} at once; more than these only wait for each other\n`,
    );
  return definition;
}
