/**
 * Small graphs, at least one for each op, with the forms in which an op is easily wrong: empty targets, repeated factors,
 * derived maps, masks, scalars. Their values are moderate for any sizes; rounding never decides which branch is taken,
 * or does not matter.
 */
import { algebraGraphs } from './op-graphs/algebra.js';
import { layoutGraphs } from './op-graphs/layout.js';
import type { OpGraph } from './op-graphs/make.js';
import { pointwiseGraphs } from './op-graphs/pointwise.js';

export type { OpGraph } from './op-graphs/make.js';

/** Every small graph; run them on `randomInputs` with their range. */
export const opGraphs: readonly OpGraph[] = [...pointwiseGraphs, ...layoutGraphs, ...algebraGraphs];
