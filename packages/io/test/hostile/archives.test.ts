/** Archives that are damaged, or that show one thing to one reader and another to the next. */
import { deflateSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../src/crc32.js';
import { openZip } from '../../src/model/zip.js';
import { readModel } from '../../src/model/index.js';
import { bytesOf, op, oracleModel, pickle, seeded, torchArchive, zip, zip64, type Entry } from './build.js';
import { refusal } from './expect-error.js';

const entry = (name: string, says: Entry['says'] = {}): Entry => ({ name, data: bytesOf('content'), says });

describe('archives with lies', () => {
  test('crc-32 of the published check value', () => {
    expect(crc32(bytesOf('123456789'))).toBe(0xcbf43926);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['a path that leads outside', zip([entry('model/../../etc/passwd')]), /leading outside/],
    ['an absolute path', zip([entry('/etc/passwd')]), /absolute/],
    ['a drive', zip([entry('C:/x')]), /absolute/],
    ['a backslash', zip([entry('model\\data.pkl')]), /no model writer uses/],
    ['a zero in a name', zip([entry('model/data.pkl\0.txt')]), /control characters/],
    ['two entries of one name', zip([entry('model/data.pkl'), entry('model/data.pkl')]), /two entries/],
    [
      'another name in the header',
      zip([entry('model/data.pkl', { localName: 'model/date.pkl' })]),
      /disagrees with the directory/,
    ],
    [
      'a longer name in the header',
      zip([entry('model/data.pkl', { localName: 'model/data.pkl2' })]),
      /disagrees|runs past/,
    ],
    ['encryption', zip([entry('a', { flags: 1 })]), /encrypted/],
    ['an unknown method', zip([entry('a', { method: 12 })]), /method 12/],
    ['a stored entry of two sizes', zip([entry('a', { size: 700 })]), /declares 700/],
    ['more data than there is', zip([entry('a', { size: 7000, packedSize: 7000 })]), /runs past the data/],
    ['entries on top of each other', zip([entry('a'), entry('a2', { offset: 0 })]), /no header|disagrees|overlap/],
    ['an offset beyond the file', zip([entry('a', { offset: 99_999 })]), /no header at offset 99999/],
    ['too many records declared', zip([entry('a')], { count: 2 }), /cut off or not a record/],
    ['too few records declared', zip([entry('a'), entry('b')], { count: 1 }), /records have/],
    ['a directory beyond the file', zip([entry('a')], { offset: 5_000_000 }), /runs past the end record/],
    ['sizes that need ZIP64 without it', zip([entry('a')], { offset: 0xffffffff }), /ZIP64 end record is missing/],
    ['no model inside', zip([entry('readme.txt')]), /not a PyTorch file/],
    ['two models inside', zip([entry('a/data.pkl'), entry('b/data.pkl')]), /found 2/],
    [
      'a wrong checksum',
      zip([entry('a/data.pkl', { crc: 1 })]),
      /checksum of entry "a\/data\.pkl" is wrong: expected 0x1/,
    ],
    ['bytes behind the end', bytesOf(zip([entry('a/data.pkl')]), 'more'), /no end-of-directory record/],
    ['nothing but a beginning', bytesOf('PK\x03\x04'), /no end-of-directory record/],
  ])('%s', async (_, bytes, text) => {
    await refusal(bytes, text);
  });

  test('ZIP64 records, as torch writes them for large files', () => {
    const data = bytesOf('content');
    expect(openZip(zip64('model/data.pkl', data)).read('model/data.pkl')).toEqual(data);
    expect(() => openZip(zip64('model/data.pkl', data, { recordOffset: 10_000 }))).toThrow(
      /no ZIP64 end record at offset 10000/,
    );
    expect(() => openZip(zip64('model/data.pkl', data, { recordOffset: 2 ** 60 }))).toThrow(
      /offset of the ZIP64 end record is/,
    );
    expect(() => openZip(zip64('model/data.pkl', data, { fieldLength: 8 }))).toThrow(
      /ZIP64 field of entry "model\/data\.pkl" lacks its packed size/,
    );
  });

  test('overlapping data of entries with true headers', () => {
    // The first entry's data contain the whole second entry, header included.
    const inner = zip([entry('inner')]).subarray(0, 30 + 5 + 7);
    const bytes = zip([{ name: 'outer', data: inner }, entry('inner', { offset: 30 + 5 })]);
    expect(() => openZip(bytes)).toThrow(/"outer" and "inner" overlap/);
  });
});

describe('archives that unpack to more than they are', () => {
  const packed = (data: Uint8Array, size: number): Entry => ({
    name: 'model/data.pkl',
    data: deflateSync(data, { level: 9 }),
    says: { method: 8, size },
  });

  test('a declared size that deflate cannot reach allocates nothing', async () => {
    const before = process.memoryUsage().arrayBuffers;
    await refusal(zip([packed(new Uint8Array(1000), 2 ** 28)]), /cannot hold/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  test('a bomb that says it is small stops at the size it says', async () => {
    const bomb = zip([packed(new Uint8Array(50_000_000), 1000)]);
    const before = process.memoryUsage().arrayBuffers;
    await refusal(bomb, /more than its declared 1000/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  test('beyond the limit for one entry, and for all', () => {
    expect(() => openZip(zip([packed(new Uint8Array(100_000), 100_000)]), { limits: { inflatedBytes: 1000 } })).toThrow(
      /more than the limit of 1000/,
    );
    expect(() => openZip(zip([entry('a'), entry('b')]), { limits: { unpackedBytes: 10 } })).toThrow(/limit of 10/);
    expect(() => openZip(zip([entry('a'), entry('b')]), { limits: { entries: 1 } })).toThrow(/limit of 1/);
  });

  test('the control: a true deflated entry is read', () => {
    const data = bytesOf('abc'.repeat(1000));
    const says = { method: 8, size: data.length, crc: crc32(data) };
    expect(openZip(zip([{ name: 'x', data: deflateSync(data), says }])).read('x')).toEqual(data);
    expect(() =>
      openZip(zip([{ name: 'x', data: deflateSync(data).subarray(0, 10), says: { ...says, size: data.length } }])).read(
        'x',
      ),
    ).toThrow(/unpack/);
  });
});

describe('damage to a real model', () => {
  const model = oracleModel('layers-1');

  test('cut off anywhere', async () => {
    for (const part of [0, 1e-5, 0.01, 0.3, 0.5, 0.9, 0.999])
      await refusal(model.subarray(0, Math.floor(model.length * part)), /./);
    await refusal(model.subarray(0, model.length - 1), /no end-of-directory record/);
  });

  test('one bit flipped anywhere: a typed error, or the same numbers', async () => {
    const random = seeded(20260101);
    const expected = await readModel(model);
    for (let i = 0; i < 60; i++) {
      const bytes = model.slice();
      bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8);
      const read = await readModel(bytes).catch((error: unknown) => error as Error);
      // Padding, timestamps and entries that are not needed may change; numbers may not.
      if (read instanceof Error) expect(read).toHaveProperty('code');
      else expect(read.weights).toEqual(expected.weights);
    }
  });

  test('without checksums the flipped bit goes unseen, which is why they are on', async () => {
    const zeroCrc = zip(
      [...openZip(model).entries.keys()].map((name) => ({ name, data: openZip(model).read(name), says: { crc: 0 } })),
    );
    await refusal(zeroCrc, /checksum/);
    await expect(readModel(zeroCrc, { verifyChecksums: false })).resolves.toHaveProperty('config');
  });
});

test('files of other kinds say what to do', async () => {
  await refusal(new Uint8Array(0), /0 bytes and begins with nothing/);
  await refusal(bytesOf(0x1f, 0x8b, 8, 0), /gzip archive.*gunzip/);
  await refusal(bytesOf(0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a), /legacy PyTorch file/);
  await refusal(bytesOf(new Uint8Array(257), 'ustar', new Uint8Array(300)), /tar archive/);
  await refusal(bytesOf('<!DOCTYPE html><html>'), /web page/);
  await refusal(bytesOf('version https://git-lfs.github.com/spec/v1\n'), /git lfs pull/);
  await refusal(bytesOf('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'), /web page/);
  await refusal(bytesOf('{"message":"Not Found"}'), /begins with the text "\{\\"message\\":\\"Not Found\\"\}"/);
  await refusal(bytesOf(0x80, 4, 0x5d, 0x94, '.'), /pickle that torch did not write.*torch\.save\(model, FILE\)/);
  await refusal(bytesOf('random bytes that are nothing'), /no model file/);
  await refusal(
    zip([{ name: 'small.model', data: oracleModel('base-mace') }]),
    /has one in it, "small\.model"\. Unpack it first/,
  );
});

test('what torch saved around a model, or beside it, says how to get to one', async () => {
  const dict = (...entries: readonly Uint8Array[]): Uint8Array =>
    torchArchive(pickle(op.emptyDict, op.mark, ...entries, op.setItems));
  const module = bytesOf(
    op.global('torch.nn.modules.activation', 'SiLU'),
    op.emptyTuple,
    op.newObject,
    op.emptyDict,
    op.build,
  );
  await refusal(
    dict(op.text('epoch'), op.int(3), op.text('net'), module),
    /dict, with an object of torch\.nn\.modules\.activation\.SiLU at \["net"\].*weights_only=False\)\["net"\], NEW_FILE/,
  );
  await refusal(torchArchive(pickle(op.emptyList, module, op.append)), /a list, with an object .*\)\[0\], NEW_FILE/);
  await refusal(dict(op.text('shadow_params'), op.emptyList), /torch_ema: averaged weights without names/);
  await refusal(dict(op.text('param_groups'), op.emptyList), /state of an optimizer/);
});

test('a pickle that is no model', async () => {
  await refusal(torchArchive(pickle(op.int(1))), /its root is number 1/);
});
