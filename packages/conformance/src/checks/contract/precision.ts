/** Precisions: each that is claimed computes as precisely as its name says; each that is not is refused. */
import type { Precision } from '@mace/core/backend';
import type { Outputs, Subject } from '../../subject.js';
import type { Check } from './check.js';
import { described, outcomeOf, refusal, runCopied } from './check.js';
import { wrong } from './compare.js';
import { sample, sampleInputs } from './examples.js';

const all: readonly Precision[] = ['f64', 'f32'];
/** None that there is. */
const unknown = 'f16' as Precision;

export const precisionChecks: Readonly<Record<string, Check>> = {
  'precision/claimed': async (subject) => {
    const problems: string[] = [];
    for (const precision of (await subject.backend()).capabilities.precisions) {
      const fault = await faultIn(subject, precision);
      if (fault) problems.push(`${precision} is claimed: ${fault}. Remove it from the capabilities, or make it right.`);
    }
    return problems;
  },

  'precision/refused': async (subject) => {
    const problems: string[] = [];
    for (const precision of [...(await unclaimedBy(subject)), unknown]) {
      // One that works all the same is the matter of the next check.
      if (precision !== unknown && (await faultIn(subject, precision)) === null) continue;
      const compile = (): unknown => subject.compile(sample.graph, sample.parameters, { precision });
      problems.push(
        ...(await refusal(`compile in ${precision}, which is not claimed`, compile, {
          code: 'unsupported',
          reason: 'precision',
        })),
      );
    }
    return problems;
  },

  'precision/understated': async (subject) => {
    const unclaimed = await unclaimedBy(subject);
    if (unclaimed.length === 0) return { unavailable: 'every precision is claimed.' };
    const problems: string[] = [];
    for (const precision of unclaimed)
      if ((await faultIn(subject, precision)) === null)
        problems.push(
          `${precision} is not claimed, but a graph compiles in it and its results are right. Add it to the capabilities, or refuse it with an UnsupportedError (reason precision).`,
        );
    return problems;
  },
};

async function unclaimedBy(subject: Subject): Promise<Precision[]> {
  const { precisions } = (await subject.backend()).capabilities;
  return all.filter((precision) => !precisions.includes(precision));
}

/** What goes wrong in a precision; null if nothing does. */
async function faultIn(subject: Subject, precision: Precision): Promise<string | null> {
  const outcome = await outcomeOf(async () => {
    const executable = await subject.compile(sample.graph, sample.parameters, { precision });
    try {
      return await runCopied(executable, sampleInputs(1));
    } finally {
      executable.dispose();
    }
  });
  if (outcome.thrown) return `expected a result, got ${described(outcome.error)}`;
  return wrong(subject, sample, sampleInputs(1), outcome.value as Outputs, precision);
}
