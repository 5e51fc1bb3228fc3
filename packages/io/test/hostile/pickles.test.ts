/** Streams that are cut off, that lie about lengths, and that would grow without end. */
import { describe, expect, test } from 'vitest';
import { readPickle } from '../../src/model/pickle/interpreter.js';
import { bytesOf, op, oracleModel, pickle, repack, torchArchive } from './build.js';
import { refusal } from './expect-error.js';

/** Milliseconds; what these take is at most three seconds, and without a guard it is hours. */
const hang = 60_000;

/** Runs and expects an end. */
async function soon(run: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await run();
  expect(performance.now() - start).toBeLessThan(hang);
}

describe('malformed streams', () => {
  test('every truncation of a real pickle', () => {
    const data = pickle(
      op.emptyDict,
      op.mark,
      op.text('a'),
      op.float(1.5),
      op.text('b'),
      op.tensor('FloatStorage', '0', 4, 0, [2, 2], [2, 1]),
      op.setItems,
    );
    expect(() => readPickle(data)).not.toThrow();
    for (let length = 0; length < data.length; length++)
      expect(() => readPickle(data.subarray(0, length)), `${length} bytes`).toThrow(
        /malformed|refused|Python name|calls/,
      );
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['nothing on the stack', bytesOf(0x80, 2, '.'), /empty stack/],
    ['a mark as the result', bytesOf(0x80, 2, '(.'), /empty stack/],
    ['no mark', bytesOf(0x80, 2, 't.'), /MARK/],
    ['an unknown operation', bytesOf(0x80, 2, 0xff), /operation 0xff at byte 2/],
    ['INST, which runs a constructor', bytesOf(0x80, 2, '(ios\nsystem\n.'), /operation 0x69/],
    ['OBJ', bytesOf(0x80, 2, '(o.'), /operation 0x6f/],
    ['EXT1', bytesOf(0x80, 2, 0x82, 1), /operation 0x82/],
    ['NEXT_BUFFER', bytesOf(0x80, 5, 0x97), /operation 0x97/],
    ['an unset memo', pickle(op.get(7)), /never memoized/],
    ['a text longer than the stream', bytesOf(0x80, 2, 'X', 0xff, 0xff, 0xff, 0x7f, 'abc'), /ends inside/],
    ['a text of 2^63 bytes', bytesOf(0x80, 4, 0x8d, 0, 0, 0, 0, 0, 0, 0, 0x80), /declares/],
    ['text that is not UTF-8', bytesOf(0x80, 2, 'X', 1, 0, 0, 0, 0xff, '.'), /malformed at byte/],
    ['an integer of 255 bytes', bytesOf(0x80, 2, 0x8a, 255, new Uint8Array(255), '.'), /255 bytes/],
    ['a negative length', bytesOf(0x80, 2, 0x8b, 0xff, 0xff, 0xff, 0xff, '.'), /malformed/],
    ['protocol 9', bytesOf(0x80, 9, 'N.'), /protocol 9/],
    ['items set on a number', pickle(op.int(1), op.text('a'), op.int(2), op.setItem), /sets items/],
    ['state for a number', pickle(op.int(1), op.emptyDict, op.build), /attaches state/],
    ['a persistent id that is no storage', pickle(op.text('x'), op.persistentId), /persistent id/],
    [
      'a storage of negative size',
      pickle(
        op.tupleOf(op.text('storage'), op.global('torch', 'FloatStorage'), op.text('0'), op.text('cpu'), op.int(-1)),
        op.persistentId,
      ),
      /persistent id/,
    ],
  ])('%s', async (_, data, text) => {
    await refusal(torchArchive(data), text);
  });
});

describe('bombs', () => {
  test('lists that contain each other twice: 2^40 leaves in 400 bytes', async () => {
    const levels = Array.from({ length: 40 }, (_, i) =>
      bytesOf(op.emptyList, op.get(i), op.append, op.get(i), op.append, op.put(i + 1)),
    );
    await soon(() => refusal(torchArchive(pickle(op.emptyList, op.put(0), ...levels)), /does not hold a model/));
  });

  test('modules that contain each other twice', async () => {
    const module = (content: Uint8Array): Uint8Array =>
      bytesOf(
        op.global('mace.modules.models', 'ScaleShiftMACE'),
        op.emptyTuple,
        op.newObject,
        op.emptyDict,
        op.text('_modules'),
        op.emptyDict,
        content,
        op.setItem,
        op.build,
      );
    const child = (key: number): Uint8Array =>
      bytesOf(op.text('a'), op.get(key), op.setItem, op.text('b'), op.get(key), op.setItem);
    const levels = Array.from({ length: 30 }, (_, i) => bytesOf(module(i === 0 ? bytesOf() : child(i - 1)), op.put(i)));
    await soon(() => refusal(torchArchive(pickle(...levels)), /levels or 50000 modules/));
  });

  test('a module that contains itself', async () => {
    const self = bytesOf(
      op.global('mace.modules.models', 'MACE'),
      op.emptyTuple,
      op.newObject,
      op.put(0),
      op.emptyDict,
      op.text('_modules'),
      op.emptyDict,
      op.text('x'),
      op.get(0),
      op.setItem,
      op.setItem,
      op.build,
    );
    await refusal(torchArchive(pickle(self)), /levels or/);
  });

  test('100,000 nested lists: nothing recurses', async () => {
    const depth = 100_000;
    const data = bytesOf(0x80, 2, new Uint8Array(depth).fill(0x5d), new Uint8Array(depth - 1).fill(0x61), '.');
    await soon(() => refusal(torchArchive(data), /does not hold a model/));
  });

  test('one long text converted again and again costs nothing until it is used', async () => {
    const encode = bytesOf(op.global('_codecs', 'encode'), op.put(2));
    const data = pickle(
      op.text('x'.repeat(100_000)),
      op.put(0),
      op.text('latin1'),
      op.put(1),
      encode,
      op.emptyList,
      ...Array.from({ length: 20_000 }, () => bytesOf(op.get(2), op.get(0), op.get(1), 0x86, op.reduce, op.append)),
    );
    const before = process.memoryUsage().arrayBuffers;
    await soon(() => refusal(torchArchive(data), /does not hold a model/));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e8); // 2 GB if each were decoded
  });

  test('one long list copied by calls again and again', async () => {
    const pair = op.tupleOf(op.int(1), op.int(1));
    const list = bytesOf(
      op.emptyList,
      op.mark,
      pair,
      op.put(0),
      ...Array.from({ length: 20_000 }, () => op.get(0)),
      op.appends,
      op.put(1),
    );
    const calls = Array.from({ length: 2000 }, () => bytesOf(op.global('builtins', 'set'), op.get(1), 0x85, op.reduce));
    await soon(() => refusal(torchArchive(pickle(list, ...calls)), /more than \d+ operations/));
  });

  test('a stack without end, and a memo without end', () => {
    expect(() => readPickle(bytesOf(0x80, 2, new Uint8Array(3000).fill(0x4e)), { stack: 1000 })).toThrow(
      /stack grows beyond 1000/,
    );
    const puts = Array.from({ length: 50 }, (_, i) => op.put(i * 1_000_000));
    expect(() => readPickle(pickle(op.none, ...puts), { memo: 20 })).toThrow(/memoizes more than 20/);
    expect(() => readPickle(pickle(op.none), { operations: 1 })).toThrow(/more than 1 operations/);
    expect(() => readPickle(pickle(op.none), { bytes: 2 })).toThrow(/limit of 2/);
  });
});

test('every byte of the pickle of a real model cut off gives a typed error', async () => {
  const model = oracleModel('layers-1');
  for (const part of [0, 0.001, 0.1, 0.5, 0.9, 0.999]) {
    const cut = repack(model, (name, data) =>
      name.endsWith('/data.pkl') ? data.subarray(0, Math.floor(data.length * part)) : data,
    );
    await refusal(cut, /malformed/);
  }
});
