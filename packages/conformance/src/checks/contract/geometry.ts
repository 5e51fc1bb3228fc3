/** Positions and cells in place of edge vectors, where bindings have `setGeometry`. */
import type { Binding, EdgeGeometry, RunValues } from '@mace/core/backend';
import { GraphBuilder, type Graph, type Shape } from '@mace/core/ir';
import type { Subject } from '../../subject.js';
import type { TestedExecutable } from '../../tested-executable.js';
import type { Check, Finding } from './check.js';
import { compiled, copied, outcomeOf, refusal } from './check.js';
import { different, wrong } from './compare.js';
import { moving, movingStructures, type Moving, type MovingStep } from './moving.js';

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

  'geometry/refused': (subject) =>
    placed(subject, async ({ binding, structures, executable }) => {
      const { geometry } = structures;
      const { atoms, graphs } = structures.sizes.dims;
      const wrongs: [string, Partial<EdgeGeometry>, string][] = [
        ['shifts of one edge too few', { shifts: geometry.shifts.slice(3) }, 'shifts'],
        ['one sender too many', { sender: Int32Array.of(...geometry.sender, 0) }, 'sender'],
        ['an atom that is not there', { receiver: geometry.receiver.map(() => atoms) }, 'receiver'],
        ['a structure that is not there', { structure: geometry.structure.map(() => graphs) }, 'structure'],
      ];
      const problems: string[] = [];
      for (const [what, change, naming] of wrongs)
        problems.push(
          ...(await refusal(`setGeometry with ${what}`, () => binding.setGeometry!({ ...geometry, ...change }), {
            code: 'shape',
            naming,
          })),
        );
      const plain = await executable.bind(structures.sizes);
      await outcomeOf(() => plain.setGeometry!({ ...geometry, shifts: geometry.shifts.slice(3) }));
      const fault =
        (await wrongAt(subject, binding, structures.step(1))) ??
        (await wrongAt(subject, plain, structures.step(1), true));
      return fault ? [...problems, `after setGeometry threw: ${fault}. Then all stays as it was.`] : problems;
    }),

  'geometry/values-refused': (subject) =>
    placed(subject, async ({ binding, structures, executable }) => {
      const { values, inputs } = structures.step(1);
      const { cells: _cells, ...without } = values;
      const wrongs: [string, RunValues, string][] = [
        ['on edge vectors alone', inputs.values, 'edgeVectors'],
        ['on edge vectors beside positions', { ...values, ...inputs.values }, 'edgeVectors'],
        ['without cells', without, 'cells'],
        ['with positions of one atom too few', { ...values, positions: values.positions.slice(3) }, 'positions'],
        ['with one number more in cells', { ...values, cells: new Float64Array(28) }, 'cells'],
      ];
      const backend = await subject.backend();
      const tensor = backend.capabilities.deviceTensors && backend.upload(values.positions, [11, 3]);
      if (tensor) wrongs.push(['on a tensor of positions', { ...values, positions: tensor }, 'positions']);
      const plain = await executable.bind(structures.sizes);
      const problems = await refusal('a run on positions before setGeometry', () => plain.run(values), {
        code: 'shape',
        naming: 'edgeVectors',
      });
      for (const [what, given, naming] of wrongs)
        problems.push(
          ...(await refusal(`after setGeometry, a run ${what}`, () => binding.run(given), { code: 'shape', naming })),
        );
      if (tensor) tensor.dispose();
      const fault = await wrongAt(subject, binding, structures.step(1));
      return fault ? [...problems, `after refusals, a run on positions: ${fault}.`] : problems;
    }),

  'geometry/other-graphs': (subject) =>
    placed(subject, async ({ structures }) => {
      const problems: string[] = [];
      for (const [what, graph] of [
        ['no edge vectors', graphOf({ start: ['atoms', 3] })],
        ['edge vectors of two components', graphOf({ edgeVectors: ['edges', 2] })],
        ['an input cells of its own', graphOf({ edgeVectors: ['edges', 3], cells: ['graphs', 9] })],
      ] as const)
        await compiled(subject, { graph, parameters: {} }, async (executable) => {
          const binding = await executable.bind({ ...structures.sizes, maps: {} });
          problems.push(
            ...(await refusal(`setGeometry for a graph with ${what}`, () => binding.setGeometry!(structures.geometry), {
              code: 'graph',
              naming: 'edgeVectors',
            })),
          );
        });
      return problems;
    }),

  'geometry/disposed': (subject) =>
    placed(subject, async ({ binding, structures }) => {
      const { values, inputs } = structures.step(1);
      const running = binding.run(values);
      binding.dispose();
      const fault = await wrong(subject, moving, inputs, copied(await running));
      return [
        ...(fault ? [`dispose of a binding during its run on positions: ${fault}. It waits for it.`] : []),
        ...(await refusal('setGeometry after binding.dispose', () => binding.setGeometry!(structures.geometry), {
          code: 'disposed',
        })),
      ];
    }),

  'geometry/memory': async (subject) => {
    const backend = await subject.backend();
    return placed(subject, async ({ binding, structures, executable }) => {
      const use = async (): Promise<void> => {
        const other = await executable.bind(structures.sizes);
        for (const from of [structures, otherwise(structures)]) {
          for (const one of [binding, other]) {
            await one.setGeometry!(from.geometry);
            await one.run(from.step(1).values);
          }
        }
        other.dispose();
      };
      await use();
      const before = backend.memory();
      for (let i = 0; i < 20; i++) await use();
      const { liveBytes, liveBuffers } = backend.memory();
      return liveBytes > before.liveBytes || liveBuffers > before.liveBuffers
        ? [
            `40 geometries that were replaced, and 20 bindings that were disposed of, left ${liveBytes - before.liveBytes} bytes in ${liveBuffers - before.liveBuffers} buffers.`,
          ]
        : [];
    });
  },
};

interface Placed {
  readonly executable: TestedExecutable;
  /** It has the geometry. */
  readonly binding: Binding;
  readonly structures: Moving;
}

/** Compiles, binds and gives a geometry. */
function placed(subject: Subject, use: (given: Placed) => Promise<Finding>): Promise<Finding> {
  return compiled(subject, moving, async (executable) => {
    const structures = movingStructures(1);
    const binding = await executable.bind(structures.sizes);
    if (!binding.setGeometry) return { unavailable: 'bindings of the backend take no positions.' };
    await binding.setGeometry(structures.geometry);
    return use({ executable, binding, structures });
  });
}

/** How a run of a step differs from what the reference makes of its edge vectors. */
async function wrongAt(
  subject: Subject,
  binding: Binding,
  step: MovingStep,
  onVectors = false,
): Promise<string | null> {
  const found = await binding.run(onVectors ? step.inputs.values : step.values);
  return wrong(subject, moving, step.inputs, copied(found));
}

/** Other senders and shifts for the same sizes and maps. */
function otherwise({ geometry }: Moving): Moving {
  return movingStructures(2, geometry.receiver);
}

function graphOf(inputs: Readonly<Record<string, Shape>>): Graph {
  const build = new GraphBuilder();
  const outputs = Object.entries(inputs).map(([name, shape]) => [
    `sin of ${name}`,
    build.sin(build.input(name, shape)),
  ]);
  return build.finish('other', Object.fromEntries(outputs));
}
