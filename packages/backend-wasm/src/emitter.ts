/**
 * What lowerings write into: the kernels of a graph and the calls of them, phase by phase. Addresses are known only when the
 * graph runs, so calls name places.
 */
import { rowDim, rowNumbers, type PhaseMemory, type PhasePlan, type RealArray } from '@mace/core/backend';
import type { IndexMap, Node, NodeOf } from '@mace/core/ir';
import { copyKernel, type Kernel } from './kernels/copy.js';
import type { KernelSet } from './kernels/kernel-set.js';
import { fixed, sizeOfDims, type Size } from './kernels/size.js';

/**
 * Parts of an index map. `chunkOrder`: the rows of each chunk grouped by their targets. `halo`: for each row the place of its
 * target among the rows that its chunk adds to.
 */
export type MapPart = 'values' | 'offsets' | 'order' | 'chunkOrder' | 'halo';

/** Rows of a value of which memory holds those of one chunk. */
export interface ChunkRows {
  readonly dim: 'atoms' | 'edges';
  readonly numbers: number;
}

/** Where something lies: a slot of the memory plan, room of a call's own, or a part of an index map. */
export type Place =
  | { readonly kind: 'slot'; readonly slot: number; readonly rows?: ChunkRows }
  | { readonly kind: 'room'; readonly room: number }
  | { readonly kind: 'map'; readonly map: string; readonly part: MapPart };

/** Room beside the values of nodes: packed matrices, scratch. */
export interface Room {
  readonly size: Size;
  /** Kept from run to run, for a run, or for a chunk. */
  readonly home: 'fixed' | 'run' | 'chunk';
}

export interface Call {
  readonly kernel: string;
  readonly units: Size;
  readonly places: readonly Place[];
  readonly node: Node;
}

/** A rearrangement by JavaScript of what a node holds, from the numbers as they were given where it is a parameter. */
export interface Preparation {
  readonly source: Node;
  readonly room: number;
  /** Numbers of the room. */
  readonly size: number;
  prepare(values: RealArray, to: RealArray): void;
}

/** The moment at which an input is copied to its slot, which may have held something else before. */
export interface Arrival {
  readonly input: NodeOf<'input'>;
}

/** What a phase does: first `whole`, once, then `byRows` for each chunk. */
export interface PhaseCalls {
  readonly whole: (Call | Preparation | Arrival)[];
  readonly byRows: Call[];
}

/** A tensor in generated code. Rows of `shared` are all the first one; those of `mapped` are found by a map. */
export interface Value {
  readonly node: Node;
  readonly slot: number;
  readonly access: 'own' | 'shared' | 'mapped' | 'uniform';
  readonly map?: string;
  /** The number that a uniform value is, where it is known. */
  readonly constant?: number | undefined;
}

export class Emitter {
  /** What runs once per set of parameters. */
  readonly fixed: (Call | Preparation)[] = [];
  readonly phases: readonly PhaseCalls[];
  readonly rooms: Room[] = [];
  readonly mapParts = new Map<string, { readonly map: IndexMap; readonly parts: Set<MapPart> }>();
  readonly #packed = new Map<string, number>();
  #node: Node | undefined;
  #phase: number | null = null;
  /** Inside of something made once in a phase by rows. */
  #once = false;

  constructor(
    readonly kernels: KernelSet,
    readonly plan: PhasePlan<Emitter, Value>,
    readonly memory: PhaseMemory,
    /** The outputs of the execution that a call is one of, in the order in which they come. */
    readonly siblingsOf: (node: NodeOf<'call'>) => readonly NodeOf<'call'>[],
  ) {
    this.phases = plan.phases.map(() => ({ whole: [], byRows: [] }));
  }

  /** What follows belongs to this node. */
  begin(node: Node, phase: number | null): void {
    this.#node = node;
    this.#phase = phase;
  }

  /** Whether the value of a node is read where its operand lies. */
  isView(node: Node): boolean {
    return this.memory.rootOf(node) !== node;
  }

  /** Whether a value is made once per set of parameters. */
  isFixed(value: Value): boolean {
    return this.memory.slots[value.slot]!.home === 'fixed';
  }

  /** Whether what follows runs chunk by chunk. */
  get byRows(): boolean {
    return this.#phase !== null && !this.#once && this.plan.phases[this.#phase]!.byRows;
  }

  call({ name, units }: Kernel, places: readonly Place[]): void {
    const call = { kernel: name, units, places, node: this.#node! };
    if (this.byRows) this.phases[this.#phase!]!.byRows.push(call);
    else this.#whole(call);
  }

  arrive(input: NodeOf<'input'>): void {
    this.phases[this.#phase!]!.whole.push({ input });
  }

  value(node: Node, access: Omit<Value, 'node' | 'slot'> = { access: 'own' }): Value {
    return { node, slot: this.memory.slotOf(node, this.#phase), ...access };
  }

  place(value: Value | Node): Place {
    const node = 'slot' in value ? value.node : value;
    const root = this.memory.rootOf(node);
    const slot = 'slot' in value ? value.slot : this.memory.slotOf(node, this.#phase);
    const dim = rowDim(root);
    const inChunk = this.memory.slots[slot]!.home === 'chunk' && (dim === 'atoms' || dim === 'edges');
    return { kind: 'slot', slot, ...(inChunk && { rows: { dim, numbers: rowNumbers(root) } }) };
  }

  /** Where to add to a value whose rows are not those of the units, cleared. */
  scattered(node: Node): Place {
    if (this.byRows) return { kind: 'slot', slot: this.memory.haloOf.get(node)! };
    const axes = [{ size: sizeOfDims(node.type.shape), from: fixed(0), to: fixed(1) }];
    this.call(copyKernel(this.kernels, { axes, zeros: true }), [this.place(node), this.place(node)]);
    return this.place(node);
  }

  /** The rows of a scattered value. */
  scatteredRows(map: IndexMap): Place {
    return this.map(map, this.byRows ? 'halo' : 'values');
  }

  room(size: Size): Place {
    const home = this.#phase === null ? 'fixed' : this.byRows ? 'chunk' : 'run';
    return { kind: 'room', room: this.rooms.push({ size, home }) - 1 };
  }

  map(map: IndexMap, part: MapPart): Place {
    let entry = this.mapParts.get(map.name);
    if (!entry) this.mapParts.set(map.name, (entry = { map, parts: new Set() }));
    entry.parts.add(part);
    return { kind: 'map', map: map.name, part };
  }

  /** Room of `size` numbers for what `prepare` makes of a value. */
  prepared(key: string, source: Value, size: number, prepare: Preparation['prepare']): Place {
    return this.packed(key, source, { factor: size, dims: [] }, (to) => {
      if (to.kind === 'room') this.#whole({ source: source.node, room: to.room, size, prepare });
    });
  }

  /** Room that holds something made of all of a value: of a fixed one once, however often it is asked for. */
  packed(key: string, source: Value, size: Size, make: (to: Place) => void): Place {
    const fixed = this.isFixed(source);
    const name = `${key} ${source.slot}`;
    const known = fixed ? this.#packed.get(name) : undefined;
    if (known !== undefined) return { kind: 'room', room: known };
    const [phase, once] = [this.#phase, this.#once];
    if (fixed) this.#phase = null;
    this.#once = true;
    const room = this.room(size) as Extract<Place, { kind: 'room' }>;
    if (fixed) this.#packed.set(name, room.room);
    make(room);
    [this.#phase, this.#once] = [phase, once];
    return room;
  }

  #whole(one: Call | Preparation): void {
    if (this.#phase === null) this.fixed.push(one);
    else this.phases[this.#phase]!.whole.push(one);
  }
}
