/**
 * What the pickle interpreter makes of a stream: plain data, and inert records of the objects it names.
 *
 * Nothing here is a JavaScript object with keys from the file: dictionaries are Maps, so names like `__proto__` are ordinary.
 */
import { quote } from '../quote.js';

/** A Python class or function by name. It is a label, nothing is looked up. */
export class PickleGlobal {
  readonly qualifiedName: string;
  constructor(
    readonly module: string,
    readonly name: string,
  ) {
    this.qualifiedName = `${module}.${name}`;
  }
}

export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

export class PickleList {
  constructor(readonly items: PickleValue[] = []) {}
}

/** A dict or OrderedDict. Keys that are equal in Python but not one value (1 and 1.0) do not occur in models. */
export class PickleDict {
  readonly entries = new Map<PickleValue, PickleValue>();
  /** The value of a string key, or undefined. */
  get(key: string): PickleValue | undefined {
    return this.entries.get(key);
  }
}

export class PickleSet {
  readonly items: PickleValue[] = [];
}

/** An instance: its class, the arguments it was made from, and the state attached later. */
export class PickleObject {
  state: PickleValue = null;
  constructor(
    readonly type: PickleGlobal,
    readonly args: PickleTuple,
  ) {}
}

/** Bytes that protocol 2 wrote as latin-1 text. Decoded when asked, so that one text in many places costs nothing. */
export class PickleBytes {
  constructor(private readonly source: string | Uint8Array) {}
  /** @throws RangeError when a character is not a byte */
  decode(): Uint8Array {
    if (typeof this.source !== 'string') return this.source;
    return Uint8Array.from(this.source, (char) => {
      const code = char.charCodeAt(0);
      if (code > 255) throw new RangeError(`character ${code} is not a byte`);
      return code;
    });
  }
}

/** One of the storages of the archive, not yet read. */
export class PickleStorage {
  constructor(
    readonly type: string,
    /** Name of the entry under `data/`. */
    readonly key: string,
    /** Number of elements. */
    readonly count: number,
  ) {}
}

/** A strided view of a storage, not yet read. Offset and strides in elements. */
export class PickleTensor {
  constructor(
    readonly storage: PickleStorage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleGlobal
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleSet
  | PickleObject
  | PickleBytes
  | PickleStorage
  | PickleTensor;

/** What a value is, for messages. */
export function describe(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (typeof value === 'string') return `the text ${quote(value, 60)}`;
  if (typeof value !== 'object') return `${typeof value} ${String(value).slice(0, 60)}`;
  if (value instanceof PickleObject) return `an object of ${value.type.qualifiedName}`;
  if (value instanceof PickleGlobal) return `the name ${value.qualifiedName}`;
  if (value instanceof PickleTensor) return `a tensor of shape [${value.shape.join(' ')}]`;
  if (value instanceof PickleTuple) return 'a tuple';
  if (value instanceof PickleList) return 'a list';
  if (value instanceof PickleDict) return 'a dict';
  if (value instanceof PickleSet) return 'a set';
  return value instanceof PickleBytes ? 'bytes' : 'a storage';
}
