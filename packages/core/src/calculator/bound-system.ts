/** A `System` on a calculator: which list, which executable and which binding hold now, and the steps of a computation. */
import type { RunOutputs } from '../backend/index.js';
import { DisposedError, StructureError } from '../errors.js';
import type { MaceModel, Observable, Tensor } from '../model/index.js';
import { makeStructure, type Structure } from '../structure/index.js';
import type { Batch, BatchOptions } from './batch.js';
import type { BoundBatch } from './bound-batch.js';
import { finishSystem, systemFinish, type SystemFinish } from './finish-system.js';
import { MovingBatch } from './moving-batch.js';
import type { BindOptions, ComputeOptions, System, SystemArrays, SystemProperty } from './system.js';

/** What a system needs of its calculator. */
export interface SystemHost {
  readonly model: MaceModel;
  /** Å: distance from which on tables hold; null without tables. */
  readonly tablesFrom: number | null;
  /** Changes whenever what was bound is gone: other weights, another device. */
  version(): number;
  weights(): Readonly<Record<string, Tensor>>;
  /** @throws StructureError */
  validate(structures: readonly Structure[]): void;
  batch(structures: readonly Structure[], how: BatchOptions): Promise<Batch>;
  bind(wanted: readonly Observable[], batch: Batch, tables: boolean): Promise<BoundBatch>;
  /** Does work on the device, once more on a new one where it was lost. */
  onDevice<T>(work: () => Promise<T>): Promise<T>;
}

/** Everything that holds until the list is made anew. */
interface Bound {
  readonly moving: MovingBatch;
  readonly finish: SystemFinish;
  readonly run: BoundBatch;
  readonly version: number;
}

/** Å. Tables end at the cutoff, so that edges beyond it cost little; without them they cost as much as others. */
const usualSkin = { withTables: 0.5, without: 0.2 };

export async function bindSystem(
  host: SystemHost,
  structures: readonly Structure[],
  options: BindOptions,
): Promise<System> {
  const usual = host.tablesFrom === null ? usualSkin.without : usualSkin.withTables;
  const { skin = usual, order } = options;
  if (!(skin >= 0 && Number.isFinite(skin)))
    throw new StructureError(`bind: a skin of ${skin} Å. Give a number from 0 on; ${usual} is usual.`);
  host.validate(structures);
  const properties = options.properties ?? ['forces'];
  const wanted = wantedFor(host.model, properties);
  const isSafe = skin === 0 || (await host.onDevice(() => endsAtCutoff(host, structures, skin, wanted)));
  const system = new BoundSystem(host, properties, wanted, isSafe ? skin : 0);
  const orders = order && ordersOf(structures, order);
  await host.onDevice(() => system.rebind(structures, orders));
  return system;
}

/** What the graph has to give. */
function wantedFor({ config }: MaceModel, properties: readonly SystemProperty[]): Observable[] {
  const wanted: Observable[] = ['atomEnergy'];
  if (config.useEmbeddingReadout) wanted.push('embeddingEnergy');
  if (properties.includes('forces')) wanted.push('forces');
  if (properties.includes('stress')) wanted.push('atomVirial');
  return wanted;
}

/**
 * Whether edges beyond the cutoff add nothing, which is not so for every model: the weights of attention, for instance, follow from
 * the atoms at both ends too. Seen in a pair of each two elements, with its edges and without.
 */
async function endsAtCutoff(
  host: SystemHost,
  structures: readonly Structure[],
  skin: number,
  wanted: readonly Observable[],
): Promise<boolean> {
  const elements = [...new Set(structures.flatMap(({ numbers }) => [...numbers]))];
  const distance = host.model.config.cutoff + skin / 2;
  const pairs = elements.flatMap((a, i) =>
    elements.slice(i).map((b) => makeStructure({ numbers: [a, b], positions: [0, 0, 0, distance, 0, 0] })),
  );
  const found: RunOutputs[] = [];
  for (const reach of [skin, 0]) {
    const run = await host.bind(wanted, await host.batch(pairs, { skin: reach }), host.tablesFrom !== null);
    try {
      found.push(await run.run());
    } finally {
      run.dispose();
    }
  }
  const [withEdges, without] = found;
  return Object.entries(without!).every(([name, values]) =>
    values.every((value: number, i: number) => value === withEdges![name]![i]),
  );
}

class BoundSystem implements System {
  #bound!: Bound;
  #lists = 0;
  #isDisposed = false;
  #isMakingList = false;
  /** Where atoms were moved while a list was made. */
  #late: Structure[] | undefined;

  constructor(
    readonly host: SystemHost,
    readonly properties: readonly SystemProperty[],
    readonly wanted: readonly Observable[],
    readonly skin: number,
  ) {}

  get offsets(): Int32Array {
    return this.#bound.moving.batch.edges.graph.offsets.slice();
  }

  get order(): Int32Array {
    const { orders, edges } = this.#bound.moving.batch;
    return Int32Array.from(orders.flatMap((order, g) => [...order].map((atom) => edges.graph.offsets[g]! + atom)));
  }

  get lists(): number {
    return this.#lists;
  }

  update(positions: ArrayLike<number>, cells?: ArrayLike<number>): void {
    this.#alive();
    this.#bound.moving.move(positions, cells);
    if (this.#isMakingList) this.#late = this.structures();
  }

  structures(): Structure[] {
    return this.#bound.moving.structures();
  }

  async replace(structures: ReadonlyMap<number, Structure>): Promise<void> {
    this.#alive();
    const { batch } = this.#bound.moving;
    const next = this.structures();
    const orders: (Int32Array | undefined)[] = [...batch.orders];
    for (const [number, structure] of structures) {
      if (!next[number])
        throw new StructureError(`replace: there is no structure ${number}; there are ${next.length}, from 0 on.`);
      this.host.validate([structure]);
      this.#checkElements(number, structure);
      next[number] = structure;
      orders[number] = undefined;
    }
    await this.#keepingMoves(() => this.host.onDevice(() => this.rebind(next, orders)));
    this.#late = this.#late?.map((structure, g) => (structures.has(g) ? next[g]! : structure));
    this.#moveOn();
  }

  async reorder(): Promise<void> {
    this.#alive();
    const structures = this.structures();
    await this.#keepingMoves(() => this.host.onDevice(() => this.rebind(structures, undefined)));
    this.#moveOn();
  }

  async compute({ into = {}, cancellation }: ComputeOptions = {}): Promise<SystemArrays> {
    this.#alive();
    return this.host.onDevice(async () => {
      if (this.#bound.version !== this.host.version() || !this.#bound.moving.isListed()) {
        const { orders } = this.#bound.moving.batch;
        await this.#keepingMoves(() => this.rebind(this.structures(), orders));
      }
      const { moving, run, finish } = this.#bound;
      const { batch } = moving;
      // From here to the call of `run` nothing is waited for: atoms may be moved on as soon as it has returned its promise.
      const near = this.#near(moving, moving.fill());
      const cells = moving.cells.slice();
      const arrays = this.#arrays(into);
      const running = run.run(cancellation ? { cancellation } : {});
      this.#moveOn();
      finishSystem(finish, batch, cells, await running, arrays);
      for (const [g, structure] of near) await this.#withoutTables(g, structure, batch, arrays);
      return arrays;
    });
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#bound.run.dispose();
  }

  /** Makes list and binding for structures; until all is there, the system is as it was. */
  async rebind(
    structures: readonly Structure[],
    orders: readonly (Int32Array | undefined)[] | undefined,
  ): Promise<void> {
    const { host, skin } = this;
    const version = host.version();
    const known = orders?.every((order) => order !== undefined) ? (orders as readonly Int32Array[]) : undefined;
    let batch = await host.batch(structures, { skin, ...(known && { orders: known }) });
    if (orders && !known)
      batch = await host.batch(structures, { skin, orders: batch.orders.map((own, g) => orders[g] ?? own) });
    const run = await host.bind(this.wanted, batch, host.tablesFrom !== null);
    this.#bound?.run.dispose();
    this.#lists++;
    const moving = new MovingBatch(batch, host.model.config.cutoff, skin);
    this.#bound = { moving, run, version, finish: systemFinish(host.model, host.weights(), batch) };
    if (this.#isDisposed) run.dispose();
  }

  /** Where atoms are moved while a list is made is kept for later. */
  async #keepingMoves(makeList: () => Promise<void>): Promise<void> {
    this.#isMakingList = true;
    try {
      await makeList();
    } finally {
      this.#isMakingList = false;
    }
  }

  #moveOn(): void {
    if (!this.#late) return;
    const { positions, cells } = joined(this.#late);
    this.#late = undefined;
    this.#bound.moving.move(positions, cells);
  }

  /** Members with atoms nearer than tables hold for, as they are now. */
  #near(moving: MovingBatch, shortest: Float64Array): [number, Structure][] {
    const from = this.host.tablesFrom;
    if (from === null) return [];
    const found = [...shortest.keys()].filter((g) => Math.sqrt(shortest[g]!) < from);
    const structures = found.length > 0 ? moving.structures() : [];
    return found.map((g) => [g, structures[g]!]);
  }

  /** One member, computed once more. */
  async #withoutTables(g: number, structure: Structure, all: Batch, arrays: SystemArrays): Promise<void> {
    const { host, skin } = this;
    const batch = await host.batch([structure], { skin, orders: [all.orders[g]!] });
    const run = await host.bind(this.wanted, batch, false);
    try {
      const [first, end] = [all.edges.graph.offsets[g]!, all.edges.graph.offsets[g + 1]!];
      const part: SystemArrays = {
        energies: arrays.energies.subarray(g, g + 1),
        ...(arrays.forces && { forces: arrays.forces.subarray(3 * first, 3 * end) }),
        ...(arrays.virials && { virials: arrays.virials.subarray(9 * g, 9 * g + 9) }),
        ...(arrays.stresses && { stresses: arrays.stresses.subarray(9 * g, 9 * g + 9) }),
        ...(arrays.atomEnergies && { atomEnergies: arrays.atomEnergies.subarray(first, end) }),
      };
      const finish = systemFinish(host.model, host.weights(), batch);
      finishSystem(finish, batch, structure.cell ?? new Float64Array(9), await run.run(), part);
    } finally {
      run.dispose();
    }
  }

  /** The caller's arrays, and new ones for what else was asked for at `bind`. @throws StructureError */
  #arrays(into: Partial<SystemArrays>): SystemArrays {
    const { atoms, graphs } = this.#bound.moving.batch.edges;
    const has = (property: SystemProperty): boolean => this.properties.includes(property);
    const sizes: [keyof SystemArrays, number, boolean, string][] = [
      ['energies', graphs, true, ''],
      ['forces', 3 * atoms, has('forces'), 'forces'],
      ['virials', 9 * graphs, has('stress'), 'stress'],
      ['stresses', 9 * graphs, has('stress'), 'stress'],
      ['atomEnergies', atoms, has('atomEnergies'), 'atomEnergies'],
    ];
    const made: Partial<Record<keyof SystemArrays, Float64Array>> = {};
    for (const [name, length, isWanted, property] of sizes) {
      const given = into[name];
      if (given && !isWanted)
        throw new StructureError(
          `into.${name}: this system was bound without ${property}. Name it in properties of bind.`,
        );
      if (given && !(given instanceof Float64Array && given.length === length))
        throw new StructureError(`into.${name}: expected a Float64Array of ${length} values, got ${given.length}.`);
      if (isWanted) made[name] = given ?? new Float64Array(length);
    }
    return made as SystemArrays;
  }

  #checkElements(number: number, { numbers }: Structure): void {
    const known = new Set(this.#bound.moving.batch.structures.flatMap((one) => [...one.numbers]));
    const other = numbers.find((z) => !known.has(z));
    if (other !== undefined)
      throw new StructureError(
        `replace: structure ${number} has the element ${other}, which no member of the system has. Bind the structures anew.`,
      );
  }

  #alive(): void {
    if (this.#isDisposed) throw new DisposedError('use after dispose: system. Bind the structures again.');
  }
}

/** Positions and cells of all structures, one after the other. */
function joined(structures: readonly Structure[]): { positions: Float64Array; cells: Float64Array } {
  return {
    positions: Float64Array.from(structures.flatMap(({ positions }) => [...positions])),
    cells: Float64Array.from(structures.flatMap(({ cell }) => [...(cell ?? new Float64Array(9))])),
  };
}

/** An order of all atoms as one for each structure. @throws StructureError */
function ordersOf(structures: readonly Structure[], order: Int32Array): Int32Array[] {
  let first = 0;
  const orders = structures.map(({ numbers }) => {
    const own = order.slice(first, first + numbers.length).map((atom) => atom - first);
    if (new Set(own).size !== numbers.length || own.some((atom) => atom < 0 || atom >= numbers.length))
      throw new StructureError(
        `bind: the order of atoms ${first} to ${first + numbers.length - 1} does not have each of them once. Give the \`order\` of a system of the same structures.`,
      );
    first += numbers.length;
    return own;
  });
  if (order.length !== first)
    throw new StructureError(`bind: an order of ${order.length} atoms for ${first}. Give that of the same structures.`);
  return orders;
}
