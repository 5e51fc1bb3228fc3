/** Runs a law or a check of physics on one tiny model. */
import type { Calculator } from '@mace/core';
import type { PhysicsCase, Verdict } from '../case.js';
import type { Subject } from '../subject.js';
import { factors } from '../tolerance.js';
import { checks } from './physics/checks.js';
import type { Deviation } from './physics/deviation.js';
import { withinNoise, type Judgement } from './physics/judgement.js';
import { laboratoryOf, type Laboratory } from './physics/laboratory.js';
import { laws } from './physics/laws.js';

/** Names of everything that is asked of every model. */
export const physicsNames = [...Object.keys(checks), ...Object.keys(laws)];

/** In float64 the limits of rotations are fixed; in float32 eight times the noise decides. */
const rotationLimits = { f64: { energy: 1e-10, forces: 1e-9 }, f32: {} } as const;

export async function checkPhysics(subject: Subject, { law: name, model }: PhysicsCase): Promise<Verdict> {
  const laboratory = await laboratoryOf(subject, model);
  if (name === 'reflection' && laboratory.model.config.useSo3)
    return { worst: null, problems: [], unavailable: 'a model of SO(3) alone tells left from right.' };
  const check = checks[name];
  const { problems, ...rest } = check ? await check(laboratory) : await checkLaw(laboratory, name);
  return {
    ...rest,
    problems: problems.map((message) => ({ check: `physics/${name}`, message: `model ${model}: ${message}` })),
  };
}

async function checkLaw(laboratory: Laboratory, name: string): Promise<Judgement> {
  const { structures, model, precision, backend } = laboratory;
  const found = (calculator: Calculator, rotations: number): Promise<Deviation> =>
    laws[name]!({ structures, rotations, evaluate: (batch) => calculator.evaluateAll(batch) });
  // Rotations and reflections of two molecules, together more than a hundred.
  const deviation = await found(backend, model.config.useSo3 ? 94 : 47);
  const { noise } = laboratory;
  // Nothing but rounding keeps the reference from being equivariant; other laws move atoms, and lose digits of their positions.
  if (name === 'rotation' || name === 'reflection')
    return withinNoise(precision, deviation, { noise, fixed: rotationLimits[precision], factor: factors.ops });
  const exact = (): Promise<Deviation> => laboratory.lawful(name, (calculator) => found(calculator, 1));
  return withinNoise(precision, deviation, { noise, exact });
}
