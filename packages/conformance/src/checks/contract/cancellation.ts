/** Cancellation: a call rejects with CancelledError, and what was cancelled leaves nothing broken behind. */

import type { Outputs, Subject } from '../../subject.js';
import type { Check } from './check.js';
import { compiled, copied, described, outcomeOf, refusal, runCopied } from './check.js';
import { wrong } from './compare.js';
import { sample, sampleInputs, usualDims } from './examples.js';
import type { TestedExecutable } from '../../tested-executable.js';

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

  'cancellation/at-every-look': async (subject) => {
    for (let look = 1; look <= most; look++) {
      const finding = await compiled(subject, sample, async (executable) => {
        const problems: string[] = [];
        // Twice: while what depends on parameters alone is computed for the first time, and again after new parameters.
        for (const when of ['the first run', 'the first run after setParameters'] as const) {
          const looks = { count: 0 };
          const late = {
            get aborted(): boolean {
              return ++looks.count >= look;
            },
          };
          const outcome = await outcomeOf(() => executable.run(sampleInputs(2), { cancellation: late }));
          const after = `${when} was cancelled at look ${look}`;
          if (outcome.thrown && (Object(outcome.error) as { code?: unknown }).code !== 'cancelled')
            problems.push(
              `${when}, cancelled at look ${look}: expected a CancelledError, got ${described(outcome.error)}.`,
            );
          problems.push(...(await stillRight(subject, executable, after)));
          if (problems.length > 0) return { problems, ended: true };
          if (!outcome.thrown) return { problems, ended: true };
          await executable.setParameters(sample.parameters);
        }
        return { problems, ended: false };
      });
      if (finding.ended) return finding.problems;
    }
    return [];
  },
};

/** Looks at the cancellation that are tried; a run that ends without looking again ends the search. */
const most = 40;

async function stillRight(subject: Subject, executable: TestedExecutable, after: string): Promise<string[]> {
  const outcome = await outcomeOf(() => runCopied(executable, sampleInputs(1)));
  if (outcome.thrown) return [`the next run after ${after}: ${described(outcome.error)}. Leave no half-written state.`];
  const fault = await wrong(subject, sample, sampleInputs(1), outcome.value as Outputs);
  return fault ? [`the next run after ${after}: ${fault}. Leave no half-written state.`] : [];
}
