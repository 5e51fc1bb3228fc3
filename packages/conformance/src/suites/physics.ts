/** Every law on every family of models. */
import { tinyModelNames } from '../tiny-models.js';
import { physicsNames } from '../checks/physics.js';
import type { PhysicsCase } from '../case.js';

/** Model by model, because cases of one model share what was compiled for it. */
export function physicsCases(): PhysicsCase[] {
  return tinyModelNames.flatMap((model) =>
    physicsNames.map((law): PhysicsCase => ({ kind: 'physics', path: `physics/${law}/${model}`, law, model })),
  );
}
