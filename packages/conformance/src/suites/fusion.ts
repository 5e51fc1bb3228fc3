/** Every named fusion and graph pass alone and together, on the force graph of every family of models. */
import { tinyModelNames } from '../tiny-models.js';
import type { FusionCase } from '../case.js';

export function fusionCases(): FusionCase[] {
  return [
    { kind: 'fusion', path: 'fusion/each-occurs', model: null },
    ...tinyModelNames.map((model): FusionCase => ({ kind: 'fusion', path: `fusion/models/${model}`, model })),
  ];
}
