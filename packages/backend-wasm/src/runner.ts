/** Runs the calls of one graph: what is fixed, then the phases, chunk by chunk, on this thread or on several. */
import { countOf, multiplyAddsOf, type BoundInputs, type Program } from '@mace/core/backend';
import type { RealArray, RunOptions } from '@mace/core/backend';
import { fixedSize, type Node, type NodeOf, type RuntimeDim } from '@mace/core/ir';
import type { Arena } from './arena.js';
import { chunkWords, type Chunks } from './chunks.js';
import { commitName, phaseName } from './driver.js';
import type { Call, Emitter, Preparation, Value } from './emitter.js';
import { runtimeDims } from './kernels/kernel-set.js';
import { sizeOfDims, valueOf } from './kernels/size.js';
import type { RunSpace } from './run-space.js';
import type { ArenaTensor } from './tensor.js';
import type { ThreadPool } from './threads/pool.js';

type Dims = Readonly<Record<RuntimeDim, number>>;
type Parameters = Readonly<Record<string, RealArray>>;
type Profile = NonNullable<RunOptions['profile']>;

const noDims: Dims = { atoms: 0, edges: 0, graphs: 0 };

/** Number of the next module. */
let modules = 0;

/** What people are told of a call. */
function nameOf({ node, kernel }: Call): string {
  return `${node.scope} ${kernel.replace(/\d+$/, '')}`.trim();
}

/** Kernels that do the arithmetic of their node; others pack, copy and add for them. */
const arithmetic = /^(matmul|groupedMatmul|outerProduct|polynomial|convolution|convolutionReverse|table)\d*$/;

function timed(profile: Profile | undefined, what: Call | 'commit', work: () => void): void {
  if (!profile) return work();
  const began = performance.now();
  work();
  const seconds = (performance.now() - began) / 1000;
  profile(what === 'commit' ? what : nameOf(what), seconds);
}

export class Runner {
  readonly #id = ++modules;
  #slotsRead: ReadonlySet<number> | undefined;

  constructor(
    readonly program: Program<Emitter, Value>,
    readonly emitter: Emitter,
    readonly arena: Arena,
    readonly space: RunSpace,
    readonly module: WebAssembly.Module,
    /** Kernels and drivers by name. */
    readonly code: Readonly<Record<string, (...operands: number[]) => void>>,
    /** Null where everything runs on the thread that asks. */
    readonly pool: ThreadPool | null,
  ) {}

  /** Computes everything that depends on parameters alone. */
  fold(parameters: Parameters): void {
    for (const { node, fixed } of this.program.steps) {
      if (!fixed || !this.#isRead(node)) continue;
      const leaf =
        node.op === 'parameter'
          ? parameters[node.attributes.name]!
          : node.op === 'constant'
            ? node.attributes.values
            : undefined;
      if (leaf) this.numbers(node, noDims).set(leaf);
    }
    for (const one of this.emitter.fixed) {
      if ('prepare' in one) this.#prepare(one, parameters);
      else this.#call(one, noDims);
    }
  }

  /** @param between - called between kernels or chunks; what it throws ends the run */
  async run(
    inputs: BoundInputs,
    chunks: Chunks,
    parameters: Parameters,
    between: () => void,
    profile?: Profile,
  ): Promise<void> {
    const { phases, plan } = this.emitter;
    for (const node of plan.scattered) this.numbers(node, inputs.dims).fill(0);
    for (let phase = 0; phase < phases.length; ) {
      for (const one of phases[phase]!.whole) {
        between();
        if ('input' in one) this.#arrive(one.input, inputs);
        else if ('prepare' in one) this.#prepare(one, parameters);
        else timed(profile, one, () => this.#call(one, inputs.dims));
      }
      // Phases by rows with nothing to do as a whole between them are one job.
      const from = phases[phase]!.byRows.length > 0 ? phase : phase + 1;
      do phase++;
      while (phase < phases.length && phases[phase]!.whole.length === 0);
      if (phase === from) continue;
      if (profile) this.#profiled(from, phase, inputs.dims, chunks, between, profile);
      else await this.#byRows(from, phase, chunks, between);
    }
  }

  /** Multiply-adds of a run, by the names of its kernels. */
  multiplyAdds(dims: Dims): Record<string, number> {
    const found: Record<string, number> = {};
    for (const { whole, byRows } of this.emitter.phases) {
      for (const call of [...whole, ...byRows]) {
        if (!('kernel' in call) || !arithmetic.test(call.kernel)) continue;
        const name = nameOf(call);
        found[name] = (found[name] ?? 0) + countOf(multiplyAddsOf(call.node), dims);
      }
    }
    return found;
  }

  /** Where a value of which all rows are kept is, as numbers. */
  numbers(node: Node, dims: Dims): RealArray {
    const address = this.space.address({ kind: 'slot', slot: this.emitter.memory.slotOf(node, null) });
    return this.#numbersAt(address, valueOf(sizeOfDims(node.type.shape), dims));
  }

  dispose(): void {
    this.pool?.close(this.#id);
    this.space.free();
  }

  async #byRows(from: number, to: number, { count }: Chunks, between: () => void): Promise<void> {
    const names = this.emitter.phases.map((_, phase) => ({ run: phaseName(phase), commit: commitName(phase) }));
    const phases = names.slice(from, to);
    const list = this.space.listAddress;
    if (this.pool && count > 1) {
      this.pool.open(this.#id, this.module);
      return this.pool.run({ id: this.#id, list, phases, chunks: count }, between);
    }
    for (const { run, commit } of phases) {
      for (let chunk = 0; chunk < count; chunk++) {
        between();
        this.code[run]!(list, 0, chunk);
        this.code[commit]?.(list, 0, chunk);
      }
    }
  }

  /** The same kernel by kernel, with the time of each. */
  #profiled(from: number, to: number, dims: Dims, chunks: Chunks, between: () => void, profile: Profile): void {
    const list = this.space.listAddress;
    for (let phase = from; phase < to; phase++) {
      for (let chunk = 0; chunk < chunks.count; chunk++) {
        between();
        const limits = chunks.words.subarray(chunk * chunkWords, (chunk + 1) * chunkWords);
        this.#clearHalo(phase, limits[5]! - limits[4]!);
        for (const call of this.emitter.phases[phase]!.byRows) {
          const { kernel, units, places } = call;
          const [begin, end] = units.dims[0] === 'atoms' ? [limits[0]!, limits[1]!] : [limits[2]!, limits[3]!];
          const addresses = places.map((place) => this.space.addressInChunk(place, limits));
          const sizes = runtimeDims.map((dim) => dims[dim]);
          timed(profile, call, () =>
            this.code[kernel]!(begin * units.factor, end * units.factor, ...sizes, ...addresses),
          );
        }
        const commit = this.code[commitName(phase)];
        if (commit) timed(profile, 'commit', () => commit(list, 0, chunk));
      }
    }
  }

  #clearHalo(phase: number, rows: number): void {
    const { plan, memory } = this.emitter;
    for (const { node } of plan.phases[phase]!.steps) {
      if (!plan.scattered.has(node)) continue;
      const slot = memory.haloOf.get(node)!;
      const address = this.space.addressInChunk({ kind: 'slot', slot }, new Int32Array(chunkWords));
      this.#numbersAt(address, rows * memory.slots[slot]!.width).fill(0);
    }
  }

  /** Whether any code reads the slot of a value; what is only prepared is taken from where it was given. */
  #isRead(node: Node): boolean {
    this.#slotsRead ??= slotsRead(this.program, this.emitter);
    return this.#slotsRead.has(this.emitter.memory.slotOf(node, null));
  }

  #call({ kernel, units, places }: Call, dims: Dims): void {
    const count = valueOf(units, dims);
    if (count === 0) return;
    const addresses = places.map((place) => this.space.address(place));
    this.code[kernel]!(0, count, ...runtimeDims.map((dim) => dims[dim]), ...addresses);
  }

  #prepare({ source, room, size, prepare }: Preparation, parameters: Parameters): void {
    const given = source.op === 'parameter' ? parameters[source.attributes.name]! : null;
    const values = given ?? this.numbers(source, noDims).subarray(0, fixedSize(source.type.shape));
    prepare(values, this.#numbersAt(this.space.address({ kind: 'room', room }), size));
  }

  #arrive(node: NodeOf<'input'>, { dims, values }: BoundInputs): void {
    const input = values[node.attributes.name]!;
    this.numbers(node, dims).set(ArrayBuffer.isView(input) ? input : (input as ArenaTensor).view());
  }

  #numbersAt(address: number, count: number): RealArray {
    const { buffer } = this.arena.memory;
    return this.emitter.kernels.lanes.bytes === 4
      ? new Float32Array(buffer, address, count)
      : new Float64Array(buffer, address, count);
  }
}

function slotsRead({ graph }: Program<Emitter, Value>, { fixed, phases, memory }: Emitter): Set<number> {
  const all = [...fixed, ...phases.flatMap(({ whole, byRows }) => [...whole, ...byRows])];
  const places = all.flatMap((one) => ('places' in one ? one.places : []));
  const asNumbers = all.flatMap((one) => ('prepare' in one && one.source.op !== 'parameter' ? [one.source] : []));
  return new Set([
    ...places.flatMap((place) => (place.kind === 'slot' ? [place.slot] : [])),
    ...[...asNumbers, ...Object.values(graph.outputs)].map((node) => memory.slotOf(node, null)),
  ]);
}
