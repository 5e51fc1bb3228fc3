/** Bindings that break their promises, one for each. */
import type { Binding, DeviceTensor, RealArray, RunOptions, RunSizes, RunValues } from '@mace/core/backend';
import { isMaceError } from '@mace/core';
import { fault, scale, type Breakage, type Fault, type Results } from './fault.js';

/** Runs of bindings changed; `runs` are those of the binding so far. */
export function runsChanged(
  change: (
    run: (values: RunValues, options?: RunOptions) => Promise<Results>,
    values: RunValues,
    options: RunOptions | undefined,
    known: { readonly runs: number; readonly sizes: RunSizes },
  ) => Promise<Results>,
): Breakage {
  return bindingChanged((binding, sizes) => {
    let runs = 0;
    const sound = async (values: RunValues, options?: RunOptions): Promise<Results> => ({
      ...(await binding.run(values, options)),
    });
    const run = (values: RunValues, options?: RunOptions): Promise<Results> =>
      change(sound, values, options, { runs: runs++, sizes });
    return { run: run as Binding['run'] };
  });
}

export function bindingChanged(change: (binding: Binding, sizes: RunSizes) => Partial<Binding>): Breakage {
  return {
    executable: ({ bind }) => ({
      bind: async (sizes) => {
        const binding = await bind(sizes);
        return { ...binding, ...change(binding, sizes) };
      },
    }),
  };
}

export const hasCode = (error: unknown, code: string): boolean => isMaceError(error) && error.code === code;

export const bindingFaults: readonly Fault[] = [
  fault('binding/values', () => {
    let first: RunValues | undefined;
    return runsChanged((run, values, options, { runs }) => {
      first = runs === 0 ? { ...values } : first;
      return run(runs === 1 ? first! : values, options);
    });
  }),
  fault('binding/maps', () => ({
    executable: ({ run }) => {
      let last: RunSizes | undefined;
      return {
        run: (inputs, options) => {
          last = inputs;
          return run(inputs, options);
        },
        bind: async (sizes) => ({
          bytes: undefined,
          largestBufferBytes: undefined,
          run: ((values: RunValues, options?: RunOptions) =>
            run({ ...(last?.dims.atoms === sizes.dims.atoms ? last : sizes), values }, options)) as Binding['run'],
          dispose: () => {},
        }),
      };
    },
  })),
  fault('binding/overlap', () =>
    runsChanged(async (run, values, options) => {
      await Promise.resolve();
      return run(values, options);
    }),
  ),
  fault('binding/parameters', () => ({
    executable: ({ bind, setParameters }, _graph, { parameters }) => {
      let current = parameters;
      return {
        setParameters: async (given) => {
          await setParameters(given);
          current = given;
        },
        bind: async (sizes) => {
          const [binding, own] = [await bind(sizes), current];
          const run = async (values: RunValues, options?: RunOptions): Promise<Results> => {
            const now = current;
            await setParameters(own);
            const results = await binding.run(values, options);
            await setParameters(now);
            return { ...results };
          };
          return { ...binding, run: run as Binding['run'] };
        },
      };
    },
  })),
  fault(
    'binding/kept',
    () =>
      bindingChanged((binding) => {
        let last: Readonly<Record<string, RealArray | DeviceTensor>> = {};
        const run = async (values: RunValues, options?: RunOptions): Promise<unknown> => {
          const results = await binding.run(values, options);
          const own = Object.entries(results).map(([name, value]) =>
            ArrayBuffer.isView(value)
              ? [name, value]
              : [name, { ...(value as DeviceTensor), read: () => (last[name] as DeviceTensor).read() }],
          );
          if (options?.keep) last = results;
          else for (const value of Object.values(last)) if (!ArrayBuffer.isView(value)) value.dispose();
          return Object.fromEntries(own) as unknown;
        };
        return { run: run as Binding['run'] };
      }),
    'device tensors',
  ),
  fault('binding/kept-refused', () =>
    runsChanged((run, values, options) =>
      run(values, options).catch((error: unknown) => {
        if (hasCode(error, 'unsupported') || hasCode(error, 'graph')) return run(values);
        throw error;
      }),
    ),
  ),
  fault('binding/into', () =>
    runsChanged(async (run, values, options) => {
      const results = await run(values);
      for (const [name, array] of Object.entries(options?.into ?? {})) if (results[name]) array.set(results[name]);
      return results;
    }),
  ),
  fault('binding/refused', () => ({
    executable: ({ bind }) => ({
      bind: (sizes) =>
        bind(sizes).catch((error: unknown) => {
          const { borders: _, ...rest } = sizes;
          if (hasCode(error, 'shape') && sizes.borders) return bind(rest);
          throw error;
        }),
    }),
  })),
  fault('binding/borders', () => ({
    executable: ({ run }) => ({
      run: async (inputs, options) => {
        const results = { ...(await run(inputs, options)) };
        if (inputs.borders) scale(results, 1 + 1e-3);
        return results;
      },
    }),
  })),
  fault('binding/disposed', () => bindingChanged((binding) => ({ dispose: () => void binding }))),
  fault('binding/disposed-during-a-run', () =>
    bindingChanged((binding) => {
      let isDisposed = false;
      const run = async (values: RunValues, options?: RunOptions): Promise<Results> => {
        const results = { ...(await binding.run(values, options)) };
        if (isDisposed) scale(results, 0);
        return results;
      };
      return {
        run: run as Binding['run'],
        dispose: () => {
          isDisposed = true;
          binding.dispose();
        },
      };
    }),
  ),
  fault('binding/memory', () => {
    let bound = 0;
    return {
      backend: ({ memory }) => ({
        memory: () => ({ liveBytes: memory().liveBytes + 8 * bound, liveBuffers: memory().liveBuffers }),
      }),
      executable: ({ bind }) => ({
        bind: async (sizes) => {
          bound++;
          return bind(sizes);
        },
      }),
    };
  }),
  fault('binding/bytes', () => bindingChanged(() => ({ bytes: 1000 }))),
];
