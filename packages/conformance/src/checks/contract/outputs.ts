/** Results belong to the caller: nothing that either side does later reaches the other. */
import type { Check } from './check.js';
import { compiled, copied, runCopied } from './check.js';
import { different, differentBits } from './compare.js';
import { sample, sampleInputs } from './examples.js';

export const outputChecks: Readonly<Record<string, Check>> = {
  'outputs/owned-by-the-caller': (subject) =>
    compiled(subject, sample, async (executable) => {
      const first = await executable.run(sampleInputs(1));
      const before = copied(first);
      for (const values of Object.values(first)) values.fill(NaN);
      const after = await runCopied(executable, sampleInputs(1));
      const fault = await different(subject, sample, sampleInputs(1), before, after);
      return fault
        ? [`the caller wrote to a result, and the next run of the same inputs changed: ${fault}. Return fresh arrays.`]
        : [];
    }),

  'outputs/kept': (subject) =>
    compiled(subject, sample, async (executable) => {
      const first = await executable.run(sampleInputs(1));
      const before = copied(first);
      await executable.run(sampleInputs(2));
      const fault = differentBits(before, first);
      return fault
        ? [
            `the result of a run changed when other inputs were run: ${fault}. Return fresh arrays, no views of buffers.`,
          ]
        : [];
    }),
};
