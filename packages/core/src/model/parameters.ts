/**
 * Name and shape of every trainable parameter of a configuration, in the order in which the graph first asks for them.
 *
 * The graph itself is the list: it is built once without weights, and what it asks for is written down.
 */
import { GraphBuilder, type Shape } from '../ir/index.js';
import type { MaceConfig } from './config.js';
import { modelContext } from './context.js';
import { energyGraph } from './mace.js';

export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Trainable parameters by upstream names; buffers (`scale_shift`, isolated-atom energies, U matrices) are not among them. */
export function parameterShapes(config: MaceConfig): ParameterShape[] {
  const found = new Map<string, Shape>();
  energyGraph(modelContext(new GraphBuilder(), { config, weights: {} }, (name, shape) => found.set(name, shape)));
  return [...found]
    .filter(([name]) => !name.startsWith('scale_shift.'))
    .map(([name, shape]) => ({ name, shape: shape as readonly number[] }));
}
