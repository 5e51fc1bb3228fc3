/** Backends in pairs, on models of every family. */
import type { RunSizes, RunValues, RunOutputs, Binding } from '@mace/core/backend';
import { expect, test } from 'vitest';
import { reference } from '@mace/core';
import { agreement } from '@mace/conformance';
import { typedArrays } from '../../backend-typed-arrays/src/index.js';

test('two backends agree pairwise; one that is off by more than twice the noise does not', async () => {
  const off = {
    ...reference(),
    name: 'off',
    create: async () => {
      const backend = await reference().create();
      return {
        ...backend,
        compile: async (...args: Parameters<typeof backend.compile>) => {
          const executable = await backend.compile(...args);
          return {
            ...executable,
            bind: async (sizes: RunSizes) => {
              const binding = await executable.bind(sizes);
              const run = async (values: RunValues): Promise<RunOutputs> => {
                const outputs = await binding.run(values);
                return Object.fromEntries(
                  Object.entries(outputs).map(([name, numbers]) => [name, numbers.map((x) => x * (1 + 1e-9))]),
                );
              };
              return { ...binding, run: run as Binding['run'] };
            },
          };
        },
      };
    },
  };
  const { pairs } = await agreement([reference(), typedArrays(), off]);
  expect(pairs.map(({ agrees }) => agrees)).toEqual([true, false, false]);
  expect(pairs[1]!.worst).toBeGreaterThan(1);
});
