/** One broken backend for every promise about overlap, repetition, small changes and empty members. */
import type { DeviceTensor, IndexMapValues, RealArray, RunInputs } from '@mace/core/backend';
import { fault, resultsChanged, scale, type Breakage, type Fault, type Results } from './fault.js';

type Arrays = Readonly<Record<string, RealArray>>;

export const changeFaults: readonly Fault[] = [
  fault('partial/parameters', () =>
    parametersKept((old, next) => old[0] === next[0] && old.at(-1) === next.at(-1), false),
  ),
  fault('partial/parameters-in-place', () => parametersKept((old, next) => old === next, true)),
  fault('partial/inputs', () =>
    inputsRemembered(
      (old, next) => old.length === next.length && old[0] === next[0] && old.at(-1) === next.at(-1),
      false,
    ),
  ),
  fault('partial/inputs-in-place', () => inputsRemembered((old, next) => old === next && old.length > 99, true)),
  fault('partial/few-inputs-in-place', () => inputsRemembered((old, next) => old === next && old.length < 9, true)),
  fault('partial/maps', () => mapsRemembered((old, next) => `${old.offsets}` === `${next.offsets}`, false)),
  fault('partial/maps-in-place', () => mapsRemembered((old, next) => old.values === next.values, true)),
];

/** @param object - whether what is compared is the array that was given, or a copy of what it held */
function parametersKept(same: (old: RealArray, next: RealArray) => boolean, object: boolean): Breakage {
  return {
    executable: ({ setParameters }, _graph, { parameters }) => {
      let given: Arrays = parameters;
      let current = copies(parameters);
      return {
        setParameters: async (next) => {
          const used = Object.entries(next).map(([name, values]) => {
            const old = object ? given[name] : current[name];
            return [name, old && same(old, values) ? current[name]! : values] as const;
          });
          given = next;
          await setParameters((current = copies(Object.fromEntries(used))));
        },
      };
    },
  };
}

function inputsRemembered(same: (old: RealArray, next: RealArray) => boolean, object: boolean): Breakage {
  return {
    executable: ({ run }) => {
      const before = new Map<string, { given: RealArray; copy: RealArray }>();
      return {
        run: async (inputs, options) => {
          const values = Object.entries(inputs.values as Arrays).map(([name, array]) => {
            const known = before.get(name);
            const copy = known && same(object ? known.given : known.copy, array) ? known.copy : array.slice();
            before.set(name, { given: array, copy });
            return [name, copy] as const;
          });
          return run({ ...inputs, values: Object.fromEntries(values) }, options);
        },
      };
    },
  };
}

function mapsRemembered(same: (old: IndexMapValues, next: IndexMapValues) => boolean, object: boolean): Breakage {
  return {
    executable: ({ run }) => {
      const before = new Map<string, { given: IndexMapValues; copy: IndexMapValues }>();
      return {
        run: async (inputs, options) => {
          const maps = Object.entries(inputs.maps).map(([name, map]) => {
            const known = before.get(name);
            const fresh = { values: map.values.slice(), offsets: map.offsets.slice(), order: map.order.slice() };
            const copy = known && same(object ? known.given : known.copy, map) ? known.copy : fresh;
            before.set(name, { given: map, copy });
            return [name, copy] as const;
          });
          return run({ ...inputs, maps: Object.fromEntries(maps) }, options);
        },
      };
    },
  };
}

export const repetitionFaults: readonly Fault[] = [
  fault('repeated/runs', () => {
    const kept = new Map<string, RealArray>();
    return resultsChanged((results, _inputs, { runs }) => {
      for (const [name, values] of Object.entries(results)) {
        const old = kept.get(name);
        if (runs < 7 || old?.length !== values.length) kept.set(name, values);
        else {
          old.set(values);
          results[name] = old;
        }
      }
    });
  }),
  fault(
    'repeated/runs-on-device',
    () => ({
      executable: ({ runOnDevice }) => {
        const made: DeviceTensor[] = [];
        return runOnDevice
          ? {
              runOnDevice: async (inputs: RunInputs) => {
                const tensors = await runOnDevice(inputs);
                const { atoms } = tensors;
                if (!atoms) return tensors;
                const values = await atoms.read();
                const own = {
                  ...atoms,
                  read: async () => (made.indexOf(own) < made.length - 9 ? values.map(() => 0) : values.slice()),
                };
                made.push(own);
                return { ...tensors, atoms: own };
              },
            }
          : {};
      },
    }),
    'device tensors',
  ),
  fault('repeated/parameters', () => ({
    executable: ({ setParameters }) => {
      let calls = 0;
      return { setParameters: async (given) => (++calls > 5 ? undefined : setParameters(given)) };
    },
  })),
  fault('repeated/every-op', () =>
    resultsChanged((results, _inputs, { graph, runs }) => {
      const roots = Object.entries(graph.outputs).filter(([, { op }]) => op === 'sqrt');
      for (const [name] of roots) if (runs > 2) results[name]![0] = 0;
    }),
  ),
  fault('repeated/compilations', () => {
    const first = new Map<string, Arrays>();
    let count = 0;
    return {
      backend: ({ compile }) => ({
        compile: async (graph, options) => {
          const known = first.get(graph.name);
          if (!known) first.set(graph.name, copies(options.parameters));
          return compile(graph, known && ++count > 2 ? { ...options, parameters: known } : options);
        },
      }),
    };
  }),
  fault('repeated/failures', () => ({
    executable: ({ run }) => {
      let refused = 0;
      return {
        run: async (inputs, options) => {
          const results = await run(inputs, options).catch((error: unknown) => {
            refused++;
            throw error;
          });
          if (refused < 3) return results;
          const spoilt: Results = { ...results };
          scale(spoilt, 1.5);
          return spoilt;
        },
      };
    },
  })),
  fault('repeated/uploads', () => ({
    backend: ({ upload }) => ({
      upload: (values, shape) => {
        const tensor = upload(values, shape);
        return values.length > 500 ? { ...tensor, read: async () => values.slice() } : tensor;
      },
    }),
  })),
];

export const overlapFaults: readonly Fault[] = [
  fault('overlap/equal-sizes', () => mixed((running) => running > 4)),
  fault(
    'overlap/on-device',
    () => ({
      executable: ({ runOnDevice }) => {
        let running = 0;
        let last: Readonly<Record<string, DeviceTensor>> | undefined;
        return runOnDevice
          ? {
              runOnDevice: async (inputs: RunInputs) => {
                running++;
                const tensors = await runOnDevice(inputs);
                last = tensors;
                await Promise.resolve();
                const shared = running > 1 ? last : tensors;
                running--;
                const entries = Object.entries(tensors).map(([name, tensor]) => [
                  name,
                  { ...tensor, read: () => shared[name]!.read() },
                ]);
                return Object.fromEntries(entries) as typeof tensors;
              },
            }
          : {};
      },
    }),
    'device tensors',
  ),
  fault('overlap/parameters', () => ({
    executable: ({ run, setParameters }) => {
      let replacing = false;
      return {
        setParameters: async (given) => {
          replacing = true;
          await setParameters(given).finally(() => (replacing = false));
        },
        run: async (inputs, options) => {
          const torn = replacing;
          const results = { ...(await run(inputs, options)) };
          if (torn) scale(results, 1.5);
          return results;
        },
      };
    },
  })),
  fault('overlap/inputs-written-to', () => ({
    executable: ({ run }) => ({ run: async (inputs, options) => Promise.resolve().then(() => run(inputs, options)) }),
  })),
  fault(
    'overlap/on-device-inputs-written-to',
    () => ({
      executable: ({ runOnDevice }) =>
        runOnDevice
          ? { runOnDevice: async (inputs: RunInputs) => Promise.resolve().then(() => runOnDevice(inputs)) }
          : {},
    }),
    'device tensors',
  ),
  fault('overlap/compilations', () => {
    let latest: Arrays = {};
    return {
      backend: ({ compile }) => ({
        compile: async (graph, options) => {
          latest = options.parameters;
          await Promise.resolve();
          const fits = Object.entries(options.parameters).every(
            ([name, { length }]) => latest[name]?.length === length,
          );
          return compile(graph, fits ? { ...options, parameters: latest } : options);
        },
      }),
    };
  }),
  fault('overlap/failures', () => ({
    executable: ({ run }) => {
      let running = 0;
      let torn = false;
      return {
        run: async (inputs, options) => {
          running++;
          try {
            const results = { ...(await run(inputs, options)) };
            if (torn) scale(results, 1.5);
            return results;
          } catch (error) {
            torn = running > 1;
            throw error;
          } finally {
            if (--running === 0) torn = false;
          }
        },
      };
    },
  })),
  fault('overlap/dispose', () => ({
    executable: ({ run, dispose }) => {
      let disposed = false;
      return {
        run: async (inputs, options) => {
          const results = { ...(await run(inputs, options)) };
          if (disposed) scale(results, 0);
          return results;
        },
        dispose: () => {
          disposed = true;
          dispose();
        },
      };
    },
  })),
  fault('cancellation/at-every-look', () => ({
    executable: ({ run }) => {
      let torn = false;
      return {
        run: async (inputs, options) => {
          const results = await run(inputs, options).catch((error: unknown) => {
            torn = (Object(error) as { code?: unknown }).code === 'cancelled';
            throw error;
          });
          if (!torn) return results;
          const spoilt: Results = { ...results };
          scale(spoilt, 1.5);
          return spoilt;
        },
      };
    },
  })),
  fault('memory/events', () => {
    let kept = 0;
    return {
      backend: ({ memory }) => ({
        memory: () => ({ liveBytes: memory().liveBytes + 64 * kept, liveBuffers: memory().liveBuffers + kept }),
      }),
      executable: ({ run }) => ({
        run: (inputs, options) =>
          run(inputs, options).catch((error: unknown) => {
            kept++;
            throw error;
          }),
      }),
    };
  }),
];

export const memberFaultsOfSizes: readonly Fault[] = [
  fault('sizes/empty-members', () =>
    resultsChanged((results, { dims, maps }) => {
      const { offsets } = maps.graph ?? {};
      if (dims.atoms > 0 && offsets && offsets.at(-1) === offsets.at(-2)) results.energy?.fill(1);
    }),
  ),
  fault('sizes/targets-that-nothing-hits', () =>
    resultsChanged((results, { maps }) => {
      const { offsets } = maps.sender ?? {};
      if (offsets && offsets.length > 2 && offsets[0] === offsets[1]) results.atoms?.fill(1, -2);
    }),
  ),
  fault('sizes/every-count', () => resultsChanged((results, { dims }) => dims.atoms === 29 && scale(results, 1.5))),
];

/** Runs that overlap so many give the results of the last. */
function mixed(crowded: (running: number) => boolean): Breakage {
  return {
    executable: ({ run }) => {
      let running = 0;
      let last: Results = {};
      return {
        run: async (inputs, options) => {
          running++;
          const results = await run(inputs, options);
          last = results;
          await Promise.resolve();
          const given = crowded(running) ? last : results;
          running--;
          return copies(given);
        },
      };
    },
  };
}

function copies(arrays: Arrays): Record<string, RealArray> {
  return Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, values.slice()]));
}
