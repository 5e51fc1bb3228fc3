/** Cancellation: a call rejects with CancelledError, and what was cancelled leaves nothing broken behind. */
import type { Executable } from '@mace/core/backend';
import type { Subject } from '../../subject.js';
import type { Check } from './check.js';
import { compiled, copied, described, outcomeOf, refusal, runCopied } from './check.js';
import { wrong } from './compare.js';
import { sample, sampleInputs, usualDims } from './examples.js';

const cancellation = { aborted: true };

export const cancellationChecks: Readonly<Record<string, Check>> = {
  'cancellation/compile': async (subject) => [
    ...(await refusal(
      'compile with a cancellation that is aborted already',
      () => subject.compile(sample.graph, sample.parameters, { cancellation }),
      { code: 'cancelled' },
    )),
    ...(await compiled(subject, sample, (executable) => stillRight(subject, executable, 'a compile was cancelled'))),
  ],

  'cancellation/run': (subject) =>
    compiled(subject, sample, async (executable) => {
      const problems = await refusal(
        'run with a cancellation that is aborted already',
        () => executable.run(sampleInputs(1), { cancellation }),
        { code: 'cancelled' },
      );
      const { runOnDevice } = executable;
      if (runOnDevice)
        problems.push(
          ...(await refusal(
            'runOnDevice with a cancellation that is aborted already',
            () => executable.runOnDevice!(sampleInputs(1), { cancellation }),
            { code: 'cancelled' },
          )),
        );
      return [...problems, ...(await stillRight(subject, executable, 'a run was cancelled'))];
    }),

  'cancellation/during-a-run': (subject) =>
    compiled(subject, sample, async (executable) => {
      const inputs = sampleInputs(2, { ...usualDims, edges: 900 });
      const late = { aborted: false };
      const running = executable.run(inputs, { cancellation: late });
      late.aborted = true;
      const outcome = await outcomeOf(() => running);
      const problems: string[] = [];
      if (outcome.thrown) {
        if ((Object(outcome.error) as { code?: unknown }).code !== 'cancelled')
          problems.push(
            `a run that is cancelled on its way: expected its result or a CancelledError, got ${described(outcome.error)}.`,
          );
      } else {
        const fault = await wrong(subject, sample, inputs, copied(outcome.value as never));
        if (fault) problems.push(`a run that is cancelled on its way returned a result that is not one: ${fault}.`);
      }
      return [...problems, ...(await stillRight(subject, executable, 'a run was cancelled on its way'))];
    }),
};

async function stillRight(subject: Subject, executable: Executable, after: string): Promise<string[]> {
  const fault = await wrong(subject, sample, sampleInputs(1), await runCopied(executable, sampleInputs(1)));
  return fault ? [`the next run after ${after}: ${fault}. Leave no half-written state.`] : [];
}
