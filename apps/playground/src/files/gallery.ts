/** Structures to begin with; `scripts/make-gallery.mjs` makes them. */
import { makeStructure } from '@mace/core/structure';
import type { Named } from '../state.js';
import entries from './gallery.json' with { type: 'json' };

export const gallery: readonly Named[] = entries.map(({ name, ...atoms }) => ({
  name,
  structure: makeStructure(atoms),
}));
