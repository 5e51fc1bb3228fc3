/** Positions and cells in place of edge vectors: what is refused, and what is left behind. */
import type { EdgeGeometry, RunValues } from '@mace/core/backend';
import { GraphBuilder, type Graph, type Shape } from '@mace/core/ir';
import type { Check } from './check.js';
import { compiled, copied, outcomeOf, refusal, leftBy } from './check.js';
import { wrong } from './compare.js';
import { moving, otherwise, placed, wrongAt } from './moving.js';

export const geometryRefusalChecks: Readonly<Record<string, Check>> = {
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
      return leftBy(backend, use, 20, '40 geometries that were replaced, and 20 bindings that were disposed of,');
    });
  },
};

function graphOf(inputs: Readonly<Record<string, Shape>>): Graph {
  const build = new GraphBuilder();
  const outputs = Object.entries(inputs).map(([name, shape]) => [
    `sin of ${name}`,
    build.sin(build.input(name, shape)),
  ]);
  return build.finish('other', Object.fromEntries(outputs));
}
