/**
 * The reference backend: the contract fulfilled by plain loops in the thread that calls it.
 *
 * float64, and float32 by rounding after every elementary operation. No fusions and no passes, so that it computes the
 * graph that it was given; `call` is inlined.
 */
import { assembleBackend } from '../backend/assemble.js';
import type { ExecutableParts } from '../backend/parts.js';
import type { BackendDefinition, Capabilities, EdgeGeometry, RealArray } from '../backend/contract.js';
import { legalize } from '../ir/legalize.js';
import { nodesOf } from '../ir/traverse.js';
import type { Graph, OpName } from '../ir/types.js';
import { edgeVectorsOf } from './edge-vectors.js';
import { Interpreter } from './interpreter.js';

const capabilities: Capabilities = {
  precisions: ['f64', 'f32'],
  deterministic: true,
  specials: 'ieee',
  deviceTensors: false,
  maxBufferBytes: 2 ** 31,
};
const device = 'JavaScript, one thread';

/** The definition of every op: slow, exact, always available. */
export function reference(): BackendDefinition {
  return {
    contract: 2,
    name: 'reference',
    probe: async () => ({ available: true, device, capabilities }),
    create: async () =>
      assembleBackend({
        name: 'reference',
        device,
        capabilities,
        compile: async (graph, { precision, parameters }) => executable(graph, precision, parameters),
        upload: (values, shape) => {
          const copy = values.slice();
          return { shape, bytes: copy.byteLength, read: async () => copy.slice(), dispose: () => {} };
        },
      }),
  };
}

function executable(
  graph: Graph,
  precision: 'f64' | 'f32',
  parameters: Readonly<Record<string, RealArray>>,
): ExecutableParts {
  const legalized: { op: OpName; scope: string }[] = [];
  const flat = legalize(
    graph,
    (node) => node.op !== 'call',
    ({ op, scope }) => legalized.push({ op, scope }),
  );
  let held = copied(parameters);
  const interpreter = new Interpreter(flat, precision, held);
  const liveBytes = Object.values(parameters).reduce((total, values) => total + values.byteLength, 0);
  return {
    graph: flat,
    report: { kernels: nodesOf(flat).map((node) => ({ name: node.op, nodes: [node.id] })), fused: [], legalized },
    memory: () => ({ liveBytes, liveBuffers: Object.keys(parameters).length }),
    bind: ({ dims, maps }) => {
      let geometry: EdgeGeometry | undefined;
      return {
        run: async (values) => {
          const inputs = values as Readonly<Record<string, RealArray>>;
          const edgeVectors = geometry && edgeVectorsOf(geometry, inputs.positions!, inputs.cells!);
          return interpreter.run({ dims, maps, inputs: edgeVectors ? { ...inputs, edgeVectors } : inputs });
        },
        setGeometry: ({ sender, receiver, shifts, structure }) => {
          geometry = {
            sender: sender.slice(),
            receiver: receiver.slice(),
            shifts: shifts.slice(),
            structure: structure.slice(),
          };
        },
      };
    },
    setParameters: (replacements) => {
      held = { ...held, ...copied(replacements) };
      interpreter.setParameters(held);
    },
    dispose: () => {},
  };
}

function copied(parameters: Readonly<Record<string, RealArray>>): Record<string, RealArray> {
  return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]));
}
