/**
 * Where work keeps what must survive a kill. Simulations and training know only this: a folder on disk (`@mace/io/node`), private files
 * of a browser, memory, or something of the user's own.
 */
import { FormatError } from '@mace/core';

/** Names are relative, with `/` between parts. All methods throw FormatError that names the file. */
export interface Storage {
  /** What messages put before names: the path of a folder. Default nothing. */
  readonly place?: string;
  /** All bytes, or null where nothing has this name. */
  read(name: string): Promise<Uint8Array | null>;
  /** The number of bytes, or null where nothing has this name. */
  size(name: string): Promise<number | null>;
  /** The new bytes whole, or what was there before: also where the machine stops in the middle. */
  replace(name: string, bytes: Uint8Array): Promise<void>;
  /** Does nothing where nothing has this name. */
  remove(name: string): Promise<void>;
  /**
   * Opens a file for appending, and cuts what stands beyond `length` bytes; a file that is not there has none.
   * @throws FormatError where there are fewer bytes
   */
  append(name: string, length: number): Promise<Appender>;
  /** Keeps others out, who reach the same files in another way, until what it gives is called. @throws FormatError while one is in */
  hold?(): Promise<() => void>;
}

/** A file that grows at its end. After a write that failed nothing is written any more. */
export interface Appender {
  /** Bytes of the file with all that was written. */
  readonly length: number;
  write(bytes: Uint8Array): Promise<void>;
  /** Ends when what was written would survive that the machine stops. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** What messages call a file. */
export function pathIn(storage: Storage | null | undefined, name: string): string {
  return storage?.place === undefined ? name : `${storage.place}/${name}`;
}

/** The refusal of a file that is shorter than what was noted of it. */
export function tooShort(name: string, length: number, expected: number): string {
  return `${name}: the file has ${length} bytes, and ${expected} were written to it: somebody has changed it since. Put the whole file back, or begin anew.`;
}

/** Contents in memory, for tests and for runs that nobody goes on with. */
export class MemoryStorage implements Storage {
  readonly files = new Map<string, Uint8Array>();

  async read(name: string): Promise<Uint8Array | null> {
    return this.files.get(name)?.slice() ?? null;
  }

  async size(name: string): Promise<number | null> {
    return this.files.get(name)?.length ?? null;
  }

  async replace(name: string, bytes: Uint8Array): Promise<void> {
    this.files.set(name, bytes.slice());
  }

  async remove(name: string): Promise<void> {
    this.files.delete(name);
  }

  async append(name: string, length: number): Promise<Appender> {
    const { files } = this;
    const old = files.get(name) ?? new Uint8Array();
    if (old.length < length) throw new FormatError(tooShort(name, old.length, length));
    files.set(name, old.slice(0, length));
    return {
      get length() {
        return files.get(name)!.length;
      },
      write: async (bytes) => {
        const before = files.get(name)!;
        const after = new Uint8Array(before.length + bytes.length);
        after.set(before);
        after.set(bytes, before.length);
        files.set(name, after);
      },
      flush: async () => undefined,
      close: async () => undefined,
    };
  }
}
