/** Dispose: what was disposed of refuses to work, and disposing twice is allowed. */
import type { TestedExecutable } from '../../tested-executable.js';
import type { Check } from './check.js';
import { compileOn, described, outcomeOf, refusal } from './check.js';
import { sample, sampleInputs } from './examples.js';

export const lifetimeChecks: Readonly<Record<string, Check>> = {
  'lifetime/disposed-executable': async (subject) => {
    const executable = await subject.compile(sample.graph, sample.parameters);
    await executable.run(sampleInputs(1));
    executable.dispose();
    return usesOf(executable, 'executable.dispose');
  },

  'lifetime/disposed-backend': async (subject) => {
    const backend = await subject.definition.create();
    const executable = await compileOn(backend, subject, sample);
    const tensor = backend.upload(Float64Array.of(1, 2), [2]);
    await backend.dispose();
    const compile = (): unknown => compileOn(backend, subject, sample);
    const upload = (): unknown => backend.upload(Float64Array.of(1), [1]);
    return [
      ...(await usesOf(executable, 'backend.dispose')),
      ...(await refusal('compile after backend.dispose', compile, { code: 'disposed' })),
      ...(await refusal('upload after backend.dispose', upload, { code: 'disposed' })),
      ...(await refusal('read of a tensor after backend.dispose', () => tensor.read(), { code: 'disposed' })),
    ];
  },

  'lifetime/dispose-twice': async (subject) => {
    const backend = await subject.definition.create();
    const executable = await compileOn(backend, subject, sample);
    const tensor = backend.upload(Float64Array.of(1, 2), [2]);
    const problems: string[] = [];
    for (const [what, thing] of Object.entries({ tensor, executable, backend })) {
      await thing.dispose();
      const second = await outcomeOf(() => thing.dispose());
      if (second.thrown)
        problems.push(`the second dispose of the ${what}: ${described(second.error)}. Let it do nothing.`);
    }
    const late = await outcomeOf(() => executable.dispose());
    if (late.thrown)
      problems.push(`executable.dispose after backend.dispose: ${described(late.error)}. Let it do nothing.`);
    return problems;
  },
};

async function usesOf(executable: TestedExecutable, after: string): Promise<string[]> {
  return [
    ...(await refusal(`run after ${after}`, () => executable.run(sampleInputs(1)), { code: 'disposed' })),
    ...(await refusal(`setParameters after ${after}`, () => executable.setParameters(sample.parameters), {
      code: 'disposed',
    })),
    ...(executable.runOnDevice
      ? await refusal(`runOnDevice after ${after}`, () => executable.runOnDevice!(sampleInputs(1)), {
          code: 'disposed',
        })
      : []),
  ];
}
