/** Runs that overlap do not mix. */
import type { RealArray, RunInputs } from '@mace/core/backend';
import type { Outputs, Subject } from '../../subject.js';
import type { Example } from '../../case.js';
import type { Check, Finding } from './check.js';
import { compiled, copied, described, outcomeOf, readAll, runCopied } from './check.js';
import { different, wrong } from './compare.js';
import { sample, sampleInputs, sampleParameters, wide, wideInputs, wideParameters } from './examples.js';
import type { TestedExecutable } from '../../tested-executable.js';

const runs = [
  { atoms: 5, edges: 14, graphs: 2 },
  { atoms: 90, edges: 700, graphs: 4 },
  { atoms: 5, edges: 14, graphs: 2 },
  { atoms: 1, edges: 2, graphs: 1 },
  { atoms: 40, edges: 300, graphs: 3 },
  { atoms: 41, edges: 301, graphs: 3 },
].map((dims, i) => () => sampleInputs(i + 1, dims));

const remedy = 'Give each run its own buffers, or let runs wait for each other.';

export const overlapChecks: Readonly<Record<string, Check>> = {
  'overlap/one-executable': (subject) =>
    compiled(subject, sample, (executable) =>
      together(
        subject,
        runs.map((inputs) => ({ executable, inputs, of: sample })),
      ),
    ),

  'overlap/equal-sizes': (subject) =>
    compiled(subject, wide, (executable) =>
      together(
        subject,
        [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => ({ executable, inputs: () => wideInputs(seed), of: wide })),
      ),
    ),

  'overlap/two-executables': (subject) => {
    const another = { graph: sample.graph, parameters: sampleParameters(7) };
    return compiled(subject, sample, (first) =>
      compiled(subject, another, (second) =>
        compiled(subject, wide, (third) =>
          together(subject, [
            { executable: first, inputs: runs[1]!, of: sample },
            { executable: second, inputs: runs[1]!, of: another },
            { executable: third, inputs: () => wideInputs(1), of: wide },
            { executable: second, inputs: runs[4]!, of: another },
            { executable: first, inputs: runs[4]!, of: sample },
          ]),
        ),
      ),
    );
  },

  'overlap/on-device': (subject) =>
    compiled(subject, wide, async (executable) => {
      const { runOnDevice } = executable;
      if (!runOnDevice) return { unavailable: 'the backend keeps no tensors on a device.' };
      for (const count of [2, 3, 6]) {
        const inputs = Array.from({ length: count }, (_, i) => wideInputs(10 * count + i));
        // Some go to the host in between.
        const all = await Promise.all(
          inputs.map(async (one, i) =>
            count === 6 && i % 3 === 1
              ? { host: copied(await executable.run(one)) }
              : { device: await executable.runOnDevice!(one) },
          ),
        );
        const found = [];
        for (const { host, device } of all) found.push(host ?? (await readAll(device!)));
        for (const { device } of all) if (device) for (const tensor of Object.values(device)) tensor.dispose();
        for (const [i, one] of inputs.entries()) {
          const fault = await wrong(subject, wide, one, found[i]!);
          if (fault) return [`run ${i + 1} of ${count} on the device that overlap: ${fault}. ${remedy}`];
        }
      }
      return [];
    }),

  'overlap/parameters': (subject) =>
    compiled(subject, wide, async (executable) => {
      const inputs = wideInputs(1);
      const next = { graph: wide.graph, parameters: wideParameters(9) };
      const before = executable.run(inputs);
      const replaced = executable.setParameters(next.parameters);
      const after = executable.run(inputs);
      const found = (await Promise.all([before, after])).map(copied);
      await replaced;
      for (const [i, one] of found.entries()) {
        const [old, fresh] = [await wrong(subject, wide, inputs, one), await wrong(subject, next, inputs, one)];
        if (i === 0 && old)
          return [
            `a run that was started before setParameters does not have the old parameters: ${old}. Replace them between runs.`,
          ];
        if (old && fresh)
          return [
            `a run that was started just after setParameters has neither the old parameters nor the new: ${fresh}. Replace them between runs.`,
          ];
      }
      const fault = await wrong(subject, next, inputs, copied(await executable.run(inputs)));
      return fault ? [`a run after setParameters beside other runs: ${fault}.`] : [];
    }),

  'overlap/inputs-written-to': (subject) =>
    compiled(subject, wide, async (executable) => {
      for (let i = 0; i < 3; i++) {
        const [first, second] = [wideInputs(2 * i), wideInputs(2 * i + 1)];
        const running = [executable.run(first), executable.run(second)];
        for (const { values, maps } of [first, second]) {
          for (const array of Object.values(values)) (array as Float64Array).fill(7);
          for (const { values: targets, offsets, order } of Object.values(maps))
            for (const array of [targets, offsets, order]) array.fill(0);
        }
        for (const [k, one] of (await Promise.all(running)).entries()) {
          const fault = await wrong(subject, wide, wideInputs(2 * i + k), copied(one));
          if (fault)
            return [
              `inputs were written to after run had returned its promise, and the result shows it: ${fault}. Copy them at once.`,
            ];
        }
      }
      return [];
    }),

  'overlap/on-device-inputs-written-to': (subject) =>
    compiled(subject, wide, async (executable) => {
      const { runOnDevice } = executable;
      if (!runOnDevice) return { unavailable: 'the backend keeps no tensors on a device.' };
      const backend = await subject.backend();
      const [first, second] = [wideInputs(1), wideInputs(2)];
      const start = backend.upload(wideInputs(2).values.start as RealArray, [11, 24]);
      const given = { ...second, values: { ...second.values, start } };
      const running = [runOnDevice(first), runOnDevice(given)];
      for (const array of [...Object.values(first.values), second.values.features]) (array as RealArray).fill(7);
      start.dispose();
      for (const [i, tensors] of (await Promise.all(running)).entries()) {
        const fault = await wrong(subject, wide, wideInputs(1 + i), await readAll(tensors));
        for (const tensor of Object.values(tensors)) tensor.dispose();
        if (fault)
          return [
            `inputs were written to, and a tensor disposed of, after runOnDevice had returned its promise, and the result shows it: ${fault}. A run uses its inputs as they are when it is called.`,
          ];
      }
      return [];
    }),

  'overlap/compilations': async (subject) => {
    const examples = [1, 2, 3, 4].map((seed) =>
      seed === 3 ? wide : { graph: sample.graph, parameters: sampleParameters(seed) },
    );
    const executables = await Promise.all(examples.map(({ graph, parameters }) => subject.compile(graph, parameters)));
    try {
      for (const [i, example] of examples.entries()) {
        const inputs = example === wide ? wideInputs(i) : sampleInputs(i);
        const fault = await wrong(subject, example, inputs, await runCopied(executables[i]!, inputs));
        if (fault) return [`executable ${i + 1} of 4 that were compiled at once: ${fault}.`];
      }
      return [];
    } finally {
      for (const executable of executables) executable.dispose();
    }
  },

  'overlap/failures': (subject) =>
    compiled(subject, wide, async (executable) => {
      const good = [1, 2, 3].map((seed) => wideInputs(seed));
      const outcomes = await Promise.all([
        executable.run(good[0]!).then(copied),
        outcomeOf(() => executable.run({ ...good[0]!, values: {} })),
        executable.run(good[1]!).then(copied),
        outcomeOf(() => executable.run(good[1]!, { cancellation: { aborted: true } })),
        executable.run(good[2]!).then(copied),
      ]);
      for (const [i, at] of [0, 2, 4].entries()) {
        const fault = await wrong(subject, wide, good[i]!, outcomes[at] as Outputs);
        if (fault)
          return [`run ${i + 1} of 3, beside one that is refused and one that is cancelled: ${fault}. ${remedy}`];
      }
      return [];
    }),

  'overlap/dispose': (subject) =>
    compiled(subject, wide, async (kept) => {
      const executable = await subject.compile(wide.graph, wide.parameters);
      const inputs = wideInputs(2);
      const running = executable.run(inputs);
      const beside = kept.run(wideInputs(3));
      executable.dispose();
      const outcome = await outcomeOf(() => running);
      const problems: string[] = [];
      if (outcome.thrown) {
        if ((Object(outcome.error) as { code?: unknown }).code !== 'disposed')
          problems.push(
            `a run whose executable is disposed of meanwhile: expected its result or a DisposedError, got ${described(outcome.error)}.`,
          );
      } else {
        const fault = await wrong(subject, wide, inputs, outcome.value as Outputs);
        if (fault)
          problems.push(`a run whose executable was disposed of meanwhile: ${fault}. Dispose when it has ended.`);
      }
      const fault = await wrong(subject, wide, wideInputs(3), copied(await beside));
      return fault ? [...problems, `a run of another executable at the same time: ${fault}.`] : problems;
    }),
};

interface Run {
  readonly executable: TestedExecutable;
  readonly inputs: () => RunInputs;
  readonly of: Example;
}

/** All started before any is awaited; then each alone, in an executable of its own. */
async function together(subject: Subject, all: readonly Run[]): Promise<Finding> {
  const overlapping = await Promise.all(
    all.map(async ({ executable, inputs }) => copied(await executable.run(inputs()))),
  );
  for (const [i, { inputs, of }] of all.entries()) {
    const alone = await compiled(subject, of, (executable) => runCopied(executable, inputs()));
    const fault = await different(subject, of, inputs(), alone, overlapping[i]!);
    if (fault) return [`run ${i + 1} of ${all.length} that overlap is not as it is alone: ${fault}. ${remedy}`];
  }
  return [];
}
