/** One fault each, of the kinds that real backends have. The mutants of single ops are made in `op-faults.ts`. */
import { isMaceError } from '@mace/core';
import { indexMapValues, type Executable, type IndexMapValues } from '@mace/core/backend';
import type { RealArray, RunInputs } from '@mace/core/backend';
import { polynomialTable, type Graph, type GraphBuilder, type Monomial, type Node } from '@mace/core/ir';
import type { Fault, Outputs } from './fault.js';
import { tableFaults } from './table-faults.js';

const onModels = ['physics/reference/B'];

export const faults: readonly Fault[] = [
  // Index maps.
  {
    name: 'sender-and-receiver-swapped',
    caughtBy: [...onModels, 'golden'],
    inputs: (inputs) =>
      withMaps(inputs, ({ sender, receiver }) => (sender && receiver ? { sender: receiver, receiver: sender } : {})),
  },
  {
    name: 'element-off-by-one',
    caughtBy: onModels,
    inputs: (inputs, graph) => withMaps(inputs, (maps) => shifted(maps, graph, 'species')),
  },
  {
    name: 'wrong-head',
    // A calculator compiles for one head, so graphs with a map of heads are those of training and of the fusion suite.
    caughtBy: ['fusion/models/D'],
    neighbourhood: /atomEnergy/,
    inputs: (inputs, graph) => withMaps(inputs, (maps) => shifted(maps, graph, 'head')),
  },
  {
    name: 'batch-offset-ignored',
    caughtBy: ['gradients/parameters/B', 'ops/gather'],
    inputs: (inputs) =>
      withMaps(
        inputs,
        ({ graph }): Partial<Maps> =>
          graph && inputs.dims.graphs > 0
            ? { graph: indexMapValues(new Int32Array(graph.values.length), inputs.dims.graphs) }
            : {},
      ),
  },
  {
    name: 'last-edge-dropped',
    caughtBy: onModels,
    inputs: (inputs, graph) => withoutLastEdge(inputs, graph),
  },

  // Tables and weights.
  {
    name: 'sign-of-one-harmonic',
    caughtBy: ['polynomials/harmonics-2', ...onModels],
    neighbourhood: /polynomial/,
    node: editPolynomial((monomials, node) =>
      node.operands.length === 1
        ? monomials.map((m) => (m.out === 4 ? { ...m, coefficient: -m.coefficient } : m))
        : null,
    ),
  },
  {
    name: 'wrong-component-order',
    caughtBy: ['polynomials/harmonics-1'],
    neighbourhood: /polynomial/,
    node: editPolynomial((monomials) =>
      monomials.map((m) => ({ ...m, out: m.out === 1 ? 2 : m.out === 2 ? 1 : m.out })),
    ),
  },
  {
    name: 'missing-factor-in-a-repeated-monomial',
    caughtBy: ['polynomials/repeated-factors'],
    neighbourhood: /polynomial/,
    node: editPolynomial((monomials) =>
      monomials.map((m) => {
        const [a, b] = m.factors;
        const repeated = a && b && a.operand === b.operand && a.component === b.component;
        return repeated ? { ...m, factors: m.factors.slice(1) } : m;
      }),
    ),
  },
  {
    name: 'transposed-weight',
    caughtBy: ['polynomials', ...onModels],
    neighbourhood: /matmul|model B/,
    node: (build, node, [a, b]) => {
      if (node.op !== 'matmul' || node.attributes.form !== 'nn' || node.attributes.group) return null;
      const [rows, columns] = b!.type.shape;
      return rows === columns && b!.type.shape.length === 2 ? build.matmul(a!, b!, 'nt') : null;
    },
  },
  {
    name: 'one-wrong-derivative-rule',
    caughtBy: ['gradients/sin', 'physics/derivative/B'],
    neighbourhood: /cos|reverse|derivative/,
    node: (build, node, [x]) =>
      node.op === 'cos' && /reverse|forward/.test(node.scope) ? build.scale(build.cos(x!), 1.001) : null,
  },

  // Numbers.
  {
    name: 'half-precision-inside',
    caughtBy: ['ops/matmul', ...onModels],
    neighbourhood: /matmul/,
    node: (build, node, [a, b]) => {
      if (node.op !== 'matmul') return null;
      const product = build.matmul(a!, b!, node.attributes.form, node.attributes.group);
      // Veltkamp's splitting keeps the leading bits: eleven of the 53.
      const large = build.scale(product, 2 ** 42 + 1);
      return build.add(large, build.sub(product, large));
    },
  },
  {
    name: 'float16-results',
    caughtBy: onModels,
    outputs: (outputs) => each(outputs, (value) => Math.fround(value * (1 + 2 ** -11))),
  },
  {
    name: 'nan-without-edges',
    caughtBy: ['physics/isolated-atom/B', 'physics/reference/B'],
    outputs: (outputs, { dims }) => dims.edges === 0 && each(outputs, () => NaN),
  },
  {
    name: 'wrong-parity',
    caughtBy: ['physics/reflection/B'],
    neighbourhood: /reflection/,
    outputs: (outputs, inputs) => {
      const { atomEnergy } = outputs;
      const { receiver } = inputs.maps;
      const vectors = inputs.values.edgeVectors as RealArray | undefined;
      if (!atomEnergy || !receiver || !vectors) return;
      for (let atom = 0; atom < atomEnergy.length; atom++)
        atomEnergy[atom]! += 1e-3 * handedness(receiver, vectors, atom);
    },
  },
  {
    name: 'unsymmetric-stress',
    caughtBy: ['physics/symmetric-stress/B'],
    neighbourhood: /symmetric-stress/,
    outputs: ({ atomVirial }) => atomVirial?.forEach((value, i) => i % 9 === 1 && (atomVirial[i] = value + 1e-3)),
  },
  ...tableFaults,

  // Memory and state.
  {
    name: 'stale-buffer-after-shrinking',
    caughtBy: ['contract/sizes', 'contract/state'],
    outputs: (outputs, _inputs, { previous }) => {
      for (const [name, values] of Object.entries(outputs)) {
        const old = previous[name];
        if (old && old.length > values.length && values.length > 0) values[values.length - 1] = old[values.length - 1]!;
      }
    },
  },
  {
    name: 'state-kept-between-runs',
    caughtBy: ['contract', 'physics/batch/B'],
    outputs: (outputs, _inputs, { previous }) => {
      for (const [name, values] of Object.entries(outputs)) {
        const old = previous[name];
        if (old?.length === values.length) values.forEach((value, i) => (values[i] = value + 1e-3 * old[i]!));
      }
    },
  },
  {
    name: 'uninitialised-memory',
    caughtBy: ['ops/segmentSum', 'physics/isolated-atom/B'],
    outputs: (outputs) => each(outputs, (value) => (value === 0 ? 1e-3 : value)),
  },
  {
    name: 'input-mutated',
    caughtBy: ['ops/add'],
    neighbourhood: /inputs/,
    outputs: (_outputs, inputs) => {
      const [first] = Object.values(inputs.values) as RealArray[];
      if (first && first.length > 0) first[0]! += 1;
    },
  },
  {
    name: 'buffer-leaked',
    caughtBy: ['ops/add', 'contract/memory'],
    neighbourhood: /bytes/,
    backend: (backend) => {
      let leaked = 0;
      return {
        compile: async (graph, options) => {
          leaked += 64;
          return backend.compile(graph, options);
        },
        memory: () => ({
          liveBytes: backend.memory().liveBytes + leaked,
          liveBuffers: backend.memory().liveBuffers + leaked / 64,
        }),
      };
    },
  },

  // Promises.
  {
    name: 'parameters-ignored',
    caughtBy: ['contract/parameters', 'physics/parameters/B'],
    executable: () => ({ setParameters: async () => {} }),
  },
  {
    name: 'exception-swallowed',
    caughtBy: ['contract/inputs'],
    executable: (executable) => ({
      run: (inputs, options) =>
        executable.run(inputs, options).catch((error: unknown): Record<string, RealArray> => {
          if (isMaceError(error) && error.code === 'shape') return {};
          throw error;
        }),
    }),
  },
  {
    name: 'size-limit-overflowed',
    caughtBy: ['contract/sizes', 'contract/limits'],
    executable: (executable, graph) => ({
      run: (inputs, options) =>
        executable.run(inputs, options).catch((error: unknown): Record<string, RealArray> => {
          if (isMaceError(error) && error.code === 'unsupported')
            return Object.fromEntries(Object.keys(graph.outputs).map((name) => [name, new Float64Array(8)]));
          throw error;
        }),
    }),
  },
  {
    name: 'depends-on-the-batch',
    caughtBy: ['physics/batch/B'],
    neighbourhood: /bits/,
    outputs: (outputs, { dims }) => each(outputs, (value) => value * (1 + dims.graphs * 2 ** -52)),
  },
  {
    name: 'last-atom-leaks-into-the-first',
    caughtBy: ['physics/cross-graph/B'],
    neighbourhood: /another structure/,
    outputs: ({ forces }) => {
      if (forces && forces.length > 3) forces[0]! += 0.1 * forces[forces.length - 1]!;
    },
  },
  {
    name: 'depends-on-threads',
    caughtBy: ['physics/batch/B', 'contract/determinism'],
    neighbourhood: /bits/,
    outputs: (outputs, _inputs, { runs }) => each(outputs, (value) => value * (1 + (runs % 2) * 2 ** -52)),
  },
  {
    name: 'fusion-off-by-one-row',
    caughtBy: ['fusion'],
    neighbourhood: /fusions/,
    backend: (backend) => ({
      fusions: ['everything'],
      compile: async (graph, options) => {
        const { fusions = 'all' } = options;
        const executable = await backend.compile(graph, { ...options, fusions: 'none' });
        if (fusions !== 'all' && !fusions.includes('everything')) return executable;
        return {
          ...executable,
          report: { ...executable.report, fused: [{ pattern: 'everything', scope: '' }] },
          run: (async (...given: Parameters<Executable['run']>) => {
            const outputs = { ...(await executable.run(...given)) } as Outputs;
            for (const values of Object.values(outputs)) values.copyWithin(1, 0);
            return outputs;
          }) as Executable['run'],
        };
      },
    }),
  },
  {
    name: 'fusion-that-never-matches',
    caughtBy: ['fusion/each-occurs'],
    backend: () => ({ fusions: ['ghost'] }),
  },
  {
    name: 'fusion-that-cannot-be-switched-off',
    caughtBy: ['fusion/models/D'],
    neighbourhood: /fusions/,
    executable: (executable) => ({
      report: { ...executable.report, fused: [{ pattern: 'everything', scope: '' }] },
    }),
  },

  // Results that are not results.
  {
    name: 'wrong-keys',
    caughtBy: ['ops/add'],
    outputs: (outputs) => {
      for (const name of Object.keys(outputs)) {
        outputs[`${name}_0`] = outputs[name]!;
        delete outputs[name];
      }
    },
  },
  {
    name: 'wrong-size',
    caughtBy: ['ops/add'],
    outputs: (outputs) => {
      for (const name of Object.keys(outputs)) outputs[name] = Float64Array.from([...outputs[name]!, 0]);
    },
  },
  { name: 'nan-everywhere', caughtBy: ['ops/add'], outputs: (outputs) => each(outputs, () => NaN) },
  {
    name: 'throws-in-probe',
    caughtBy: ['contract/probe'],
    neighbourhood: /probe/,
    definition: { probe: () => Promise.reject(new TypeError('no such device')) },
  },
  {
    name: 'hangs-in-run',
    caughtBy: ['ops/add/add/1-to-35-rows'],
    neighbourhood: /hangs|did not end/,
    timeoutSeconds: 1,
    executable: () => ({ run: () => new Promise(() => {}) }),
  },
  {
    name: 'throws-in-run',
    caughtBy: ['ops/add/add/1-to-35-rows'],
    executable: () => ({ run: () => Promise.reject(new RangeError('index out of bounds')) }),
  },
];

type Maps = Record<string, IndexMapValues>;

function withMaps(inputs: RunInputs, edit: (maps: Maps) => Partial<Maps>): RunInputs {
  return { ...inputs, maps: { ...inputs.maps, ...(edit(inputs.maps as Maps) as Maps) } };
}

/** A map of fixed targets whose values are one higher, around. */
function shifted(maps: Maps, graph: Graph, name: string): Maps {
  const map = graph.maps.find((one) => one.name === name);
  const known = maps[name];
  if (!known || typeof map?.to !== 'number' || map.to < 2) return {};
  const size = map.to;
  return {
    [name]: indexMapValues(
      known.values.map((value) => (value + 1) % size),
      size,
    ),
  };
}

function withoutLastEdge(inputs: RunInputs, graph: Graph): RunInputs {
  const edges = inputs.dims.edges - 1;
  if (edges < 0 || Object.values(graph.outputs).some(({ type }) => type.shape.includes('edges'))) return inputs;
  const cut = Object.fromEntries(
    Object.entries(inputs.maps).map(([name, map]) => {
      const own = graph.maps.find((one) => one.name === name);
      if (own?.from !== 'edges') return [name, map];
      return [name, indexMapValues(map.values.slice(0, edges), map.offsets.length - 1)];
    }),
  );
  const values = Object.fromEntries(
    Object.entries(inputs.values).map(([name, value]) => {
      const input = graph.inputs.find(({ attributes }) => attributes.name === name);
      const array = value as RealArray;
      return [name, input?.type.shape[0] === 'edges' ? array.slice(0, (array.length / (edges + 1)) * edges) : array];
    }),
  );
  return { dims: { ...inputs.dims, edges }, maps: cut, values };
}

function editPolynomial(edit: (monomials: readonly Monomial[], node: Node) => readonly Monomial[] | null) {
  return (build: GraphBuilder, node: Node, operands: readonly Node[]): Node | null => {
    if (node.op !== 'polynomial') return null;
    const { outputs, monomials } = node.attributes.table;
    const edited = edit(monomials, node);
    return (
      edited &&
      build.polynomial(
        operands,
        polynomialTable(
          outputs,
          edited.filter((m) => m.out < outputs),
        ),
      )
    );
  };
}

/** The triple product of an atom's first three edges: its sign is that of its handedness. */
function handedness({ offsets, order }: IndexMapValues, vectors: RealArray, atom: number): number {
  const first = offsets[atom]!;
  if (offsets[atom + 1]! - first < 3) return 0;
  const [a, b, c] = [0, 1, 2].map((i) => vectors.slice(3 * order[first + i]!, 3 * order[first + i]! + 3)) as [
    RealArray,
    RealArray,
    RealArray,
  ];
  return (
    a[0]! * (b[1]! * c[2]! - b[2]! * c[1]!) +
    a[1]! * (b[2]! * c[0]! - b[0]! * c[2]!) +
    a[2]! * (b[0]! * c[1]! - b[1]! * c[0]!)
  );
}

function each(outputs: Outputs, change: (value: number) => number): void {
  for (const values of Object.values(outputs)) values.forEach((value, i) => (values[i] = change(value)));
}
