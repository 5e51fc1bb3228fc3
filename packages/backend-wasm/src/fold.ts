/** What depends on parameters alone, computed into the memory that is kept from run to run. */
import type { Program, RealArray } from '@mace/core/backend';
import { fixedSize, type Node } from '@mace/core/ir';
import type { Emitter, Place, Value } from './emitter.js';
import { valueOf } from './kernels/size.js';
import { keyOf } from './driver.js';
import type { KeptSpace } from './run-space.js';
import { noDims } from './run-layout.js';
import type { Code } from './steps.js';

export type Parameters = Readonly<Record<string, RealArray>>;

export class Folder {
  #slotsRead: ReadonlySet<number> | undefined;

  constructor(
    readonly program: Program<Emitter, Value>,
    readonly emitter: Emitter,
    readonly kept: KeptSpace,
    readonly code: Code,
  ) {}

  fold(parameters: Parameters): void {
    for (const { node, fixed } of this.program.steps) {
      if (!fixed || !this.#isRead(node)) continue;
      const leaf =
        node.op === 'parameter'
          ? parameters[node.attributes.name]!
          : node.op === 'constant'
            ? node.attributes.values
            : undefined;
      if (leaf) this.#numbers(node).set(leaf);
    }
    for (const one of this.emitter.fixed) {
      if ('prepare' in one) {
        const { source, room, size, prepare } = one;
        const given = source.op === 'parameter' ? parameters[source.attributes.name]! : null;
        const values = given ?? this.#numbers(source).subarray(0, fixedSize(source.type.shape));
        prepare(values, numbersAt(this.kept, this.#address({ kind: 'room', room }), size));
      } else {
        const count = valueOf(one.units, noDims);
        if (count > 0) this.code[one.kernel]!(0, count, 0, 0, 0, ...one.places.map((place) => this.#address(place)));
      }
    }
  }

  #address(place: Place): number {
    return this.kept.addressOf(keyOf(place))!;
  }

  #numbers(node: Node): RealArray {
    const address = this.#address({ kind: 'slot', slot: this.emitter.memory.slotOf(node, null) });
    return numbersAt(this.kept, address, fixedSize(node.type.shape));
  }

  /** Whether any code reads the slot of a value; what is only prepared is taken from where it was given. */
  #isRead(node: Node): boolean {
    this.#slotsRead ??= slotsRead(this.program, this.emitter);
    return this.#slotsRead.has(this.emitter.memory.slotOf(node, null));
  }
}

/** Numbers in memory, until it grows. */
export function numbersAt({ arena, layout }: KeptSpace, address: number, count: number): RealArray {
  const { buffer } = arena.memory;
  return layout.emitter.kernels.lanes.bytes === 4
    ? new Float32Array(buffer, address, count)
    : new Float64Array(buffer, address, count);
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
