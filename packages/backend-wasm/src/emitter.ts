/**
 * What lowerings write into: the kernels of a graph and the calls of them, in order. Addresses are known only when the graph
 * runs, so calls name places.
 */
import type { IndexMap, Node, NodeOf } from '@mace/core/ir';
import type { MemoryPlan, RealArray } from '@mace/core/backend';
import type { KernelSet } from './kernels/kernel-set.js';
import type { Kernel } from './kernels/copy.js';
import type { Size } from './kernels/size.js';

export type MapPart = 'values' | 'offsets' | 'order';

/** Where something lies: a slot of the memory plan, room of a call's own, or a part of an index map. */
export type Place =
  | { readonly kind: 'slot'; readonly slot: number }
  | { readonly kind: 'room'; readonly room: number }
  | { readonly kind: 'map'; readonly map: string; readonly part: MapPart };

/** So much for each entry of the longest row of an index map. */
export interface RowRoom {
  readonly bytesPerEntry: number;
  readonly map: string;
}

/** Room beside the values of nodes: packed matrices, scratch. */
export interface Room {
  readonly size: Size | RowRoom;
  /** Kept from run to run. */
  readonly fixed: boolean;
}

export interface Call {
  readonly kernel: string;
  readonly units: Size;
  /** How much of `units` one unit of the kernel is. */
  readonly perUnit: number;
  readonly places: readonly Place[];
  /** Runs once per set of parameters. */
  readonly fixed: boolean;
  readonly node: Node;
}

/** A rearrangement by JavaScript of what a node holds, from the numbers as they were given where it is a parameter. */
export interface Preparation {
  readonly source: Node;
  readonly room: number;
  readonly fixed: boolean;
  prepare(values: RealArray): RealArray;
}

/** The moment at which an input is copied to its slot, which may have held something else before. */
export interface Arrival {
  readonly input: NodeOf<'input'>;
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
  readonly calls: (Call | Preparation | Arrival)[] = [];
  readonly rooms: Room[] = [];
  readonly mapParts = new Map<string, { readonly map: IndexMap; readonly parts: Set<MapPart> }>();
  readonly #packed = new Map<string, number>();
  #current: { readonly node: Node; readonly fixed: boolean } | undefined;

  constructor(
    readonly kernels: KernelSet,
    readonly plan: MemoryPlan,
    readonly isView: (node: Node) => boolean,
    readonly isFixed: (node: Node) => boolean,
    /** The outputs of the execution that a call is one of, in the order in which they come. */
    readonly siblingsOf: (node: NodeOf<'call'>) => readonly NodeOf<'call'>[],
  ) {}

  /** What follows belongs to this node. */
  begin(node: Node, fixed: boolean): void {
    this.#current = { node, fixed };
  }

  call(kernel: Kernel & { readonly perUnit?: number }, places: readonly Place[]): void {
    const { node, fixed } = this.#current!;
    this.calls.push({ kernel: kernel.name, units: kernel.units, perUnit: kernel.perUnit ?? 1, places, fixed, node });
  }

  value(node: Node, access: Omit<Value, 'node' | 'slot'> = { access: 'own' }): Value {
    return { node, slot: this.plan.slotOf.get(node)!, ...access };
  }

  place(value: Value | Node): Place {
    return { kind: 'slot', slot: 'slot' in value ? value.slot : this.plan.slotOf.get(value)! };
  }

  room(size: Size | RowRoom, fixed = this.#current!.fixed): Place {
    return { kind: 'room', room: this.rooms.push({ size, fixed }) - 1 };
  }

  map(map: IndexMap, part: MapPart): Place {
    let entry = this.mapParts.get(map.name);
    if (!entry) this.mapParts.set(map.name, (entry = { map, parts: new Set() }));
    entry.parts.add(part);
    return { kind: 'map', map: map.name, part };
  }

  /** Room for what `prepare` makes of a value, `size` numbers. */
  prepared(key: string, source: Value, size: number, prepare: (values: RealArray) => RealArray): Place {
    return this.packed(key, source, { factor: size, dims: [] }, (to) => {
      const { fixed } = this.#current!;
      if (to.kind === 'room') this.calls.push({ source: source.node, room: to.room, fixed, prepare });
    });
  }

  /** Room that holds something made of a fixed value: made once, however often it is asked for. */
  packed(key: string, source: Value, size: Size, make: (to: Place) => void): Place {
    const fixed = this.isFixed(source.node);
    const name = `${key} ${source.slot}`;
    const known = fixed ? this.#packed.get(name) : undefined;
    if (known !== undefined) return { kind: 'room', room: known };
    const room = this.room(size, fixed) as Extract<Place, { kind: 'room' }>;
    if (fixed) this.#packed.set(name, room.room);
    const current = this.#current!;
    this.#current = { ...current, fixed };
    make(room);
    this.#current = current;
    return room;
  }
}
