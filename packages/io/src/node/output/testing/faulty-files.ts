/** The file system of outputs, with a fault at one of its calls. */
import type { FileHandle } from 'node:fs/promises';
import { realFiles, type FileSystem } from '../target.js';

export type Fault =
  /** The call fails and does nothing. */
  | 'refused'
  /** The call does its work and fails, as network disks do. */
  | 'done and refused'
  /** A write takes half of the bytes and says so; other calls are as they should be. */
  | 'short'
  /** A write takes half of the bytes and says that it took all. */
  | 'lost'
  /** From here on nothing happens any more. */
  | 'killed';

export const faults: readonly Fault[] = ['refused', 'done and refused', 'short', 'lost', 'killed'];

type Call = (...args: unknown[]) => Promise<unknown>;

export class FaultyFiles {
  /** Names of the calls so far. */
  readonly calls: string[] = [];
  readonly fileSystem: FileSystem;
  readonly #opened: FileHandle[] = [];

  constructor(
    private readonly fault: Fault,
    /** The call that it strikes, from 0. */
    private readonly at: number,
    private readonly code: string,
  ) {
    this.fileSystem = this.#faulty(realFiles);
  }

  /** Closes what a fault left open. */
  async end(): Promise<void> {
    for (const handle of this.#opened) await handle.close();
  }

  #faulty<T extends object>(real: T): T {
    return new Proxy(real, {
      get: (target, name) => {
        const own = Reflect.get(target, name, target) as unknown;
        return typeof own === 'function'
          ? (...args: unknown[]) => this.#call(String(name), own.bind(target) as Call, args)
          : own;
      },
    });
  }

  async #call(name: string, work: Call, args: unknown[]): Promise<unknown> {
    const strikes = this.fault === 'killed' ? this.calls.length >= this.at : this.calls.length === this.at;
    this.calls.push(name);
    const isWrite = name === 'write';
    if (strikes && isWrite && (this.fault === 'short' || this.fault === 'lost')) {
      const bytes = args[0] as Uint8Array;
      const result = (await work(bytes.subarray(0, bytes.length >> 1))) as { bytesWritten: number };
      return this.fault === 'lost' ? { ...result, bytesWritten: bytes.length } : result;
    }
    const fails = strikes && this.fault !== 'short' && this.fault !== 'lost';
    const result = fails && this.fault !== 'done and refused' ? undefined : await work(...args);
    if (name === 'open' && result) this.#opened.push(result as FileHandle);
    if (fails) {
      throw Object.assign(new Error(`${this.code}: a fault, ${name} '/secret/.name.tmp'`), { code: this.code });
    }
    return name === 'open' ? this.#faulty(result as FileHandle) : result;
  }
}
