/** Bindings that break a promise about positions in place of edge vectors, one for each, and some that mix up what is whose. */
import type { Binding, EdgeGeometry, RealArray, RunValues } from '@mace/core/backend';
import { bindingChanged, hasCode, runsChanged } from './binding-faults.js';
import { fault, type Breakage, type Fault } from './fault.js';

type Arrays = Readonly<Record<string, RealArray>>;

/** Runs on positions given something else; `first` is what the first of them was given. */
function movedOtherwise(change: (values: Arrays, first: Arrays) => RunValues): Breakage {
  let first: Arrays | undefined;
  return runsChanged((run, values, options) => {
    if (!values.positions) return run(values, options);
    const given = values as Arrays;
    first ??= given;
    return run(change(given, first), options);
  });
}

/** `setGeometry` changed. */
function geometryChanged(
  change: (set: (geometry: EdgeGeometry) => Promise<void>, geometry: EdgeGeometry, calls: number) => Promise<void>,
): Breakage {
  return bindingChanged(({ setGeometry }) => {
    let calls = 0;
    return { setGeometry: (geometry) => change(setGeometry!, geometry, calls++) };
  });
}

/** Before each run the geometry is given again: what it is then. */
function geometryGivenLate(shared: boolean): Breakage {
  let ofAll: EdgeGeometry | undefined;
  return bindingChanged(({ setGeometry, run }) => {
    let own: EdgeGeometry | undefined;
    return {
      setGeometry: (geometry) => {
        ofAll = own = geometry;
        return setGeometry!(geometry);
      },
      run: (async (values: RunValues) => {
        if (own) await setGeometry!(shared ? ofAll! : own);
        return run(values);
      }) as Binding['run'],
    };
  });
}

function forgiving(code: string): Breakage {
  return geometryChanged((set, geometry) =>
    set(geometry).catch((error: unknown) => {
      if (!hasCode(error, code)) throw error;
    }),
  );
}

const mixedUp = (name: string, change: (geometry: EdgeGeometry) => Partial<EdgeGeometry>): Fault => ({
  name,
  breaks: ['geometry/values'],
  how: () => geometryChanged((set, geometry) => set({ ...geometry, ...change(geometry) })),
});

export const geometryFaults: readonly Fault[] = [
  fault('geometry/values', () => movedOtherwise((_values, first) => first)),
  fault('geometry/far-away', () =>
    movedOtherwise((values) => ({ ...values, positions: values.positions!.map(Math.fround) })),
  ),
  fault('geometry/too-far', () =>
    movedOtherwise((values) => ({
      ...values,
      positions: values.positions!.map((x) => (x > 2 ** 20 ? Math.fround(x) : x)),
    })),
  ),
  fault('geometry/cells', () => movedOtherwise((values, { cells }) => ({ ...values, cells: cells! }))),
  fault('geometry/bindings', () => geometryGivenLate(true)),
  fault('geometry/replaced', () =>
    geometryChanged(async (set, geometry, calls) => {
      if (calls === 0) await set(geometry);
    }),
  ),
  fault('geometry/overlap', () =>
    runsChanged(async (run, values, options) => {
      await Promise.resolve();
      return run(values, options);
    }),
  ),
  fault('geometry/copied', () => geometryGivenLate(false)),
  fault('geometry/either-array', () =>
    movedOtherwise((values) =>
      values.cells instanceof Float32Array ? { ...values, cells: values.cells.map((x) => 2 * x) } : values,
    ),
  ),
  fault('geometry/refused', () => forgiving('shape')),
  {
    name: 'geometry-half-taken',
    breaks: ['geometry/refused'],
    how: () =>
      geometryChanged(async (set, geometry) => {
        try {
          await set(geometry);
        } catch (error) {
          await set({ ...geometry, shifts: new Int32Array(3 * geometry.receiver.length) }).catch(() => {});
          throw error;
        }
      }),
  },
  fault('geometry/values-refused', () => movedOtherwise(({ edgeVectors: _, ...values }) => values)),
  fault('geometry/other-graphs', () => forgiving('graph')),
  fault('geometry/disposed', () => forgiving('disposed')),
  fault('geometry/memory', () => {
    let given = 0;
    return {
      backend: ({ memory }) => ({ memory: () => ({ ...memory(), liveBytes: memory().liveBytes + given }) }),
      ...geometryChanged((set, geometry) => {
        given += geometry.shifts.byteLength;
        return set(geometry);
      }),
    };
  }),
  mixedUp('ends-of-edges-swapped', ({ sender, receiver }) => ({ sender: receiver, receiver: sender })),
  mixedUp('shifts-the-other-way', ({ shifts }) => ({ shifts: shifts.map((shift) => -shift) })),
  mixedUp('one-cell-for-all', ({ structure }) => ({ structure: structure.map(() => 0) })),
];
