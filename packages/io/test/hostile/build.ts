/** Builds the files of the tests: pickles from opcodes, ZIP archives with any lie in them. No binary file is kept. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { crc32 } from '../../src/crc32.js';
import { openZip } from '../../src/model/zip.js';

const encoder = new TextEncoder();

/** Joins texts (ASCII), byte values and arrays of bytes. */
export function bytesOf(...parts: readonly (string | number | Uint8Array)[]): Uint8Array {
  const arrays = parts.map((part) =>
    typeof part === 'string' ? encoder.encode(part) : typeof part === 'number' ? Uint8Array.of(part) : part,
  );
  const out = new Uint8Array(arrays.reduce((n, array) => n + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    out.set(array, at);
    at += array.length;
  }
  return out;
}

const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
const u16 = (value: number): Uint8Array => new Uint8Array(Uint16Array.of(value).buffer);

/** Opcodes of the pickle language, as functions that give their bytes. */
export const op = {
  proto: bytesOf(0x80, 2),
  stop: bytesOf('.'),
  mark: bytesOf('('),
  none: bytesOf('N'),
  emptyTuple: bytesOf(')'),
  emptyList: bytesOf(']'),
  emptyDict: bytesOf('}'),
  tuple: bytesOf('t'),
  append: bytesOf('a'),
  appends: bytesOf('e'),
  setItem: bytesOf('s'),
  setItems: bytesOf('u'),
  reduce: bytesOf('R'),
  newObject: bytesOf(0x81),
  build: bytesOf('b'),
  dup: bytesOf('2'),
  persistentId: bytesOf('Q'),
  global: (module: string, name: string): Uint8Array => bytesOf('c', module, '\n', name, '\n'),
  text: (value: string): Uint8Array => bytesOf('X', u32(encoder.encode(value).length), value),
  int: (value: number): Uint8Array => bytesOf('J', new Uint8Array(Int32Array.of(value).buffer)),
  float: (value: number): Uint8Array => bytesOf('G', new Uint8Array(Float64Array.of(value).buffer).reverse()),
  put: (key: number): Uint8Array => bytesOf('r', u32(key)),
  get: (key: number): Uint8Array => bytesOf('j', u32(key)),
  tupleOf: (...items: readonly Uint8Array[]): Uint8Array => bytesOf('(', ...items, 't'),
  /** `module.name(*items)`. */
  call: (module: string, name: string, ...items: readonly Uint8Array[]): Uint8Array =>
    bytesOf(op.global(module, name), op.tupleOf(...items), 'R'),
  /** Tensor of a storage class such as `DoubleStorage`. */
  tensor: (
    type: string,
    key: string,
    count: number,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ): Uint8Array =>
    op.call(
      'torch._utils',
      '_rebuild_tensor_v2',
      bytesOf(
        op.tupleOf(op.text('storage'), op.global('torch', type), op.text(key), op.text('cpu'), op.int(count)),
        'Q',
      ),
      op.int(offset),
      op.tupleOf(...shape.map(op.int)),
      op.tupleOf(...strides.map(op.int)),
      bytesOf(0x89),
      bytesOf(op.global('collections', 'OrderedDict'), ')R'),
    ),
};

/** A whole pickle of protocol 2. */
export function pickle(...parts: readonly Uint8Array[]): Uint8Array {
  return bytesOf(op.proto, ...parts, op.stop);
}

export interface Entry {
  readonly name: string;
  readonly data: Uint8Array;
  /** What the headers say, where it is not the truth. */
  readonly says?: {
    readonly localName?: string;
    readonly size?: number;
    readonly packedSize?: number;
    readonly crc?: number;
    readonly method?: number;
    readonly flags?: number;
    readonly offset?: number;
  };
}

/** A ZIP archive of stored entries, with the lies asked for. */
export function zip(
  entries: readonly Entry[],
  end: { readonly count?: number; readonly offset?: number; readonly size?: number } = {},
): Uint8Array {
  const locals: Uint8Array[] = [];
  const records: Uint8Array[] = [];
  let at = 0;
  for (const { name, data, says = {} } of entries) {
    const common = bytesOf(
      u16(20),
      u16(says.flags ?? 0),
      u16(says.method ?? 0),
      u16(0),
      u16(33),
      u32(says.crc ?? crc32(data)),
      u32(says.packedSize ?? data.length),
      u32(says.size ?? data.length),
    );
    const nameBytes = encoder.encode(name);
    const localName = encoder.encode(says.localName ?? name);
    const local = bytesOf(u32(0x04034b50), common, u16(localName.length), u16(0), localName, data);
    records.push(
      bytesOf(
        u32(0x02014b50),
        u16(20),
        common,
        u16(nameBytes.length),
        u16(0),
        u16(0),
        u16(0),
        u16(0),
        u32(0),
        u32(says.offset ?? at),
        nameBytes,
      ),
    );
    locals.push(local);
    at += local.length;
  }
  const directory = bytesOf(...records);
  const count = end.count ?? entries.length;
  return bytesOf(
    ...locals,
    directory,
    u32(0x06054b50),
    u16(0),
    u16(0),
    u16(count),
    u16(count),
    u32(end.size ?? directory.length),
    u32(end.offset ?? at),
    u16(0),
  );
}

const u64 = (value: number): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);

/** One stored entry whose sizes, offset and directory are all in ZIP64 records, with the lies asked for. */
export function zip64(
  name: string,
  data: Uint8Array,
  lies: { readonly recordOffset?: number; readonly fieldLength?: number } = {},
): Uint8Array {
  const nameBytes = encoder.encode(name);
  const common = bytesOf(
    u16(45),
    u16(0),
    u16(0),
    u16(0),
    u16(33),
    u32(crc32(data)),
    u32(0xffffffff),
    u32(0xffffffff),
    u16(nameBytes.length),
  );
  const sizes = bytesOf(u64(data.length), u64(data.length));
  const local = bytesOf(u32(0x04034b50), common, u16(20), nameBytes, u16(1), u16(16), sizes, data);
  const field = bytesOf(sizes, u64(0)).subarray(0, lies.fieldLength ?? 24);
  const record = bytesOf(
    u32(0x02014b50),
    u16(45),
    common,
    u16(4 + field.length),
    u16(0),
    u16(0),
    u16(0),
    u32(0),
    u32(0xffffffff),
    nameBytes,
    u16(1),
    u16(field.length),
    field,
  );
  const recordAt = local.length + record.length;
  const end64 = bytesOf(
    u32(0x06064b50),
    u64(44),
    u16(45),
    u16(45),
    u32(0),
    u32(0),
    u64(1),
    u64(1),
    u64(record.length),
    u64(local.length),
  );
  const locator = bytesOf(u32(0x07064b50), u32(0), u64(lies.recordOffset ?? recordAt), u32(1));
  const end = bytesOf(
    u32(0x06054b50),
    u16(0),
    u16(0),
    u16(0xffff),
    u16(0xffff),
    u32(0xffffffff),
    u32(0xffffffff),
    u16(0),
  );
  return bytesOf(local, record, end64, locator, end);
}

/** An archive as torch.save writes it. */
export function torchArchive(
  data: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
  extra: readonly Entry[] = [],
): Uint8Array {
  return zip([
    { name: 'model/data.pkl', data },
    ...Object.entries(storages).map(([key, bytes]) => ({ name: `model/data/${key}`, data: bytes })),
    { name: 'model/version', data: bytesOf('3\n') },
    ...extra,
  ]);
}

/** One of the random models that mace-torch made (test/oracle/models). */
export function oracleModel(name: string): Uint8Array {
  return new Uint8Array(gunzipSync(readFileSync(new URL(`../oracle/models/${name}.model.gz`, import.meta.url))));
}

/** A checkpoint that mace_run_train wrote (test/oracle/checkpoints), and the settings that it lacks. */
export function oracleCheckpoint(): {
  readonly bytes: Uint8Array;
  readonly like: { readonly avgNumNeighbors: number[]; readonly gate: 'silu'; readonly applyCutoff: boolean };
} {
  const path = new URL('../oracle/checkpoints/block-residual-first_run-123_epoch-4.pt.gz', import.meta.url);
  return {
    bytes: new Uint8Array(gunzipSync(readFileSync(path))),
    like: { avgNumNeighbors: [7.3], gate: 'silu', applyCutoff: true },
  };
}

/** The same archive with some entries changed, checksums right. */
export function repack(archive: Uint8Array, change: (name: string, data: Uint8Array) => Uint8Array): Uint8Array {
  const opened = openZip(archive);
  return zip([...opened.entries.keys()].map((name) => ({ name, data: change(name, opened.read(name)) })));
}

/** Replaces the first occurrence of bytes; throws when there is none, so that a test cannot pass by doing nothing. */
export function replaceBytes(data: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const at = data.findIndex((_, i) => from.every((byte, k) => data[i + k] === byte));
  if (at < 0) throw new Error('the bytes to replace do not occur');
  return bytesOf(data.subarray(0, at), to, data.subarray(at + from.length));
}

/** Seeded numbers in [0, 1): mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
