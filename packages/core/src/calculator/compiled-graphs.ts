/**
 * The compiled graphs of a calculator: which one serves what is asked, and when one is released. A graph for more elements serves
 * fewer too, with the same bits.
 */

/** What is compiled, and holds memory until it is disposed of. */
export interface Compiled {
  /** Of its parameters. */
  readonly bytes: number;
  dispose(): void;
}

/** A graph in use; it is there until it is given back. */
export interface Lease<G> {
  readonly graph: G;
  giveBack(): void;
}

/** Makes a graph for some elements, ascending; null where these cannot be in one. */
export type Compile<G> = (elements: readonly number[]) => Promise<G | null>;

interface Entry<G> {
  /** What else the graph was asked for. */
  readonly kind: string;
  readonly elements: ReadonlySet<number>;
  readonly graph: Promise<G | null>;
  /** Once it is there. */
  made: G | null;
  users: number;
  isOver: boolean;
}

/** Of graphs that nobody uses so many are kept, or fewer where they are large; the last one in any case. */
const mostKept = 8;
const mostKeptBytes = 2 ** 28;
/** Sets of elements that are known not to be in one graph. */
const mostRefused = 1024;

export class CompiledGraphs<G extends Compiled> {
  /** The one that was used last is last. */
  #entries: Entry<G>[] = [];
  readonly #refused = new Set<string>();
  #seen: readonly number[] = [];

  /** @param fixed - elements that every graph is for; null makes graphs for those that come */
  constructor(private readonly fixed: readonly number[] | null = null) {}

  /**
   * A graph for some elements. One that has to be made is for those that came before too, unless they cannot be in one with these.
   * @returns null where the elements alone cannot be in one graph
   */
  async take(kind: string, elements: readonly number[], compile: Compile<G>): Promise<Lease<G> | null> {
    const known = this.#entries.filter((entry) => entry.kind === kind && includes(entry.elements, elements)).at(-1);
    const lease = known && (await this.#lease(known));
    if (lease) return lease;
    const all = this.fixed ?? sorted([...this.#seen, ...elements]);
    this.#seen = all;
    const together = await this.#make(kind, all, compile);
    if (together || all.length === elements.length) return together;
    this.#seen = elements;
    return this.#make(kind, elements, compile);
  }

  /** Graphs that are there, or soon will be. */
  async all(): Promise<{ readonly graph: G; drop(): void }[]> {
    const found = await Promise.all(this.#entries.map(async (entry) => ({ entry, graph: await entry.graph })));
    return found.flatMap(({ entry, graph }) => (graph ? [{ graph, drop: () => this.#drop(entry) }] : []));
  }

  /** New weights may allow what old ones did not. */
  forgetRefusals(): void {
    this.#refused.clear();
  }

  /** Lets go of graphs that are gone: their device is. */
  forget(): void {
    for (const entry of this.#entries) entry.isOver = true;
    this.#entries = [];
  }

  async dispose(): Promise<void> {
    const entries = this.#entries;
    this.#entries = [];
    await Promise.allSettled(entries.map(({ graph }) => graph));
    entries.forEach(end);
  }

  async #make(kind: string, elements: readonly number[], compile: Compile<G>): Promise<Lease<G> | null> {
    const key = `${kind} ${elements.join()}`;
    if (this.#refused.has(key)) return null;
    const graph = compile(elements).then((made) => (entry.made = made));
    const entry: Entry<G> = { kind, elements: new Set(elements), graph, made: null, users: 0, isOver: false };
    this.#entries.push(entry);
    try {
      const lease = await this.#lease(entry);
      if (lease) this.#release(entry);
      else {
        this.#remove(entry);
        if (this.#refused.size >= mostRefused) this.#refused.clear();
        this.#refused.add(key);
      }
      return lease;
    } catch (error) {
      this.#remove(entry);
      throw error;
    }
  }

  async #lease(entry: Entry<G>): Promise<Lease<G> | null> {
    entry.users++;
    const at = this.#entries.indexOf(entry);
    this.#entries.push(...this.#entries.splice(at, 1));
    const graph = await entry.graph.catch((error: unknown) => {
      entry.users--;
      throw error;
    });
    if (!graph) return null;
    let given = false;
    const giveBack = (): void => {
      if (given) return;
      given = true;
      entry.users--;
      // It may have been left for the last one who used it.
      if (entry.users === 0 && !this.#entries.includes(entry)) end(entry);
      else this.#release();
    };
    return { graph, giveBack };
  }

  /** Releases what `made` serves in the place of, and of what nobody uses all but the newest. */
  #release(made?: Entry<G>): void {
    const replaced = this.#entries.filter(
      (entry) => made && entry !== made && entry.kind === made.kind && includes(made.elements, [...entry.elements]),
    );
    const idle = this.#entries.filter((entry) => entry.users === 0 && !replaced.includes(entry)).reverse();
    let bytes = 0;
    const tooMany = idle.filter(({ made: own }, i) => {
      bytes += own?.bytes ?? 0;
      return i >= mostKept || (i > 0 && bytes > mostKeptBytes);
    });
    for (const entry of [...replaced, ...tooMany]) {
      this.#remove(entry);
      if (entry.users === 0) end(entry);
    }
  }

  #drop(entry: Entry<G>): void {
    this.#remove(entry);
    end(entry);
  }

  #remove(entry: Entry<G>): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
  }
}

/** Once for each. */
function end(entry: Entry<Compiled>): void {
  if (!entry.isOver) entry.made?.dispose();
  entry.isOver = true;
}

function includes(elements: ReadonlySet<number>, wanted: readonly number[]): boolean {
  return wanted.every((element) => elements.has(element));
}

function sorted(elements: readonly number[]): number[] {
  return [...new Set(elements)].sort((a, b) => a - b);
}
