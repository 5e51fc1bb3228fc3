/** Parameters: checked and copied when they are given, replaced as a whole, folded values included. */
import type { RealArray } from '@mace/core/backend';
import type { Parameters, Subject } from '../../subject.js';
import type { Check, Finding } from './check.js';
import { compiled, outcomeOf, refusal, runCopied } from './check.js';
import { different, wrong } from './compare.js';
import { sample, sampleInputs, sampleParameters } from './examples.js';

const own = sampleParameters(1);
const other = sampleParameters(20);
const copyThem = 'The arrays belong to the caller: copy them.';

export const parameterChecks: Readonly<Record<string, Check>> = {
  'parameters/missing': (subject) =>
    refusal('compile without the parameter bias', () => subject.compile(sample.graph, { weights: own.weights }), {
      code: 'shape',
      naming: 'bias',
    }),

  'parameters/ill-sized': (subject) =>
    refusal(
      'compile with a parameter weights of 11 values in place of 12',
      () => subject.compile(sample.graph, { ...own, weights: own.weights.slice(1) }),
      { code: 'shape', naming: 'weights' },
    ),

  'parameters/copied': async (subject) => {
    const given = sampleParameters(1);
    return compiled(subject, { graph: sample.graph, parameters: given }, async (executable) => {
      for (const values of Object.values(given)) values.fill(3);
      const fault = await wrong(subject, sample, sampleInputs(1), await runCopied(executable, sampleInputs(1)));
      return fault ? [`parameters were written to after compile, and the run saw it: ${fault}. ${copyThem}`] : [];
    });
  },

  'parameters/copied-when-replaced': (subject) =>
    compiled(subject, sample, async (executable) => {
      const given = sampleParameters(20);
      await executable.setParameters(given);
      const before = await runCopied(executable, sampleInputs(1));
      for (const values of Object.values(given)) values.fill(3);
      const after = await runCopied(executable, sampleInputs(1));
      const example = { graph: sample.graph, parameters: other };
      const fault = await different(subject, example, sampleInputs(1), before, after);
      return fault ? [`parameters were written to after setParameters, and a run saw it: ${fault}. ${copyThem}`] : [];
    }),

  'parameters/replaced': (subject) =>
    replaced(subject, { ...own, weights: other.weights }, 'Use them in the next run.'),

  'parameters/folded-again': (subject) =>
    replaced(
      subject,
      { ...own, bias: other.bias },
      'bias enters only through exp(bias): compute again what depends on parameters alone.',
    ),

  'parameters/some': (subject) =>
    compiled(subject, sample, async (executable) => {
      await executable.setParameters({ bias: other.bias });
      const example = { graph: sample.graph, parameters: { ...own, bias: other.bias } };
      const fault = await wrong(subject, example, sampleInputs(1), await runCopied(executable, sampleInputs(1)));
      return fault ? [`a run after setParameters of bias alone: ${fault}. The others stay.`] : [];
    }),

  'parameters/tensors': async (subject) => {
    const backend = await subject.backend();
    if (!backend.capabilities.deviceTensors) return { unavailable: 'the backend keeps no tensors on a device.' };
    return compiled(subject, sample, async (executable) => {
      const weights = backend.upload(other.weights, [other.weights.length]);
      await executable.setParameters({ weights: weights as unknown as RealArray });
      weights.dispose();
      const example = { graph: sample.graph, parameters: { ...own, weights: other.weights } };
      const fault = await wrong(subject, example, sampleInputs(1), await runCopied(executable, sampleInputs(1)));
      return fault ? [`a run after setParameters with a tensor: ${fault}.`] : [];
    });
  },

  'parameters/refused': (subject) =>
    compiled(subject, sample, async (executable) => {
      const wrongs: [string, Parameters, string][] = [
        ['setParameters of one that the graph lacks', { ...own, wieghts: other.weights }, 'wieghts'],
        ['setParameters with a bias of 5 values in place of 4', { ...own, bias: new Float64Array(5) }, 'bias'],
      ];
      const problems: string[] = [];
      for (const [call, parameters, naming] of wrongs)
        problems.push(...(await refusal(call, () => executable.setParameters(parameters), { code: 'shape', naming })));
      return problems;
    }),

  'parameters/kept-after-refusal': (subject) =>
    compiled(subject, sample, async (executable) => {
      const refused = await outcomeOf(() => executable.setParameters({ ...other, bias: new Float64Array(5) }));
      if (!refused.thrown) return { unavailable: 'setParameters accepts wrong sizes.' };
      const fault = await wrong(subject, sample, sampleInputs(1), await runCopied(executable, sampleInputs(1)));
      return fault ? [`setParameters threw, and then a run with the old ones: ${fault}. Check all, then replace.`] : [];
    }),

  'parameters/either-array': async (subject) => {
    const rounded = Object.entries(own).map(([name, values]) => [name, Float32Array.from(values)] as const);
    for (const kind of [Float32Array, Float64Array]) {
      const parameters = Object.fromEntries(
        rounded.map(([name, values]): [string, RealArray] => [name, kind.from(values)]),
      );
      const example = { graph: sample.graph, parameters };
      const found = await compiled(subject, example, (executable) => runCopied(executable, sampleInputs(1)));
      const fault = await wrong(subject, example, sampleInputs(1), found);
      if (fault) return [`parameters as ${kind.name}: ${fault}. Accept both kinds of array in every precision.`];
    }
    return [];
  },
};

function replaced(subject: Subject, parameters: Parameters, remedy: string): Promise<Finding> {
  return compiled(subject, sample, async (executable) => {
    await executable.run(sampleInputs(1));
    await executable.setParameters(parameters);
    const found = await runCopied(executable, sampleInputs(1));
    const fault = await wrong(subject, { graph: sample.graph, parameters }, sampleInputs(1), found);
    return fault ? [`a run after setParameters: ${fault}. ${remedy}`] : [];
  });
}
