/** One compiled graph: a module, what lies where in the memory, and the calls of a run. */
import {
  areSiblings,
  compileProgram,
  planMemory,
  slotSize,
  type BoundInputs,
  type CompileOptions,
  type ExecutableParts,
  type IndexMapValues,
  type RealArray,
  type TensorParts,
} from '@mace/core/backend';
import { fixedSize, type Graph, type Node, type NodeOf, type RuntimeDim } from '@mace/core/ir';
import type { Arena, Block } from './arena.js';
import { Emitter, type Call, type MapPart, type Place, type Preparation, type Value } from './emitter.js';
import { hostImports, KernelSet, runtimeDims } from './kernels/kernel-set.js';
import { fixed, sizeOfDims, valueOf, type Size } from './kernels/size.js';
import { lanesOf } from './lanes.js';
import { loweringsFor } from './lowering.js';
import { tensorIn, type ArenaTensor } from './tensor.js';
import { findViews } from './views.js';

type Dims = Readonly<Record<RuntimeDim, number>>;
type Kernel = (...operands: number[]) => void;

const noDims: Dims = { atoms: 0, edges: 0, graphs: 0 };
const lineBytes = 64;

export async function compileExecutable(
  arena: Arena,
  graph: Graph,
  options: CompileOptions,
  relaxed: boolean,
): Promise<ExecutableParts> {
  const lanes = lanesOf(options.precision as 'f32' | 'f64', relaxed);
  const lowerings = loweringsFor(lanes);
  const program = compileProgram(graph, lowerings, options);
  const views = findViews(program);
  const isView = (node: Node): boolean => views.has(node);
  const plan = planMemory(program, isView);
  const fixedNodes = new Set(program.steps.filter((step) => step.fixed).map(({ node }) => node));
  const calls = program.steps.flatMap(({ node }) => (node.op === 'call' ? [node] : []));
  const emitter = new Emitter(
    new KernelSet(lanes),
    plan,
    isView,
    (node) => fixedNodes.has(node),
    (node) => calls.filter((other) => areSiblings(node, other)),
  );
  const values = new Map<Node, Value>();
  for (const { node, nodes, operands, fusion, fixed: isFixed } of program.steps) {
    emitter.begin(node, isFixed);
    const inputs = operands.map((operand) => values.get(operand)!);
    const lower = lowerings.ops[node.op] as (emitter: Emitter, node: Node, operands: readonly Value[]) => Value;
    values.set(node, fusion ? fusion.lower(emitter, node, nodes, inputs) : lower(emitter, node, inputs));
  }
  const module = await WebAssembly.compile(emitter.kernels.encode({ shared: false, maximum: arena.maximumPages }));
  const instance = await WebAssembly.instantiate(module, { host: { ...hostImports, memory: arena.memory } });
  const kernels = instance.exports as Record<string, Kernel>;

  // What stays from run to run, then what a run needs.
  const slotBytes = (slot: number, dims: Dims): number => slotSize(plan.slots[slot]!, dims) * lanes.bytes;
  const fixedSlots = new Set([...fixedNodes].map((node) => plan.slotOf.get(node)!));
  const kept = new Layout();
  const passing = new Layout();
  plan.slots.forEach((_, slot) =>
    (fixedSlots.has(slot) ? kept : passing).add(slotKey(slot), ({ dims }) => slotBytes(slot, dims)),
  );
  emitter.rooms.forEach(({ size, fixed: isFixed }, room) =>
    (isFixed ? kept : passing).add(roomKey(room), ({ dims, maps }) =>
      'map' in size ? longestRow(maps.get(size.map)!) * size.bytesPerEntry : valueOf(size, dims) * lanes.bytes,
    ),
  );
  for (const [name, { map, parts }] of emitter.mapParts)
    for (const part of parts) passing.add(mapKey(name, part), ({ dims }) => 4 * valueOf(partSize(map, part), dims) + 4);

  let keptBlock: Block | undefined = arena.allocate(kept.place({ dims: noDims, maps: new Map() }));
  let runBlock: Block | undefined;
  let parameters: Readonly<Record<string, RealArray>> = copied(options.parameters);
  let folded = false;

  const numbers = (address: number, count: number): RealArray =>
    lanes.bytes === 4
      ? new Float32Array(arena.memory.buffer, address, count)
      : new Float64Array(arena.memory.buffer, address, count);
  const keptAddress = (key: string): number => keptBlock!.address + kept.offsets.get(key)!;
  const addressOf = (place: Place): number => {
    const key =
      place.kind === 'slot'
        ? slotKey(place.slot)
        : place.kind === 'room'
          ? roomKey(place.room)
          : mapKey(place.map, place.part);
    return kept.offsets.has(key) ? keptAddress(key) : runBlock!.address + passing.offsets.get(key)!;
  };
  const call = ({ kernel, units, perUnit, places }: Call, dims: Dims): void => {
    const count = Math.ceil(valueOf(units, dims) / perUnit);
    if (count > 0) kernels[kernel]!(0, count, ...runtimeDims.map((dim) => dims[dim]), ...places.map(addressOf));
  };
  const prepare = ({ source, room, prepare: make }: Preparation): void => {
    const given = source.op === 'parameter' ? parameters[source.attributes.name]! : null;
    const held = (): RealArray =>
      numbers(addressOf({ kind: 'slot', slot: plan.slotOf.get(source)! }), fixedSize(source.type.shape));
    const made = make(given ?? held());
    numbers(addressOf({ kind: 'room', room }), made.length).set(made);
  };
  const step = (one: Call | Preparation, dims: Dims): void => ('prepare' in one ? prepare(one) : call(one, dims));
  /** Everything that depends on parameters alone. */
  const fold = (): void => {
    for (const node of fixedNodes) {
      const leaf =
        node.op === 'parameter'
          ? parameters[node.attributes.name]!
          : node.op === 'constant'
            ? node.attributes.values
            : undefined;
      if (leaf) numbers(keptAddress(slotKey(plan.slotOf.get(node)!)), leaf.length).set(leaf);
    }
    for (const one of emitter.calls) if (!('input' in one) && one.fixed) step(one, noDims);
    folded = true;
  };
  const arrive = ({ attributes, type }: NodeOf<'input'>, slot: number, { dims, values: inputs }: BoundInputs): void => {
    const input = inputs[attributes.name]!;
    const source = ArrayBuffer.isView(input) ? input : (input as ArenaTensor).view();
    numbers(addressOf({ kind: 'slot', slot }), valueOf(sizeOfDims(type.shape), dims)).set(source);
  };
  const makeReady = (bound: BoundInputs): void => {
    const bytes = passing.place(bound);
    if (!runBlock || runBlock.bytes < bytes) {
      if (runBlock) arena.free(runBlock);
      runBlock = undefined;
      runBlock = arena.allocate(bytes);
    }
    if (!folded) fold();
    for (const [name, { parts }] of emitter.mapParts) {
      for (const part of parts) {
        const list = bound.maps.get(name)![part];
        new Int32Array(arena.memory.buffer, addressOf({ kind: 'map', map: name, part }), list.length).set(list);
      }
    }
  };
  const compute = (inputs: BoundInputs, between: () => void): Map<string, RealArray> => {
    makeReady(inputs);
    for (const one of emitter.calls) {
      if ('input' in one) arrive(one.input, plan.slotOf.get(one.input)!, inputs);
      else if (!one.fixed) {
        between();
        step(one, inputs.dims);
      }
    }
    return new Map(
      Object.entries(program.graph.outputs).map(([name, node]) => {
        const address = addressOf({ kind: 'slot', slot: plan.slotOf.get(node)! });
        return [name, numbers(address, valueOf(sizeOfDims(node.type.shape), inputs.dims))];
      }),
    );
  };

  return {
    graph: program.graph,
    report: program.report,
    memory: () => {
      const blocks = [keptBlock, runBlock].filter((block) => block !== undefined);
      return { liveBytes: blocks.reduce((sum, { bytes }) => sum + bytes, 0), liveBuffers: blocks.length };
    },
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
      for (const block of [keptBlock, runBlock]) if (block) arena.free(block);
      keptBlock = undefined;
      runBlock = undefined;
      parameters = {};
    },
  };
}

/** What sizes follow from. */
type Sizes = Pick<BoundInputs, 'dims' | 'maps'>;

/** Entries of the longest row of an index map. */
function longestRow({ offsets }: IndexMapValues): number {
  let longest = 0;
  for (let row = 1; row < offsets.length; row++) longest = Math.max(longest, offsets[row]! - offsets[row - 1]!);
  return longest;
}

/** Named ranges one after the other, each at the start of a cache line. */
class Layout {
  readonly offsets = new Map<string, number>();
  readonly #ranges: { readonly key: string; readonly bytes: (sizes: Sizes) => number }[] = [];

  add(key: string, bytes: (sizes: Sizes) => number): void {
    this.#ranges.push({ key, bytes });
    this.offsets.set(key, 0);
  }

  /** Decides all offsets for these sizes. @returns bytes of the whole */
  place(sizes: Sizes): number {
    let offset = 0;
    for (const { key, bytes } of this.#ranges) {
      this.offsets.set(key, offset);
      // Whole vectors may be read and written past the end.
      offset += Math.ceil((bytes(sizes) + lineBytes) / lineBytes) * lineBytes;
    }
    return offset;
  }
}

function slotKey(slot: number): string {
  return `slot ${slot}`;
}

function roomKey(room: number): string {
  return `room ${room}`;
}

function mapKey(name: string, part: MapPart): string {
  return `map ${name} ${part}`;
}

function partSize(map: { readonly from: number | RuntimeDim; readonly to: number | RuntimeDim }, part: MapPart): Size {
  return part === 'offsets'
    ? sizeOfDims([map.to])
    : part === 'values' || part === 'order'
      ? sizeOfDims([map.from])
      : fixed(0);
}

function copied(parameters: Readonly<Record<string, RealArray>>): Record<string, RealArray> {
  return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]));
}
