/** One broken backend for every promise about definitions, lifetime, memory and cancellation. */
import { DisposedError } from '@mace/core';
import type { Backend, RunInputs, RunOptions, Executable } from '@mace/core/backend';
import { compiledOtherwise, fault, resultsChanged, scale, type Fault } from './fault.js';

type Memory = ReturnType<Backend['memory']>;

function plus({ liveBytes, liveBuffers }: Memory, bytes: number, buffers = Math.sign(bytes)): Memory {
  return { liveBytes: liveBytes + bytes, liveBuffers: liveBuffers + buffers };
}

/** Backends that live, in the order in which they were made. */
class Living {
  readonly #all: Backend[] = [];
  get count(): number {
    return this.#all.length;
  }
  add(backend: Backend, onDispose: (next: Backend | undefined) => void = () => {}): Backend['dispose'] {
    this.#all.push(backend);
    return async () => {
      const at = this.#all.indexOf(backend);
      if (at >= 0) {
        onDispose(this.#all[at + 1]);
        this.#all.splice(at, 1);
      }
      await backend.dispose();
    };
  }
}

export const definitionFaults: readonly Fault[] = [
  fault('probe/contract-number', () => ({ definition: () => ({ contract: 1 as unknown as 2 }) })),
  fault('probe/resolves', () => ({ definition: () => ({ probe: () => Promise.reject(new TypeError('no device')) }) })),
  fault('probe/agrees-with-create', () => ({
    definition: ({ probe }) => ({
      probe: async () =>
        ({
          ...((await probe()) as { available: true } & Awaited<ReturnType<typeof probe>>),
          device: 'another',
        }) as never,
    }),
  })),
  fault('probe/allocates-nothing', () => {
    let probes = 0;
    return {
      definition: ({ probe }) => ({
        probe: async () => {
          probes++;
          return probe();
        },
      }),
      backend: ({ memory }) => ({ memory: () => plus(memory(), 64 * probes, probes) }),
    };
  }),
  fault('isolation/side-by-side', () => {
    const living = new Living();
    return {
      ...resultsChanged((results) => living.count > 2 && scale(results, 2)),
      backend: (backend) => ({ dispose: living.add(backend) }),
    };
  }),
  fault('isolation/dispose-one', () => {
    const living = new Living();
    const emptied = new Set<Backend>();
    return {
      backend: (backend) => ({
        compile: async (graph, options) => {
          const executable = await backend.compile(graph, options);
          return {
            ...executable,
            run: (async (inputs: RunInputs, runOptions?: RunOptions) => {
              const results = { ...(await executable.run(inputs, runOptions)) };
              if (emptied.has(backend)) scale(results, 0);
              return results;
            }) as Executable['run'],
          };
        },
        dispose: living.add(backend, (next) => next && emptied.add(next)),
      }),
    };
  }),
];

export const lifetimeFaults: readonly Fault[] = [
  fault('lifetime/disposed-executable', () => ({
    executable: ({ run, dispose }) => {
      let disposed = false;
      return {
        run: async (inputs, options) => (disposed ? {} : run(inputs, options)),
        dispose: () => {
          disposed = true;
          dispose();
        },
      };
    },
  })),
  fault('lifetime/disposed-backend', () => ({
    backend: ({ upload }) => ({
      upload: (values, shape) => {
        try {
          return upload(values, shape);
        } catch (error) {
          if (!(error instanceof DisposedError)) throw error;
          return { shape, read: async () => values, dispose: () => {} };
        }
      },
    }),
  })),
  fault('lifetime/dispose-twice', () => ({
    executable: ({ dispose }) => {
      let disposed = false;
      return {
        dispose: () => {
          if (disposed) throw new Error('double free');
          disposed = true;
          dispose();
        },
      };
    },
  })),
  fault('memory/runs', () => {
    const leaks = new Map<object, number>();
    return {
      executable: (executable) => ({
        run: async (inputs, options) => {
          const results = await executable.run(inputs, options);
          leaks.set(executable, (leaks.get(executable) ?? 0) + 8);
          return results;
        },
        dispose: () => {
          leaks.delete(executable);
          executable.dispose();
        },
      }),
      backend: ({ memory }) => ({
        memory: () =>
          plus(
            memory(),
            [...leaks.values()].reduce((sum, bytes) => sum + bytes, 0),
          ),
      }),
    };
  }),
  fault('memory/executables', () => {
    let leaked = 0;
    return {
      executable: ({ dispose }) => ({
        dispose: () => {
          leaked++;
          dispose();
        },
      }),
      backend: ({ memory }) => ({ memory: () => plus(memory(), 64 * leaked, leaked) }),
    };
  }),
  fault('memory/parameters', () => {
    const hidden = new Map<object, number>();
    return {
      executable: (executable, _graph, { parameters }) => {
        hidden.set(
          executable,
          Object.values(parameters).reduce((sum, { byteLength }) => sum + byteLength, 0),
        );
        return {
          dispose: () => {
            hidden.delete(executable);
            executable.dispose();
          },
        };
      },
      backend: ({ memory }) => ({
        memory: () => plus(memory(), -[...hidden.values()].reduce((sum, bytes) => sum + bytes, 0), 0),
      }),
    };
  }),
  fault('memory/tensors', () => {
    let uncounted = 0;
    return {
      backend: ({ upload, memory }) => ({
        upload: (values, shape) => {
          const tensor = upload(values, shape);
          uncounted += values.byteLength;
          const { dispose } = tensor;
          return Object.assign(tensor, {
            dispose: () => {
              uncounted -= values.byteLength;
              dispose();
            },
          });
        },
        memory: () => plus(memory(), -uncounted),
      }),
    };
  }),
  fault('cancellation/compile', () => compiledOtherwise((_graph, { cancellation: _, ...options }) => options)),
  fault('cancellation/run', () => ({ executable: ({ run }) => ({ run: (inputs) => run(inputs) }) })),
  fault('cancellation/during-a-run', () => ({
    executable: ({ run }) => ({
      run: async (inputs, options) => {
        const results = await run(inputs, options);
        if (options?.cancellation?.aborted) throw new Error('interrupted');
        return results;
      },
    }),
  })),
];
