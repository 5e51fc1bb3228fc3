/** Backends of one kind side by side: there is no ambient state. */
import type { Check } from './check.js';
import { compileOn, copied } from './check.js';
import { wrong } from './compare.js';
import { sample, sampleInputs, sampleParameters } from './examples.js';

const remedy = 'Keep all state in what create returns; nothing in the module.';
const another = { graph: sample.graph, parameters: sampleParameters(7) };

export const isolationChecks: Readonly<Record<string, Check>> = {
  'isolation/side-by-side': async (subject) => {
    const [first, second] = [await subject.definition.create(), await subject.definition.create()];
    try {
      const one = await compileOn(first, subject, sample);
      const other = await compileOn(second, subject, another);
      const inputs = sampleInputs(1);
      const results = [copied(await one.run(inputs)), copied(await other.run(inputs)), copied(await one.run(inputs))];
      for (const [i, found] of results.entries()) {
        const fault = await wrong(subject, i === 1 ? another : sample, inputs, found);
        if (fault) return [`two backends live side by side, run ${i + 1} of 3 on them in turn: ${fault}. ${remedy}`];
      }
      return [];
    } finally {
      await first.dispose();
      await second.dispose();
    }
  },

  'isolation/dispose-one': async (subject) => {
    const [first, second] = [await subject.definition.create(), await subject.definition.create()];
    try {
      const executable = await compileOn(second, subject, sample);
      await first.dispose();
      const inputs = sampleInputs(2);
      const fault = await wrong(subject, sample, inputs, copied(await executable.run(inputs)));
      return fault ? [`one of two backends was disposed of, then the other ran: ${fault}. ${remedy}`] : [];
    } finally {
      await first.dispose();
      await second.dispose();
    }
  },
};
