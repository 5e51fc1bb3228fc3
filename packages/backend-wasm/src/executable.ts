/** One compiled graph: a module, what lies where in the memory, and the calls of a run. */
import {
  areSiblings,
  compileProgram,
  planPhaseMemory,
  planPhases,
  type BoundInputs,
  type CompileOptions,
  type ExecutableParts,
  type Program,
  type RealArray,
  type TensorParts,
} from '@mace/core/backend';
import { fixedSize, type Graph, type Node, type NodeOf, type RuntimeDim } from '@mace/core/ir';
import type { Arena } from './arena.js';
import { chunksOf } from './chunks.js';
import { AddressList, commitName, phaseName, writeDrivers } from './driver.js';
import { Emitter, type Call, type Preparation, type Value } from './emitter.js';
import { hostImports, KernelSet, runtimeDims } from './kernels/kernel-set.js';
import { sizeOfDims, valueOf } from './kernels/size.js';
import { lanesOf, type Lanes } from './lanes.js';
import { loweringsFor } from './lowering.js';
import { RunLayout, RunSpace } from './run-space.js';
import { tensorIn, type ArenaTensor } from './tensor.js';
import { findViews } from './views.js';

type Dims = Readonly<Record<RuntimeDim, number>>;
type Kernel = (...operands: number[]) => void;

const noDims: Dims = { atoms: 0, edges: 0, graphs: 0 };

export async function compileExecutable(
  arena: Arena,
  graph: Graph,
  options: CompileOptions,
  settings: { readonly relaxed: boolean; readonly atomsPerChunk: number },
): Promise<ExecutableParts> {
  const lanes = lanesOf(options.precision as 'f32' | 'f64', settings.relaxed);
  const program = compileProgram(graph, loweringsFor(lanes), options);
  const emitter = emit(program, lanes);
  const { plan, memory: memoryPlan } = emitter;
  const list = new AddressList();
  writeDrivers(emitter, list);
  const layout = new RunLayout(emitter, list);
  const module = await WebAssembly.compile(emitter.kernels.encode({ shared: false, maximum: arena.maximumPages }));
  const instance = await WebAssembly.instantiate(module, { host: { ...hostImports, memory: arena.memory } });
  const code = instance.exports as Record<string, Kernel>;
  const endsOfEdges = program.graph.maps
    .filter(({ name, from, to, derivation }) => from === 'edges' && to === 'atoms' && !derivation && name !== plan.owner)
    .map(({ name }) => name);

  let parameters: Readonly<Record<string, RealArray>> = copied(options.parameters);
  let folded = false;
  let disposed = false;
  const space = new RunSpace(arena, layout);

  const numbers = (address: number, count: number): RealArray =>
    lanes.bytes === 4
      ? new Float32Array(arena.memory.buffer, address, count)
      : new Float64Array(arena.memory.buffer, address, count);
  const slotAddress = (node: Node): number => space.address({ kind: 'slot', slot: memoryPlan.slotOf.get(node)! });
  const call = ({ kernel, units, places }: Call, dims: Dims): void => {
    const count = valueOf(units, dims);
    if (count > 0)
      code[kernel]!(0, count, ...runtimeDims.map((dim) => dims[dim]), ...places.map((place) => space.address(place)));
  };
  const prepare = ({ source, room, prepare: make }: Preparation): void => {
    const given = source.op === 'parameter' ? parameters[source.attributes.name]! : null;
    const made = make(given ?? numbers(slotAddress(source), fixedSize(source.type.shape)));
    numbers(space.address({ kind: 'room', room }), made.length).set(made);
  };
  const arrive = (node: NodeOf<'input'>, { dims, values: inputs }: BoundInputs): void => {
    const input = inputs[node.attributes.name]!;
    const source = ArrayBuffer.isView(input) ? input : (input as ArenaTensor).view();
    numbers(slotAddress(node), valueOf(sizeOfDims(node.type.shape), dims)).set(source);
  };
  /** Everything that depends on parameters alone. */
  const fold = (): void => {
    for (const { node, fixed } of program.steps) {
      if (!fixed) continue;
      const leaf =
        node.op === 'parameter'
          ? parameters[node.attributes.name]!
          : node.op === 'constant'
            ? node.attributes.values
            : undefined;
      if (leaf) numbers(slotAddress(node), leaf.length).set(leaf);
    }
    for (const one of emitter.fixed) 'prepare' in one ? prepare(one) : call(one, noDims);
    folded = true;
  };
  const compute = (inputs: BoundInputs, between: () => void): Map<string, RealArray> => {
    const chunks = chunksOf(inputs, plan.owner, endsOfEdges, layout.scatteredMaps, settings.atomsPerChunk);
    space.prepare(inputs, chunks);
    if (!folded) fold();
    for (const node of plan.scattered) numbers(slotAddress(node), valueOf(sizeOfDims(node.type.shape), inputs.dims)).fill(0);
    emitter.phases.forEach(({ whole, byRows }, phase) => {
      for (const one of whole) {
        between();
        if ('input' in one) arrive(one.input, inputs);
        else if ('prepare' in one) prepare(one);
        else call(one, inputs.dims);
      }
      if (byRows.length === 0) return;
      for (let chunk = 0; chunk < chunks.count; chunk++) {
        between();
        code[phaseName(phase)]!(space.listAddress, 0, chunk);
        code[commitName(phase)]?.(space.listAddress, 0, chunk);
      }
    });
    return new Map(
      Object.entries(program.graph.outputs).map(([name, node]) => [
        name,
        numbers(slotAddress(node), valueOf(sizeOfDims(node.type.shape), inputs.dims)),
      ]),
    );
  };

  return {
    graph: program.graph,
    report: program.report,
    memory: () => space.memory(),
    run: async (inputs, between) =>
      Object.fromEntries([...compute(inputs, between)].map(([name, found]) => [name, found.slice()])),
    runOnDevice: async (inputs, between) => {
      const made: Record<string, TensorParts> = {};
      for (const [name, found] of compute(inputs, between)) {
        const node = program.graph.outputs[name]!;
        const shape = node.type.shape.map((dim) => (typeof dim === 'number' ? dim : inputs.dims[dim]));
        made[name] = tensorIn(arena, found.slice(), shape);
      }
      return made;
    },
    setParameters: (replacements) => {
      parameters = copied(replacements);
      folded = false;
    },
    dispose: () => {
      if (disposed) return;
      disposed = true;
      space.free();
      parameters = {};
    },
  };
}

/** The calls of all steps, phase by phase. */
function emit(program: Program<Emitter, Value>, lanes: Lanes): Emitter {
  const { ops } = loweringsFor(lanes);
  const plan = planPhases(program);
  const views = findViews(program);
  const calls = program.steps.flatMap(({ node }) => (node.op === 'call' ? [node] : []));
  const siblingsOf = (node: NodeOf<'call'>): NodeOf<'call'>[] => calls.filter((other) => areSiblings(node, other));
  const memory = planPhaseMemory(program, plan, (node) => views.has(node));
  const emitter = new Emitter(new KernelSet(lanes), plan, memory, siblingsOf);
  const values = new Map<Node, Value>();
  const inOrder = [...program.steps.filter(({ fixed }) => fixed), ...plan.phases.flatMap(({ steps }) => steps)];
  for (const { node, nodes, operands, fusion } of inOrder) {
    emitter.begin(node, plan.phaseOf.get(node) ?? null);
    const inputs = operands.map((operand) => values.get(operand)!);
    const lower = ops[node.op] as (emitter: Emitter, node: Node, operands: readonly Value[]) => Value;
    values.set(node, fusion ? fusion.lower(emitter, node, nodes, inputs) : lower(emitter, node, inputs));
  }
  return emitter;
}

function copied(parameters: Readonly<Record<string, RealArray>>): Record<string, RealArray> {
  return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]));
}
