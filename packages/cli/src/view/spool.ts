/**
 * Frames of any number in memory that does not grow with them: a temporary file, of which any frame is read again. The plotted numbers
 * and the place of each frame stay in memory, some eight bytes each.
 */
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Structure } from '@mace/core/structure';
import { quantitiesOf, viewFrame } from './quantities.js';
import { encodeFrame } from './record.js';

/** Of an answer with several frames, bytes; one frame may be more. */
const mostBytes = 4 << 20;
/** Quantities that are plotted, beyond which later ones are left out. */
const mostQuantities = 24;

export class FrameSpool {
  /** What was wrong with the file behind the frames that are here. */
  failure: string | undefined;
  isWhole = false;
  readonly #ends: number[] = [];
  readonly #series = new Map<string, number[]>();

  private constructor(
    readonly file: FileHandle,
    readonly folder: string,
  ) {}

  static async make(): Promise<FrameSpool> {
    const folder = await mkdtemp(join(tmpdir(), 'mace-view-'));
    const file = await open(join(folder, 'frames'), 'wx+', 0o600);
    // Where a file may go while it is open, nothing is left whatever ends the program.
    if (process.platform !== 'win32') await rm(folder, { recursive: true });
    return new FrameSpool(file, folder);
  }

  get count(): number {
    return this.#ends.length;
  }

  get quantities(): string[] {
    return [...this.#series.keys()];
  }

  /** One more frame, behind the others. */
  async add(structure: Structure): Promise<void> {
    const bytes = encodeFrame(viewFrame(structure));
    const start = this.#ends.at(-1) ?? 0;
    await this.file.write(bytes, 0, bytes.length, start);
    for (const [name, value] of quantitiesOf(structure)) {
      if (!this.#series.has(name) && this.#series.size >= mostQuantities) continue;
      const series = this.#series.get(name) ?? [];
      while (series.length < this.count) series.push(NaN);
      series.push(value);
      this.#series.set(name, series);
    }
    this.#ends.push(start + bytes.length);
  }

  /** Frames from one on, at most so many, and as many as an answer holds. */
  async read(from: number, count: number): Promise<Uint8Array> {
    const start = from === 0 ? 0 : this.#ends[from - 1]!;
    let last = from;
    while (last + 1 < Math.min(from + count, this.count) && this.#ends[last + 1]! - start <= mostBytes) last++;
    const bytes = new Uint8Array(this.#ends[last]! - start);
    await this.file.read(bytes, 0, bytes.length, start);
    return bytes;
  }

  /** Numbers of the frames from one on; null where a frame has none. */
  series(from: number): Record<string, (number | null)[]> {
    const of = (values: readonly number[]): (number | null)[] =>
      Array.from({ length: this.count - from }, (_, i) => {
        const value = values[from + i];
        return value === undefined || !Number.isFinite(value) ? null : value;
      });
    return Object.fromEntries([...this.#series].map(([name, values]) => [name, of(values)]));
  }

  async dispose(): Promise<void> {
    await this.file.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
