/** Engines that keep or share what they should copy: parameters, inputs, index maps, results, tensors. */
import type { IndexMapValues, RealArray, RunInputs, RunOptions } from '@mace/core/backend';
import type { Breakage } from '../contract/fault.js';
import type { FaultDraw } from './draw.js';
import { copies, drawLength, drawTurn, samenesses, type Arrays, type EngineFault } from './engine-fault.js';

export function parametersSkipped(draw: FaultDraw): EngineFault {
  const sameness = draw.choose(samenesses.filter(({ text }) => !text.includes('length')));
  const turn = drawTurn(draw);
  const all = draw.chance(0.5);
  return {
    text: `setParameters keeps ${all ? 'everything if each array' : 'each array that'} ${sameness.text} as the one before, ${turn.text}`,
    how: () => ({
      executable: ({ setParameters }, _graph, { parameters }) => {
        let given: Arrays = parameters;
        let current = copies(parameters);
        let call = 0;
        return {
          setParameters: async (next) => {
            call++;
            const stale = Object.keys(next).filter((name) => {
              const [old, own] = sameness.text.includes('object')
                ? [given[name], next[name]]
                : [current[name], next[name]];
              return old && own && sameness.holds(old, own);
            });
            const skip = turn.holds(call) && (!all || stale.length === Object.keys(next).length) ? stale : [];
            const used = { ...next, ...Object.fromEntries(skip.map((name) => [name, current[name]!])) };
            await setParameters(used);
            given = next;
            current = copies(used);
          },
        };
      },
    }),
  };
}

export function parametersShared(draw: FaultDraw): EngineFault {
  const length = drawLength(draw);
  const atCompile = draw.chance(0.5);
  return {
    text: `parameters ${length.text} given to ${atCompile ? 'compile' : 'setParameters'} are not copied`,
    how: () => ({
      executable: ({ run, runOnDevice, setParameters }, _graph, { parameters }) => {
        let live: Arrays = atCompile ? parameters : {};
        let current = copies(parameters);
        const refresh = async (): Promise<void> => {
          const seen = Object.entries(live).filter(([, values]) => length.holds(values));
          const changed = seen.some(([name, values]) => values.some((x: number, i: number) => x !== current[name]![i]));
          if (!changed) return;
          current = { ...current, ...copies(Object.fromEntries(seen)) };
          await setParameters(current);
        };
        return {
          run: async (inputs, options) => refresh().then(() => run(inputs, options)),
          ...(runOnDevice && {
            runOnDevice: async (inputs: RunInputs, options?: RunOptions) =>
              refresh().then(() => runOnDevice(inputs, options)),
          }),
          setParameters: async (next) => {
            await setParameters(next);
            current = copies(next);
            live = atCompile ? {} : next;
          },
        };
      },
    }),
  };
}

export function inputsRemembered(draw: FaultDraw): EngineFault {
  const sameness = draw.choose(samenesses);
  const [turn, length] = [drawTurn(draw), drawLength(draw)];
  return {
    text: `an input ${length.text} that ${sameness.text} as in the run before is taken from there, ${turn.text}`,
    how: () =>
      givenOtherwise(() => {
        const before = new Map<string, { object: RealArray; copy: RealArray }>();
        let call = 0;
        return (inputs) => {
          call++;
          const values = Object.entries(inputs.values).map(([name, value]) => {
            if (!ArrayBuffer.isView(value)) return [name, value] as const;
            const known = before.get(name);
            const old = known && (sameness.text.includes('object') ? known.object : known.copy);
            const fits = known?.copy.length === value.length;
            const stale = fits && turn.holds(call) && length.holds(value) && sameness.holds(old!, value);
            before.set(name, { object: value, copy: stale ? known.copy : value.slice() });
            return [name, stale ? known.copy.slice() : value] as const;
          });
          return { ...inputs, values: Object.fromEntries(values) };
        };
      }),
  };
}

export function mapsRemembered(draw: FaultDraw): EngineFault {
  const turn = drawTurn(draw);
  const same = draw.choose<{ text: string; holds: (a: IndexMapValues, b: IndexMapValues) => boolean }>([
    { text: 'is the same object', holds: (a, b) => a.values === b.values },
    { text: 'has as many rows and targets', holds: () => true },
    { text: 'has the same first and last target', holds: (a, b) => ends(a.values) === ends(b.values) },
    { text: 'has the same sizes of segments', holds: (a, b) => `${a.offsets}` === `${b.offsets}` },
  ]);
  return {
    text: `an index map that ${same.text} as in the run before is taken from there, ${turn.text}`,
    how: () =>
      givenOtherwise(() => {
        const before = new Map<string, { object: IndexMapValues; copy: IndexMapValues }>();
        let call = 0;
        return (inputs) => {
          call++;
          const maps = Object.entries(inputs.maps).map(([name, map]) => {
            const known = before.get(name);
            const fits =
              known?.copy.values.length === map.values.length && known.copy.offsets.length === map.offsets.length;
            const old = same.text.includes('object') ? known?.object : known?.copy;
            const stale = fits && turn.holds(call) && same.holds(old!, map);
            const copy = { values: map.values.slice(), offsets: map.offsets.slice(), order: map.order.slice() };
            before.set(name, { object: map, copy: stale ? known.copy : copy });
            return [name, stale ? known.copy : map] as const;
          });
          return { ...inputs, maps: Object.fromEntries(maps) };
        };
      }),
  };
}

export function resultsShared(draw: FaultDraw): EngineFault {
  const [turn, length] = [drawTurn(draw), drawLength(draw)];
  return {
    text: `a result ${length.text} is written into the array of an earlier one, ${turn.text}`,
    how: () => ({
      executable: ({ run }) => {
        const buffers = new Map<string, RealArray>();
        let call = 0;
        return {
          run: async (inputs, options) => {
            const results = Object.entries(await run(inputs, options));
            const now = turn.holds(++call);
            return Object.fromEntries(
              results.map(([name, values]) => {
                const known = buffers.get(name);
                if (!length.holds(values)) return [name, values];
                if (known?.length !== values.length || !now) {
                  buffers.set(name, values);
                  return [name, values];
                }
                known.set(values);
                return [name, known];
              }),
            );
          },
        };
      },
    }),
  };
}

export function tensorsShared(draw: FaultDraw): EngineFault {
  const [turn, length] = [drawTurn(draw), drawLength(draw)];
  const reads = draw.chance(0.5);
  return {
    text: `a tensor ${length.text} ${reads ? 'gives its own array when it is read' : 'keeps the array that it was uploaded from'}, ${turn.text}`,
    how: () => {
      let call = 0;
      return {
        backend: ({ upload }) => ({
          upload: (values, shape) => {
            const tensor = upload(values, shape);
            if (!length.holds(values) || !turn.holds(++call)) return tensor;
            const own = reads ? values.slice() : values;
            return {
              ...tensor,
              shape: tensor.shape,
              read: async () => tensor.read().then(() => (reads ? own : own.slice())),
            };
          },
        }),
      };
    },
  };
}

function ends(values: Int32Array): string {
  return `${values[0]} ${values.at(-1)}`;
}

/** Inputs changed on their way, to the host and on the device, by a function of each executable's own. */
function givenOtherwise(make: () => (inputs: RunInputs) => RunInputs): Breakage {
  return {
    executable: ({ run, runOnDevice }) => {
      const change = make();
      return {
        run: async (inputs, options) => run(change(inputs), options),
        ...(runOnDevice && {
          runOnDevice: async (inputs: RunInputs, options?: RunOptions) => runOnDevice(change(inputs), options),
        }),
      };
    },
  };
}
