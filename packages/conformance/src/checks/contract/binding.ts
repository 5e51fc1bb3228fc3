/** Bindings: sizes and maps once, values as often as wanted; what is kept on the device, what is written where, who ends what. */
import type { Binding, DeviceTensor, RealArray, RunInputs } from '@mace/core/backend';
import type { Outputs, Subject } from '../../subject.js';
import type { TestedExecutable } from '../../tested-executable.js';
import type { Check, Finding } from './check.js';
import { compiled, copied, described, outcomeOf, readAll, refusal, runCopied, leftBy } from './check.js';
import { different, wrong } from './compare.js';
import { sample, sampleInputs, sampleParameters, usualDims } from './examples.js';

const larger = { atoms: 23, edges: 61, graphs: 5 };
const kept = 'atoms';

export const bindingChecks: Readonly<Record<string, Check>> = {
  'binding/values': (subject) =>
    bound(subject, sampleInputs(1), async (binding, executable, sizes) => {
      for (const seed of [1, 2, 3, 1]) {
        const inputs = { ...sizes, values: sampleInputs(seed).values };
        const wanted = await runCopied(executable, inputs);
        const found = copied(await binding.run(inputs.values));
        const fault = await different(subject, sample, inputs, wanted, found);
        if (fault) return [`a run of a binding is not as a run of the executable: ${fault}.`];
      }
      return [];
    }),

  'binding/maps': (subject) =>
    bound(subject, sampleInputs(1), async (binding, executable) => {
      const second = sampleInputs(2, larger);
      const other = await executable.bind(second);
      const third = { ...sampleInputs(3), values: sampleInputs(1).values };
      await executable.run(third);
      for (const [one, inputs] of [
        [other, second],
        [binding, sampleInputs(1)],
        [other, second],
      ] as const) {
        const fault = await wrong(subject, sample, inputs, copied(await one.run(inputs.values)));
        if (fault) return [`two bindings and a run in turn: ${fault}. Each has maps of its own.`];
      }
      return [];
    }),

  'binding/overlap': (subject) =>
    bound(subject, sampleInputs(1), async (binding, executable, sizes) => {
      const other = await executable.bind(sampleInputs(9, larger));
      const all = [1, 2, 3, 4, 5].map((seed) =>
        seed % 2 === 0
          ? {
              binding: other,
              inputs: () => ({ ...sampleInputs(9, larger), values: sampleInputs(seed, larger).values }),
            }
          : { binding, inputs: () => ({ ...sizes, values: sampleInputs(seed).values }) },
      );
      const running = all.map(({ binding: one, inputs }) => {
        const { values } = inputs();
        const result = one.run(values);
        for (const array of Object.values(values)) (array as RealArray).fill(7);
        return result;
      });
      for (const [i, found] of (await Promise.all(running)).entries()) {
        const fault = await wrong(subject, sample, all[i]!.inputs(), copied(found));
        if (fault) return [`runs of two bindings that overlap, whose values are written to meanwhile: ${fault}.`];
      }
      return [];
    }),

  'binding/parameters': (subject) =>
    bound(subject, sampleInputs(1), async (binding, executable, inputs) => {
      for (const seed of [2, 3]) {
        const parameters = sampleParameters(seed);
        await executable.setParameters(parameters);
        const found = copied(await binding.run(inputs.values));
        const fault = await wrong(subject, { graph: sample.graph, parameters }, inputs, found);
        if (fault) return [`a run of a binding that is older than its parameters: ${fault}.`];
      }
      return [];
    }),

  'binding/kept': async (subject) => {
    if (!(await subject.backend()).capabilities.deviceTensors)
      return { unavailable: 'the backend keeps no tensors on a device.' };
    return bound(subject, sampleInputs(1), async (binding, executable, inputs) => {
      const wanted = await runCopied(executable, inputs);
      const tensors: DeviceTensor[] = [];
      for (let i = 0; i < 3; i++) {
        const found = await binding.run(inputs.values, { keep: [kept] });
        if (ArrayBuffer.isView(found[kept])) return [`output ${kept} is in keep and came back as an array.`];
        tensors.push(found[kept] as DeviceTensor);
        const arrays = Object.entries(found).filter(([name]) => name !== kept) as [string, RealArray][];
        const rest = Object.fromEntries(Object.entries(wanted).filter(([name]) => name !== kept));
        const fault = await different(subject, sample, inputs, rest, Object.fromEntries(arrays));
        if (fault) return [`outputs beside one in keep: ${fault}.`];
        await binding.run(sampleInputs(5).values);
      }
      binding.dispose();
      for (const tensor of tensors) {
        const fault = await different(
          subject,
          sample,
          inputs,
          { [kept]: wanted[kept]! },
          await readAll({ [kept]: tensor }),
        );
        if (fault) return [`a kept output, read after other runs and after the binding is gone: ${fault}.`];
        tensor.dispose();
      }
      return [];
    });
  },

  'binding/kept-refused': async (subject) => {
    const { deviceTensors } = (await subject.backend()).capabilities;
    return bound(subject, sampleInputs(1), async (binding, _executable, { values }) => [
      ...(await refusal(
        'a run that keeps an output which the graph lacks',
        () => binding.run(values, { keep: ['none'] }),
        {
          code: 'graph',
          naming: 'none',
        },
      )),
      ...(deviceTensors
        ? []
        : await refusal(
            'a run with keep, where deviceTensors is not claimed',
            () => binding.run(values, { keep: [kept] }),
            {
              code: 'unsupported',
            },
          )),
    ]);
  },

  'binding/into': (subject) =>
    bound(subject, sampleInputs(1), async (binding, executable, inputs) => {
      const wanted = await runCopied(executable, inputs);
      for (const kind of [Float64Array, Float32Array]) {
        const own = new kind(wanted[kept]!.length).fill(NaN);
        const found = await binding.run(inputs.values, { into: { [kept]: own } });
        if (found[kept] !== own) return ['an array of `into` is not what came back.'];
        const exact = { ...wanted, [kept]: kind.from(wanted[kept]!) };
        const fault = await different(subject, sample, inputs, exact, copied(found));
        if (fault) return [`with ${kept} into a ${kind.name}: ${fault}.`];
        own.fill(NaN);
        await binding.run(sampleInputs(2).values);
        if (!own.every(Number.isNaN))
          return ['an array of `into` was written to by a later run that does not name it.'];
      }
      return [
        ...(await refusal(
          'a run into an array that is too short',
          () => binding.run(inputs.values, { into: { [kept]: new Float64Array(1) } }),
          { code: 'shape', naming: kept },
        )),
        ...(await refusal(
          'a run into an output which the graph lacks',
          () => binding.run(inputs.values, { into: { none: new Float64Array(1) } }),
          { code: 'graph', naming: 'none' },
        )),
      ];
    }),

  'binding/refused': (subject) =>
    bound(subject, sampleInputs(1), async (binding, executable, inputs) => {
      const { graph: _graph, ...maps } = inputs.maps;
      const { start: _start, ...values } = inputs.values;
      return [
        ...(await refusal('bind without the map graph', () => executable.bind({ ...inputs, maps }), {
          code: 'shape',
          naming: 'graph',
        })),
        ...(await refusal(
          'bind with 2.5 atoms',
          () => executable.bind({ ...inputs, dims: { ...inputs.dims, atoms: 2.5 } }),
          { code: 'shape', naming: 'atoms' },
        )),
        ...(await refusal(
          'bind with borders that end before the last atom',
          () => executable.bind({ ...inputs, borders: Int32Array.of(0, 1, 2) }),
          { code: 'shape', naming: 'borders' },
        )),
        ...(await refusal('a run of a binding without start', () => binding.run(values), {
          code: 'shape',
          naming: 'start',
        })),
        ...(await stillRight(subject, binding, inputs, 'refusals')),
      ];
    }),

  'binding/borders': (subject) =>
    compiled(subject, sample, async (executable) => {
      const inputs = sampleInputs(1, larger);
      // Without edges nothing passes between any two atoms.
      const { offsets } = inputs.maps.graph!;
      const found = await outcomeOf(async () => copied(await executable.run({ ...inputs, borders: offsets })));
      if (found.thrown) return [`a run with borders: ${described(found.error)}.`];
      const fault = await wrong(subject, sample, inputs, found.value as Outputs);
      return fault ? [`a run with borders: ${fault}.`] : [];
    }),

  'binding/disposed': (subject) =>
    bound(subject, sampleInputs(1), async (binding, executable, inputs) => {
      const others = [await executable.bind(sampleInputs(2, larger)), await executable.bind(sampleInputs(2, larger))];
      const [one, other] = others as [Binding, Binding];
      const { values } = sampleInputs(2, larger);
      await one.run(values);
      one.dispose();
      one.dispose();
      const run =
        (disposed: Binding, own: RunInputs['values']): (() => unknown) =>
        () =>
          disposed.run(own);
      const problems = [
        ...(await refusal('a run after binding.dispose', run(one, values), { code: 'disposed' })),
        ...(await stillRight(subject, binding, inputs, 'another binding is disposed of')),
      ];
      executable.dispose();
      problems.push(
        ...(await refusal('a run of a binding after executable.dispose', run(other, values), { code: 'disposed' })),
        ...(await refusal('bind after executable.dispose', () => executable.bind(inputs), { code: 'disposed' })),
      );
      const late = await outcomeOf(() => other.dispose());
      if (late.thrown) problems.push(`binding.dispose after executable.dispose: ${described(late.error)}.`);
      return problems;
    }),

  'binding/disposed-during-a-run': (subject) =>
    compiled(subject, sample, async (executable) => {
      const inputs = sampleInputs(1);
      const binding = await executable.bind(inputs);
      const running = [binding.run(inputs.values), binding.run(sampleInputs(2).values)];
      binding.dispose();
      const outcome = await outcomeOf(async () => (await Promise.all(running)).map(copied));
      if (outcome.thrown)
        return [`dispose of a binding during its runs: ${described(outcome.error)}. It waits for them.`];
      const [first, second] = outcome.value as Outputs[];
      const fault =
        (await wrong(subject, sample, inputs, first!)) ??
        (await wrong(subject, sample, { ...inputs, values: sampleInputs(2).values }, second!));
      return fault ? [`dispose of a binding during its runs: ${fault}. It waits for them.`] : [];
    }),

  'binding/memory': async (subject) => {
    const backend = await subject.backend();
    return compiled(subject, sample, async (executable) => {
      const use = async (): Promise<void> => {
        const binding = await executable.bind(sampleInputs(1, larger));
        await binding.run(sampleInputs(1, larger).values);
        binding.dispose();
      };
      return leftBy(backend, use, 20, '20 bindings that were disposed of');
    });
  },

  'binding/bytes': (subject) =>
    bound(subject, sampleInputs(1, larger), async (binding, executable) => {
      const small = await executable.bind(sampleInputs(1, usualDims));
      if (binding.bytes === undefined) return { unavailable: 'the backend does not say what a run takes.' };
      return binding.bytes > (small.bytes ?? Infinity) && (small.bytes ?? 0) > 0
        ? []
        : [
            `a run of ${larger.atoms} atoms is to take ${binding.bytes} bytes, one of ${usualDims.atoms} ${small.bytes}.`,
          ];
    }),
};

/** Compiles and binds; what is left is disposed of afterwards. */
function bound(
  subject: Subject,
  inputs: RunInputs,
  use: (binding: Binding, executable: TestedExecutable, inputs: RunInputs) => Promise<Finding>,
): Promise<Finding> {
  return compiled(subject, sample, async (executable) => {
    const binding = await executable.bind(inputs);
    try {
      return await use(binding, executable, inputs);
    } finally {
      binding.dispose();
    }
  });
}

async function stillRight(subject: Subject, binding: Binding, inputs: RunInputs, after: string): Promise<string[]> {
  const fault = await wrong(subject, sample, inputs, copied(await binding.run(inputs.values)));
  return fault ? [`after ${after}, a run of the binding: ${fault}.`] : [];
}
