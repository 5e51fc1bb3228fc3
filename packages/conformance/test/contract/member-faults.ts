/** One broken backend for every promise about device tensors, reports, errors and optional members. */
import type { DeviceTensor, NeighborRequest, RealArray } from '@mace/core/backend';
import { makeStructure, wrapPositions } from '@mace/core/structure';
import { fault, resultsChanged, scale, type Fault } from './fault.js';
import { hostNeighbors } from './hosted.js';

function isTensor(value: RealArray | DeviceTensor): value is DeviceTensor {
  return !ArrayBuffer.isView(value);
}

export const tensorFaults: readonly Fault[] = [
  fault(
    'device-tensors/round-trip',
    () => ({
      backend: ({ upload }) => ({
        upload: (values, shape) => {
          const tensor = upload(values, shape);
          const { read } = tensor;
          return Object.assign(tensor, { read: async () => (await read()).map(Math.fround) });
        },
      }),
    }),
    'device tensors',
  ),
  fault(
    'device-tensors/copied',
    () => ({
      backend: ({ upload }) => ({
        upload: (values, shape) => {
          const tensor = upload(values, shape);
          const { read } = tensor;
          return Object.assign(tensor, { read: async () => read().then(() => values.slice()) });
        },
      }),
    }),
    'device tensors',
  ),
  ...(
    [
      ['device-tensors/as-inputs', true],
      ['device-tensors/fed-back', false],
    ] as const
  ).map(([promise, every]) =>
    fault(
      promise,
      () =>
        resultsChanged((results, { values }) => {
          const tensors = Object.values(values).map(isTensor);
          if (tensors.includes(true) && tensors.includes(false) !== every) scale(results, 1.5);
        }),
      'device tensors',
    ),
  ),
  fault(
    'device-tensors/run-on-device',
    () => ({
      executable: ({ runOnDevice }) => ({
        runOnDevice: async (inputs, options) => {
          const made = await runOnDevice!(inputs, options);
          for (const tensor of Object.values(made)) Object.assign(tensor, { shape: [...tensor.shape].reverse() });
          return made;
        },
      }),
    }),
    'device tensors',
  ),
  {
    name: 'tensor-readable-after-dispose',
    breaks: ['device-tensors/freed', 'lifetime/disposed-backend'],
    of: 'device tensors',
    how: () => ({
      backend: (backend) => ({
        upload: (values, shape) => {
          let disposed = false;
          const tensor = backend.upload(values, shape);
          const { read, dispose } = tensor;
          return Object.assign(tensor, {
            read: async () => (disposed ? values : read()),
            dispose: () => {
              disposed = true;
              dispose();
            },
          });
        },
      }),
    }),
  },
  fault('device-tensors/unclaimed', () => ({
    executable: ({ run }) => ({
      run: async (inputs, options) => {
        const values: Record<string, RealArray> = {};
        for (const [name, value] of Object.entries(inputs.values))
          values[name] = isTensor(value) ? await value.read() : value;
        return run({ ...inputs, values }, options);
      },
    }),
  })),
];

/** An error without its class, as one that came through `postMessage`. */
async function withoutClass<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { name, message, code, reason } = error as Error & { code: string; reason?: string };
    throw Object.assign(new Error(message), { name, code, reason });
  }
}

export const reportFaults: readonly Fault[] = [
  fault('report/kernels', () => ({ executable: ({ report }) => ({ report: { ...report, kernels: [] } }) })),
  fault('report/legalized', () => ({
    executable: ({ report }) => ({
      report: { ...report, legalized: [...report.legalized, { op: 'table', scope: 'elsewhere' }] },
    }),
  })),
  fault('errors/recognized', () => ({
    executable: ({ run }) => ({ run: (inputs, options) => withoutClass(run(inputs, options)) }),
    backend: ({ compile }) => ({ compile: (graph, options) => withoutClass(compile(graph, options)) }),
  })),
];

/** Neighbors of something else than what was asked. */
function neighborsOf(change: (request: NeighborRequest) => NeighborRequest): Fault['how'] {
  return () => ({ backend: () => ({ neighbors: (request) => hostNeighbors(change(request)) }) });
}

/** Edges without those for which `drop` is true. */
function neighborsWithout(drop: (sender: number, receiver: number, atoms: number) => boolean): Fault['how'] {
  return () => ({
    backend: () => ({
      neighbors: async (request) => {
        const { sender, receiver, shifts, vectors } = await hostNeighbors(request);
        const atoms = request.positions.length / 3;
        const kept = [...sender.keys()].filter((e) => !drop(sender[e]!, receiver[e]!, atoms));
        const triples = (values: RealArray | Int32Array): number[] =>
          kept.flatMap((e) => [...values.subarray(3 * e, 3 * e + 3)]);
        return {
          sender: Int32Array.from(kept, (e) => sender[e]!),
          receiver: Int32Array.from(kept, (e) => receiver[e]!),
          shifts: Int32Array.from(triples(shifts)),
          vectors: Float64Array.from(triples(vectors)),
        };
      },
    }),
  });
}

const member = 'optional members';
const periodic = ['triclinic-crystal', 'one-atom-cell', 'slab', 'skin'].map((name) => `neighbors/${name}`);
const box = Float64Array.of(3.5, 0, 0, 0, 3.5, 0, 0, 0, 3.5);

export const memberFaults: readonly Fault[] = [
  fault(
    'neighbors/molecule',
    neighborsOf((request) => (request.cell ? request : { ...request, cell: box, pbc: [true, true, true] })),
    member,
  ),
  {
    name: 'shifts-of-wrapped-positions',
    breaks: ['neighbors/triclinic-crystal', 'neighbors/slab'],
    of: member,
    how: neighborsOf((request) => {
      const { cell, pbc, positions } = request;
      if (!cell) return request;
      const numbers = new Int32Array(positions.length / 3).fill(6);
      return { ...request, positions: wrapPositions(makeStructure({ numbers, positions, cell, pbc })) };
    }),
  },
  fault(
    'neighbors/one-atom-cell',
    neighborsWithout((_sender, _receiver, atoms) => atoms === 1),
    member,
  ),
  fault(
    'neighbors/slab',
    neighborsOf((request) => (request.cell ? { ...request, pbc: [true, true, true] } : request)),
    member,
  ),
  fault(
    'neighbors/skin',
    neighborsOf(({ skin: _, ...request }) => request),
    member,
  ),
  {
    name: 'self-images-missing',
    breaks: periodic,
    of: member,
    how: neighborsWithout((sender, receiver) => sender === receiver),
  },
  {
    name: 'one-direction-of-each-pair',
    breaks: ['neighbors/molecule', ...periodic.filter((name) => name !== 'neighbors/one-atom-cell')],
    of: member,
    how: neighborsWithout((sender, receiver) => sender > receiver),
  },
  {
    name: 'cell-shift-ignored',
    breaks: periodic,
    of: member,
    how: () => ({
      backend: () => ({
        neighbors: async (request) => {
          const edges = await hostNeighbors(request);
          return { ...edges, shifts: edges.shifts.map(() => 0) };
        },
      }),
    }),
  },
];
