/** Runs a law or a check of physics on one tiny model. */
import type { PhysicsCase, Verdict } from '../case.js';
import type { Subject } from '../subject.js';
import { factors } from '../tolerance.js';
import { allowed, checks } from './physics/checks.js';
import { laboratoryOf, type Laboratory } from './physics/laboratory.js';
import { laws } from './physics/laws.js';
import type { Calculator } from '@mace/core';

/** Names of everything that is asked of every model. */
export const physicsNames = [...Object.keys(checks), ...Object.keys(laws)];

/** In float64 the limits of rotation are fixed; in float32 eight times the noise decides. */
const rotationLimits = { f64: { energy: 1e-10, forces: 1e-9 }, f32: {} } as const;

export async function checkPhysics(subject: Subject, { law: name, model }: PhysicsCase): Promise<Verdict> {
  const laboratory = await laboratoryOf(subject, model);
  const check = checks[name];
  const { problems, ...rest } = check ? await check(laboratory) : await checkLaw(laboratory, name);
  return {
    ...rest,
    problems: problems.map((message) => ({ check: `physics/${name}`, message: `model ${model}: ${message}` })),
  };
}

async function checkLaw(laboratory: Laboratory, name: string): Promise<ReturnType<typeof allowed>> {
  const law = laws[name]!;
  const { structures, model } = laboratory;
  const mirror = !model.config.useSo3;
  const on = (calculator: Calculator, rotations: number): ReturnType<typeof law> =>
    law({ structures, mirror, rotations, evaluate: (batch) => calculator.evaluateAll(batch) });
  const turning = name === 'rotation' || name === 'reflection';
  return allowed(
    laboratory.precision,
    // Rotations and reflections together, of one structure: at least a hundred.
    await on(laboratory.backend, mirror ? 60 : 120),
    { exact: await on(laboratory.exact, 8), rounded: await on(laboratory.rounded, 8) },
    [],
    turning ? rotationLimits[laboratory.precision] : {},
    turning ? factors.ops : undefined,
  );
}
