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
import { DisposedError } from '@mace/core/errors';
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
import type { ThreadPool } from './threads/pool.js';
import { findViews } from './views.js';

/** What holds for all graphs of a backend. */
export interface ExecutableSettings {
  readonly relaxed: boolean;
  readonly atomsPerChunk: number;
  /** Null where everything runs on the thread that asks. */
  readonly pool: ThreadPool | null;
}

type Dims = Readonly<Record<RuntimeDim, number>>;
type Kernel = (...operands: number[]) => void;

let executables = 0;

const noDims: Dims = { atoms: 0, edges: 0, graphs: 0 };

export async function compileExecutable(
  arena: Arena,
  graph: Graph,
  options: CompileOptions,
  settings: ExecutableSettings,
): Promise<ExecutableParts> {
  const lanes = lanesOf(options.precision as 'f32' | 'f64', settings.relaxed);
  const program = compileProgram(graph, loweringsFor(lanes), options);
  const emitter = emit(program, lanes);
  const { plan, memory: memoryPlan } = emitter;
  const list = new AddressList();
  writeDrivers(emitter, list);
  const layout = new RunLayout(emitter, list);
  const module = await WebAssembly.compile(
    emitter.kernels.encode({ shared: arena.shared, maximum: arena.maximumPages }),
  );
  const instance = await WebAssembly.instantiate(module, { host: { ...hostImports, memory: arena.memory } });
  const code = instance.exports as Record<string, Kernel>;
  const endsOfEdges = program.graph.maps
    .filter(
      ({ name, from, to, derivation }) => from === 'edges' && to === 'atoms' && !derivation && name !== plan.owner,
    )
    .map(({ name }) => name);

  let parameters: Readonly<Record<string, RealArray>> = copied(options.parameters);
  let folded = false;
  let disposed = false;
  let running = 0;
  const id = ++executables;
  const { pool } = settings;
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
  const runPhases = async (from: number, to: number, chunks: number, between: () => void): Promise<void> => {
    const phases = emitter.phases
      .map((_, phase) => ({ run: phaseName(phase), commit: commitName(phase) }))
      .slice(from, to);
    if (pool && chunks > 1) {
      pool.open(id, module);
      return pool.run({ id, list: space.listAddress, phases, chunks }, between);
    }
    for (const { run, commit } of phases) {
      for (let chunk = 0; chunk < chunks; chunk++) {
        between();
        code[run]!(space.listAddress, 0, chunk);
        code[commit]?.(space.listAddress, 0, chunk);
      }
    }
  };
  const compute = async (inputs: BoundInputs, between: () => void): Promise<Map<string, RealArray>> => {
    const chunks = chunksOf(inputs, plan.owner, endsOfEdges, layout.scatteredMaps, settings.atomsPerChunk);
    space.prepare(inputs, chunks, chunks.count > 1 ? (pool?.size ?? 1) : 1);
    if (!folded) fold();
    for (const node of plan.scattered)
      numbers(slotAddress(node), valueOf(sizeOfDims(node.type.shape), inputs.dims)).fill(0);
    const { phases } = emitter;
    for (let phase = 0; phase < phases.length; ) {
      for (const one of phases[phase]!.whole) {
        between();
        if ('input' in one) arrive(one.input, inputs);
        else if ('prepare' in one) prepare(one);
        else call(one, inputs.dims);
      }
      // Phases by rows with nothing to do as a whole between them are one job.
      const from = phases[phase]!.byRows.length > 0 ? phase : phase + 1;
      do phase++;
      while (phase < phases.length && phases[phase]!.whole.length === 0);
      if (phase > from) await runPhases(from, phase, chunks.count, between);
    }
    return new Map(
      Object.entries(program.graph.outputs).map(([name, node]) => [
        name,
        numbers(slotAddress(node), valueOf(sizeOfDims(node.type.shape), inputs.dims)),
      ]),
    );
  };
  /** One run at a time in this memory; what is freed meanwhile is freed afterwards. */
  const alone = <T>(
    inputs: BoundInputs,
    between: () => void,
    take: (found: Map<string, RealArray>) => T,
  ): Promise<T> => {
    running++;
    return arena.alone(async () => {
      try {
        if (disposed) throw new DisposedError('the executable was disposed of before its run began. Compile it again.');
        return take(await compute(inputs, between));
      } finally {
        if (--running === 0 && disposed) release();
      }
    });
  };
  const release = (): void => {
    pool?.close(id);
    space.free();
    parameters = {};
  };

  return {
    graph: program.graph,
    report: program.report,
    memory: () => space.memory(),
    run: (inputs, between) =>
      alone(inputs, between, (found) => Object.fromEntries([...found].map(([name, values]) => [name, values.slice()]))),
    runOnDevice: (inputs, between) =>
      alone(inputs, between, (found) => {
        const made: Record<string, TensorParts> = {};
        for (const [name, values] of found) {
          const node = program.graph.outputs[name]!;
          const shape = node.type.shape.map((dim) => (typeof dim === 'number' ? dim : inputs.dims[dim]));
          made[name] = tensorIn(arena, values.slice(), shape);
        }
        return made;
      }),
    setParameters: (replacements) => {
      parameters = copied(replacements);
      folded = false;
    },
    dispose: () => {
      if (disposed) return;
      disposed = true;
      if (running === 0) release();
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
