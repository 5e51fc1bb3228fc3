/** Live memory: counted truthfully, and back where it was when everything is disposed of. */
import type { Backend, Precision } from '@mace/core/backend';
import { GraphBuilder } from '@mace/core/ir';
import type { Check } from './check.js';
import { compiled, outcomeOf } from './check.js';
import { numbers, sample, sampleInputs } from './examples.js';

/** A quarter of a million: 1 MB in float32. */
const many = 2 ** 18;
const bytesPer: Readonly<Record<Precision, number>> = { f64: 8, f32: 4 };
const sizes = [
  { atoms: 5, edges: 14, graphs: 2 },
  { atoms: 60, edges: 400, graphs: 3 },
  { atoms: 20, edges: 100, graphs: 1 },
];

export const memoryChecks: Readonly<Record<string, Check>> = {
  'memory/runs': async (subject) => {
    const backend = await subject.backend();
    return compiled(subject, sample, async (executable) => {
      const run = async (i: number): Promise<unknown> => executable.run(sampleInputs(i % 3, sizes[i % 3]));
      for (let i = 0; i < 3; i++) await run(i);
      const before = backend.memory();
      for (let i = 3; i < 103; i++) await run(i);
      return grown(
        backend,
        before,
        'between run 3 and run 103 of the same three sizes',
        'Release what a run allocates.',
      );
    });
  },

  'memory/executables': async (subject) => {
    const backend = await subject.backend();
    const before = backend.memory();
    for (let i = 0; i < 3; i++)
      await compiled(subject, sample, (executable) => executable.run(sampleInputs(i, sizes[i])));
    return grown(backend, before, 'after three executables were run and disposed of', 'Release it in dispose.');
  },

  'memory/events': async (subject) => {
    const backend = await subject.backend();
    return compiled(subject, sample, async (executable) => {
      const events: Readonly<Record<string, () => Promise<unknown>>> = {
        'a run that is refused': () => outcomeOf(() => executable.run({ ...sampleInputs(1), values: {} })),
        'a run that is cancelled before it begins': () =>
          outcomeOf(() => executable.run(sampleInputs(1), { cancellation: { aborted: true } })),
        'a run that is cancelled on its way': () => {
          const late = { aborted: false };
          const running = outcomeOf(() => executable.run(sampleInputs(1), { cancellation: late }));
          late.aborted = true;
          return running;
        },
        'two runs that overlap': () => Promise.all([executable.run(sampleInputs(1)), executable.run(sampleInputs(2))]),
        setParameters: () => executable.setParameters(sample.parameters).then(() => executable.run(sampleInputs(1))),
        'setParameters that is refused': () => outcomeOf(() => executable.setParameters({})),
        'a compilation that is refused': () => outcomeOf(() => subject.compile(sample.graph, {})),
        'an upload': async () => backend.upload(numbers(60, 1), [60]).dispose(),
        'a compilation': () => compiled(subject, sample, (other) => other.run(sampleInputs(1))),
        ...(executable.runOnDevice && {
          runOnDevice: async () => {
            for (const tensor of Object.values(await executable.runOnDevice!(sampleInputs(1)))) tensor.dispose();
          },
        }),
      };
      for (const [what, happen] of Object.entries(events)) {
        for (let i = 0; i < 3; i++) await happen();
        const before = backend.memory();
        for (let i = 0; i < 17; i++) await happen();
        const problems = grown(backend, before, `after ${what}, 17 times`, 'Release what it took.');
        if (problems.length > 0) return problems;
      }
      return [];
    });
  },

  'memory/parameters': async (subject) => {
    const build = new GraphBuilder();
    const x = build.input('x', ['atoms', 64]);
    const graph = build.finish('wide', { y: build.matmul(x, build.parameter('matrix', [64, many / 64])) });
    const backend = await subject.backend();
    const before = backend.memory();
    return compiled(subject, { graph, parameters: { matrix: numbers(many, 5) } }, async () =>
      counted(backend, before, many * bytesPer[subject.precision], `a parameter of ${many} numbers`),
    );
  },

  'memory/tensors': async (subject) => {
    const backend = await subject.backend();
    const before = backend.memory();
    const tensor = backend.upload(numbers(many, 6), [many]);
    const narrowest = Math.min(...backend.capabilities.precisions.map((precision) => bytesPer[precision]));
    const problems = counted(backend, before, many * narrowest, `a tensor of ${many} numbers`);
    tensor.dispose();
    return [
      ...problems,
      ...grown(backend, before, 'after an uploaded tensor was disposed of', 'Release it in dispose.'),
    ];
  },
};

type Use = ReturnType<Backend['memory']>;

function grown(backend: Backend, before: Use, when: string, remedy: string): string[] {
  const after = backend.memory();
  return after.liveBytes <= before.liveBytes && after.liveBuffers <= before.liveBuffers
    ? []
    : [
        `${after.liveBytes - before.liveBytes} bytes in ${after.liveBuffers - before.liveBuffers} buffers more ${when}; expected none. ${remedy}`,
      ];
}

function counted(backend: Backend, before: Use, bytes: number, what: string): string[] {
  const { liveBytes, liveBuffers } = backend.memory();
  return liveBytes - before.liveBytes >= bytes && liveBuffers > before.liveBuffers
    ? []
    : [
        `memory() counts ${liveBytes - before.liveBytes} bytes in ${liveBuffers - before.liveBuffers} buffers for ${what}; expected at least ${bytes} in 1. Count everything that lives.`,
      ];
}
