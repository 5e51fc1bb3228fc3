/** Runs that overlap do not mix. */
import type { Executable } from '@mace/core/backend';
import type { Subject } from '../../subject.js';
import type { Example } from '../../case.js';
import type { Check, Finding } from './check.js';
import { compiled, copied, runCopied } from './check.js';
import { different } from './compare.js';
import { sample, sampleInputs, sampleParameters } from './examples.js';

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

  'overlap/two-executables': (subject) => {
    const another = { graph: sample.graph, parameters: sampleParameters(7) };
    return compiled(subject, sample, (first) =>
      compiled(subject, another, (second) =>
        together(subject, [
          { executable: first, inputs: runs[1]!, of: sample },
          { executable: second, inputs: runs[1]!, of: another },
        ]),
      ),
    );
  },
};

interface Run {
  readonly executable: Executable;
  readonly inputs: (typeof runs)[number];
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
