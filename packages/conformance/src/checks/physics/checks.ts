/** Checks that are more than a law of one evaluator: against the reference, of bits, of derivatives, of weights. */
import type { Result } from '@mace/core';
import { makeStructure, type Structure } from '@mace/core/structure';
import type { Verdict } from '../../case.js';
import { structures, transformed } from '../../structures.js';
import { ceilings, factors, fraction, largestDifference, toleranceOf } from '../../tolerance.js';
import { Deviation } from './deviation.js';
import { againstReference, withinNoise } from './judgement.js';
import { evaluateHeads, type Laboratory } from './laboratory.js';

export type PhysicsCheck = (laboratory: Laboratory) => Promise<Omit<Verdict, 'problems'> & { problems: string[] }>;

export const checks: Readonly<Record<string, PhysicsCheck>> = {
  /** Energies, forces and stress are those of the reference, for every head. */
  reference: async (laboratory) => {
    const { model, structures: named } = laboratory;
    const list = named.map(([, structure]) => structure);
    const actual = await evaluateHeads(laboratory.backend, model, list);
    return againstReference(laboratory.precision, actual, await laboratory.expected(), laboratory.noise, (i) => {
      const head = model.config.heads[Math.floor(i / list.length)]!;
      return model.config.heads.length > 1 ? `${named[i % list.length]![0]}, head ${head}` : named[i % list.length]![0];
    });
  },

  /** Alone, twice, and anywhere in a batch: the same bits, where the backend claims to be deterministic. */
  batch: async ({ subject, backend, precision, structures: named, noise }) => {
    const list = named.map(([, structure]) => structure);
    const { capabilities } = await subject.backend();
    const problems: string[] = [];
    const together = await backend.evaluateAll([...list].reverse());
    together.reverse();
    const deviation = new Deviation();
    for (const [i, structure] of list.entries()) {
      const alone = await backend.evaluate(structure);
      const again = await backend.evaluate(structure);
      const where = named[i]![0];
      if (capabilities.deterministic) {
        if (!sameBits(alone, again))
          problems.push(`${where}: two runs differ in bits, though deterministic is claimed.`);
        if (!sameBits(alone, together[i]!))
          problems.push(`${where}: other structures in the batch change its bits, though deterministic is claimed.`);
      }
      deviation.compare(together[i]!, alone, where);
    }
    const judgement = await withinNoise(precision, deviation, { noise });
    return { ...judgement, problems: [...problems, ...judgement.problems] };
  },

  /** A lone atom has what the graph without edges gives, and no force. */
  'isolated-atom': async ({ backend, exact, model, precision }) => {
    const problems: string[] = [];
    for (const z of model.config.atomicNumbers) {
      const atom = makeStructure({ numbers: [z], positions: [1, 2, 3] });
      const [found, wanted] = [await backend.evaluate(atom), await exact.evaluate(atom)];
      const limit = wanted.interactionEnergy === 0 ? 0 : ceilings[precision].energy;
      if (!(Math.abs(found.energy - wanted.energy) <= limit))
        problems.push(`element ${z}: expected ${wanted.energy} eV, got ${found.energy}.`);
      if (found.forces!.some((f) => f !== 0))
        problems.push(`element ${z}: a force of ${[...found.forces!].join(' ')}.`);
    }
    return { worst: null, problems };
  },

  /** Forces and stress are derivatives of the energy, by central differences on the backend. Float64 only. */
  derivative: async ({ backend, precision }) => {
    if (precision !== 'f64')
      return {
        worst: null,
        problems: [],
        unavailable: 'a finite difference in float32 proves nothing; see physics/reference.',
      };
    const crystal = structures['rock-salt']!;
    const result = await backend.evaluate(crystal);
    const h = 1e-4;
    const energies = async (moved: (step: number) => Structure): Promise<number> => {
      const [up, down] = await backend.evaluateAll([moved(h), moved(-h)], { properties: [] });
      return (up!.energy - down!.energy) / (2 * h);
    };
    const deviation = new Deviation();
    for (const at of [0, 4]) {
      const slope = await energies((step) => ({
        ...crystal,
        positions: crystal.positions.map((x, i) => (i === at ? x + step : x)),
      }));
      deviation.note('forces', [result.forces![at]!], [-slope], `rock-salt, coordinate ${at}`);
    }
    for (const [a, b] of [
      [0, 0],
      [1, 2],
    ] as const) {
      const slope = await energies((step) => {
        const strain = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
        strain[3 * a + b]! += step / 2;
        strain[3 * b + a]! += step / 2;
        return transformed(crystal, strain);
      });
      deviation.note('stress', [result.stress![3 * a + b]!], [slope / result.volume!], `rock-salt, strain ${a}${b}`);
    }
    // Central differences with 10⁻⁴ Å keep about seven digits.
    const limits = {
      forces: 1e-6 * Math.max(1, deviation.scale.forces),
      stress: 1e-6 * Math.max(1, deviation.scale.stress),
    };
    const problems = (['forces', 'stress'] as const).flatMap((quantity) =>
      deviation.error[quantity] > limits[quantity]
        ? [
            `${quantity} are not the derivative of the energy: off by ${deviation.error[quantity]} (${deviation.at[quantity]}).`,
          ]
        : [],
    );
    return {
      worst: Math.max(deviation.error.forces / limits.forces, deviation.error.stress / limits.stress),
      problems,
    };
  },

  /** A Hessian-vector product, which is differentiated twice, is that of the reference. */
  hessian: async (laboratory) => {
    const { backend, exact, rounded, precision } = laboratory;
    const molecule = structures.water!;
    const vector = molecule.positions.map((_, i) => Math.sin(1 + 2.3 * i));
    const found = await backend.hessianVector(molecule, vector);
    const wanted = await exact.hessianVector(molecule, vector);
    const error = largestDifference(found, wanted);
    let tolerance = toleranceOf(precision, factors.model, [{ exact: wanted, rounded: wanted }]);
    if (error > tolerance)
      tolerance = toleranceOf(precision, factors.model, [
        { exact: wanted, rounded: await rounded.hessianVector(molecule, vector) },
      ]);
    return {
      worst: fraction(error, tolerance),
      problems:
        error > tolerance ? [`the Hessian times a vector is off by ${error} eV/Å²; ${tolerance} is allowed.`] : [],
    };
  },

  /** New weights are used, in what depends on weights alone too; the old ones give the old bits again. */
  parameters: async (laboratory) => {
    const { backend, exact, rounded, model, structures: named } = laboratory;
    const list = named.map(([, structure]) => structure);
    const before = await backend.evaluateAll(list);
    const names = Object.keys(model.weights).filter((name) => /linear.*weight|weights/.test(name));
    const changed = Object.fromEntries(
      names.map((name) => [name, Float64Array.from(model.weights[name]!.data, (w, i) => w * (1 + 0.2 * Math.sin(i)))]),
    );
    const old = Object.fromEntries(names.map((name) => [name, Float64Array.from(model.weights[name]!.data)]));
    for (const calculator of [backend, exact, rounded]) await calculator.setParameters(changed);
    const wanted = await exact.evaluateAll(list);
    const verdict = await againstReference(
      laboratory.precision,
      await backend.evaluateAll(list),
      wanted,
      async () => [{ exact: wanted, rounded: await rounded.evaluateAll(list) }],
      (i) => `${named[i]![0]} after setParameters`,
    );
    for (const calculator of [backend, exact, rounded]) await calculator.setParameters(old);
    const after = await backend.evaluateAll(list);
    const { capabilities } = await laboratory.subject.backend();
    if (capabilities.deterministic && after.some((result, i) => !sameBits(result, before[i]!)))
      verdict.problems.push('the old weights do not give the old bits again.');
    return verdict;
  },
};

function sameBits(a: Result, b: Result): boolean {
  const same = (x: ArrayLike<number>, y: ArrayLike<number>): boolean =>
    x.length === y.length && Array.from(x).every((value, i) => Object.is(value, y[i]));
  return (
    Object.is(a.energy, b.energy) &&
    same(a.forces!, b.forces!) &&
    same(a.energies, b.energies) &&
    same(a.virial!, b.virial!)
  );
}
