/** Positions and cells in place of edge vectors, where bindings have `setGeometry`: the numbers. */
import type { Outputs } from '../../subject.js';
import type { Check } from './check.js';
import { copied, outcomeOf, refusal } from './check.js';
import { different, wrong } from './compare.js';
import { moving, movingStructures, otherwise, placed, wrongAt } from './moving.js';

/** Å; float32 has neither it nor a number within 10⁻⁴ of it. */
const farAway = 10_000 + 1 / 3;

export const geometryChecks: Readonly<Record<string, Check>> = {
  'geometry/values': (subject) =>
    placed(subject, async ({ binding, structures }) => {
      for (const seed of [1, 2, 1]) {
        const fault = await wrongAt(subject, binding, structures.step(seed));
        if (fault) return [`a run on positions is not as one on edge vectors: ${fault}.`];
      }
      return [];
    }),

  'geometry/far-away': (subject) =>
    placed(subject, async ({ binding, structures }) => {
      for (const origin of [farAway, -farAway, 20 * farAway]) {
        const fault = await wrongAt(subject, binding, structures.step(1, { origin }));
        if (fault)
          return [`atoms ${origin.toFixed(2)} Å from the origin: ${fault}. Subtract with all digits, then round.`];
      }
      return [];
    }),

  'geometry/too-far': (subject) =>
    placed(subject, async ({ binding, structures }) => {
      const step = structures.step(1, { origin: 2 ** 30 });
      const outcome = await outcomeOf(async () => copied(await binding.run(step.values)));
      const problems = outcome.thrown
        ? await refusal('a run on positions of 10⁹ Å', () => Promise.reject(outcome.error as Error), {
            code: 'unsupported',
            reason: 'size',
            naming: 'positions',
          })
        : [await wrong(subject, moving, step.inputs, outcome.value as Outputs)].flatMap((fault) =>
            fault ? [`atoms 10⁹ Å from the origin: ${fault}. Be right, or refuse it.`] : [],
          );
      const fault = await wrongAt(subject, binding, structures.step(1));
      return fault ? [...problems, `after a run on positions of 10⁹ Å: ${fault}.`] : problems;
    }),

  'geometry/cells': (subject) =>
    placed(subject, async ({ binding, structures }) => {
      for (const quarters of [4, 5, 3]) {
        const fault = await wrongAt(subject, binding, structures.step(1, { quarters }));
        if (fault)
          return [`a run in cells of ${quarters / 4} times the usual size: ${fault}. Each run has cells of its own.`];
      }
      return [];
    }),

  'geometry/bindings': (subject) =>
    placed(subject, async ({ binding, structures, executable }) => {
      const others = movingStructures(2);
      const other = await executable.bind(others.sizes);
      await other.setGeometry!(others.geometry);
      const plain = await executable.bind(structures.sizes);
      for (const seed of [1, 2]) {
        const fault =
          (await wrongAt(subject, binding, structures.step(seed))) ??
          (await wrongAt(subject, other, others.step(seed))) ??
          (await wrongAt(subject, plain, structures.step(seed), true));
        if (fault) return [`two bindings with geometries, and one without, in turn: ${fault}. Each has its own.`];
      }
      return [];
    }),

  'geometry/replaced': (subject) =>
    placed(subject, async ({ binding, structures }) => {
      const before = structures.step(1);
      const running = binding.run(before.values);
      const others = otherwise(structures);
      await binding.setGeometry!(others.geometry);
      const fault =
        (await wrong(subject, moving, before.inputs, copied(await running))) ??
        (await wrongAt(subject, binding, others.step(1))) ??
        (await wrongAt(subject, binding, others.step(2)));
      return fault
        ? [`setGeometry, called again during a run: ${fault}. That run has the old one, later ones the new.`]
        : [];
    }),

  'geometry/overlap': (subject) =>
    placed(subject, async ({ binding, structures }) => {
      const steps = [1, 2, 3, 4].map((seed) => structures.step(seed, { quarters: 3 + (seed % 2) }));
      const running = steps.map(({ values }) => {
        const result = binding.run(values);
        for (const array of Object.values(values)) array.fill(7);
        return result;
      });
      for (const [i, found] of (await Promise.all(running)).entries()) {
        const fault = await wrong(subject, moving, steps[i]!.inputs, copied(found));
        if (fault)
          return [
            `run ${i + 1} of 4 on positions that are written to as soon as it has returned its promise: ${fault}.`,
          ];
      }
      return [];
    }),

  'geometry/copied': (subject) =>
    placed(subject, async ({ binding, structures }) => {
      for (const array of Object.values(structures.geometry) as Int32Array[]) array.fill(0);
      const fault = await wrongAt(subject, binding, structures.step(1));
      return fault ? [`the arrays of the geometry were written to, and a run saw it: ${fault}. Copy them.`] : [];
    }),

  'geometry/either-array': (subject) =>
    placed(subject, async ({ binding, structures }) => {
      const { values, inputs } = structures.step(1);
      const [single, double] = [Float32Array, Float64Array].map((kind) =>
        Object.fromEntries(Object.entries(values).map(([name, x]) => [name, kind.from(Float32Array.from(x))])),
      );
      const [wanted, found] = [copied(await binding.run(double!)), copied(await binding.run(single!))];
      const fault = await different(subject, moving, inputs, wanted, found);
      return fault ? [`positions and cells in a Float32Array: ${fault}. Accept both kinds of array.`] : [];
    }),
};
