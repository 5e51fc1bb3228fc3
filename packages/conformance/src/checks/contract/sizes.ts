/** Any sizes, any number of times, without recompiling; and a run that remembers nothing of the one before. */
import { indexMapValues, type RunInputs } from '@mace/core/backend';
import { batchInputs } from '../../model-inputs.js';
import { structures } from '../../structures.js';
import type { Subject } from '../../subject.js';
import type { Example } from '../../case.js';
import type { Check } from './check.js';
import { compiled, runCopied } from './check.js';
import { different, wrong } from './compare.js';
import { forcesOf, joined, sample, sampleInputs } from './examples.js';

export const sizeChecks: Readonly<Record<string, Check>> = {
  'sizes/growing-and-shrinking': async (subject) => {
    const dims = [
      [5, 14, 2],
      [70, 900, 4],
      [4, 3, 1],
      [150, 1300, 6],
      [64, 65, 3],
      [5, 1200, 1],
    ] as const;
    const ofSample = dims.map(
      ([atoms, edges, graphs], i) =>
        () =>
          sampleInputs(i + 1, { atoms, edges, graphs }),
    );
    const model = forcesOf('A');
    const { water, chiral, diamond } = structures;
    const ofModel = [[water!], [diamond!, chiral!, water!], [water!], [chiral!]].map(
      (batch) => () => batchInputs(model.config, batch),
    );
    return [
      ...(await asFresh(subject, sample, ofSample, 'a small graph')),
      ...(await asFresh(subject, model, ofModel, 'the forces of a tiny model')),
    ];
  },

  'sizes/no-edges': (subject) =>
    right(subject, 'a run with 5 atoms and no edge', sampleInputs(1, { atoms: 5, edges: 0, graphs: 2 })),

  'sizes/no-atoms': async (subject) => [
    ...(await right(
      subject,
      'a run of one structure without atoms',
      sampleInputs(1, { atoms: 0, edges: 0, graphs: 1 }),
    )),
    ...(await right(subject, 'a run of no structure at all', sampleInputs(1, { atoms: 0, edges: 0, graphs: 0 }))),
  ],

  'sizes/one-atom': (subject) =>
    right(subject, 'a run with one atom and two edges to itself', sampleInputs(1, { atoms: 1, edges: 2, graphs: 1 })),

  'sizes/empty-structure-in-a-batch': (subject) => {
    const empty = sampleInputs(2, { atoms: 0, edges: 0, graphs: 1 });
    return right(
      subject,
      'a batch whose second structure of three has no atoms',
      joined(sample.graph, [sampleInputs(1), empty, sampleInputs(3)]),
    );
  },

  'sizes/empty-members': (subject) =>
    compiled(subject, sample, async (executable) => {
      const empty = (): RunInputs => sampleInputs(2, { atoms: 0, edges: 0, graphs: 1 });
      const full = (seed: number): RunInputs => sampleInputs(seed, { atoms: 4, edges: 9, graphs: 1 });
      const lone = (seed: number): RunInputs => sampleInputs(seed, { atoms: 1, edges: 0, graphs: 1 });
      for (const make of [empty, lone])
        for (const places of [[0], [1], [2], [3], [0, 1], [1, 2], [2, 3], [0, 3], [0, 1, 2, 3]]) {
          const parts = [0, 1, 2, 3].map((i) => (places.includes(i) ? make(i) : full(i + 1)));
          const inputs = joined(sample.graph, parts);
          const fault = await wrong(subject, sample, inputs, await runCopied(executable, inputs));
          if (fault)
            return [
              `a batch of four structures, of which number ${places.map((i) => i + 1).join(' and ')} ${make === empty ? 'have no atoms' : 'are one atom without edges'}: ${fault}. A sum of nothing is 0.`,
            ];
        }
      return [];
    }),

  'sizes/targets-that-nothing-hits': (subject) =>
    compiled(subject, sample, async (executable) => {
      const dims = { atoms: 6, edges: 20, graphs: 3 };
      const missing = [[0], [2], [5], [0, 1], [4, 5], [0, 5], [1, 2, 3, 4]];
      for (const name of ['sender', 'receiver', 'graph'] as const)
        for (const without of missing) {
          const inputs = sampleInputs(3, dims);
          const targets = inputs.maps[name]!.offsets.length - 1;
          const allowed = Array.from({ length: targets }, (_, i) => i).filter((i) => !without.includes(i));
          if (allowed.length === 0) continue;
          const values = inputs.maps[name]!.values.map((target) => allowed[target % allowed.length]!);
          const edited = { ...inputs, maps: { ...inputs.maps, [name]: indexMapValues(values, targets) } };
          const fault = await wrong(subject, sample, edited, await runCopied(executable, edited));
          if (fault)
            return [
              `a run whose index map ${name} hits nothing at ${without.join(', ')} of ${targets}: ${fault}. A sum of nothing is 0.`,
            ];
        }
      return [];
    }),

  'sizes/every-count': (subject) =>
    compiled(subject, sample, async (executable) => {
      const counts = [
        ...Array.from({ length: 41 }, (_, n) => n),
        47,
        48,
        49,
        63,
        64,
        65,
        100,
        127,
        128,
        129,
        200,
        255,
        256,
        257,
        300,
        500,
        1000,
        3000,
      ];
      for (const atoms of counts) {
        const inputs = sampleInputs(atoms, {
          atoms,
          edges: atoms === 0 ? 0 : (atoms * 7) % 61,
          graphs: 1 + (atoms % 5),
        });
        const fault = await wrong(subject, sample, inputs, await runCopied(executable, inputs));
        if (fault)
          return [
            `a run with ${atoms} atoms, ${inputs.dims.edges} edges and ${inputs.dims.graphs} structures: ${fault}.`,
          ];
      }
      return [];
    }),

  'state/alternating-inputs': (subject) =>
    compiled(subject, sample, async (executable) => {
      const first = await runCopied(executable, sampleInputs(1));
      await executable.run(sampleInputs(2));
      const again = await runCopied(executable, sampleInputs(1));
      const fault = await different(subject, sample, sampleInputs(1), first, again);
      return fault
        ? [`inputs A, then B, then A again: the second result of A is not the first: ${fault}. Begin each run anew.`]
        : [];
    }),
};

async function asFresh(
  subject: Subject,
  example: Example,
  sizes: readonly (() => RunInputs)[],
  what: string,
): Promise<string[]> {
  return compiled(subject, example, async (kept) => {
    for (const [i, inputs] of sizes.entries()) {
      const found = await runCopied(kept, inputs());
      const fresh = await compiled(subject, example, (executable) => runCopied(executable, inputs()));
      const fault = await different(subject, example, inputs(), fresh, found);
      const { atoms, edges, graphs } = inputs().dims;
      if (fault)
        return [
          `${what}, run ${i + 1} of sizes that grow and shrink (atoms = ${atoms}, edges = ${edges}, graphs = ${graphs}) is not as in a fresh executable: ${fault}. Grow buffers, and read only the rows of this run.`,
        ];
    }
    return [];
  });
}

async function right(subject: Subject, what: string, inputs: RunInputs): Promise<string[]> {
  const found = await compiled(subject, sample, (executable) => runCopied(executable, inputs));
  const fault = await wrong(subject, sample, inputs, found);
  return fault ? [`${what}: ${fault}. A dimension may be 0 or 1; a sum of nothing is 0.`] : [];
}
