/** What the command line knows of a backend that it has found. */
import type { Limitation } from '@mace/conformance';
import type { BackendDefinition } from '@mace/core';

/** A definition, and what its package says that it cannot do. */
export interface FoundBackend {
  readonly definition: BackendDefinition;
  readonly limitations: readonly Limitation[];
}
