import { expect, test } from 'vitest';
import { bytesOf, op, pickle } from '../../../test/hostile/build.js';
import { readPickle } from './interpreter.js';
import type { PickleBytes } from './values.js';
import {
  PickleDict,
  PickleList,
  PickleObject,
  PickleSet,
  PickleTensor,
  PickleTuple,
  type PickleValue,
} from './values.js';

/** Plain JavaScript of a value, for comparing. */
function plain(value: PickleValue): unknown {
  if (value instanceof PickleTuple || value instanceof PickleList || value instanceof PickleSet)
    return value.items.map(plain);
  if (value instanceof PickleDict) return [...value.entries].map(([key, item]) => [plain(key), plain(item)]);
  return value;
}

test('constants', () => {
  expect(readPickle(pickle(op.int(-5)))).toBe(-5);
  expect(readPickle(pickle(op.float(0.1)))).toBe(0.1);
  expect(readPickle(pickle(op.text('Grüße 🚀')))).toBe('Grüße 🚀');
  expect(readPickle(bytesOf(0x80, 2, 'K', 255, '.'))).toBe(255);
  expect(readPickle(bytesOf(0x80, 2, 'M', 1, 2, '.'))).toBe(513);
  expect(readPickle(bytesOf(0x80, 2, 0x88, '.'))).toBe(true);
  // LONG1 as Python writes it: two's complement, shortest; zero has no bytes.
  expect(readPickle(bytesOf(0x80, 2, 0x8a, 0, '.'))).toBe(0);
  expect(readPickle(bytesOf(0x80, 2, 0x8a, 1, 0xff, '.'))).toBe(-1);
  expect(readPickle(bytesOf(0x80, 2, 0x8a, 2, 0xff, 0x00, '.'))).toBe(255);
  expect(readPickle(bytesOf(0x80, 2, 0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1, '.'))).toBe(2n ** 64n);
});

test('containers, memo, and shared references', () => {
  const value = readPickle(
    pickle(
      op.emptyList,
      op.put(0),
      op.mark,
      op.int(1),
      op.tupleOf(op.int(2), op.none),
      op.appends,
      op.get(0),
      bytesOf(0x86),
    ),
  );
  expect(plain(value)).toEqual([
    [1, [2, null]],
    [1, [2, null]],
  ]);
  const [a, b] = (value as PickleTuple).items;
  expect(a).toBe(b);
});

test('a dictionary in the order of the file', () => {
  const dict = readPickle(
    pickle(op.emptyDict, op.mark, op.text('b'), op.int(1), op.text('__proto__'), op.int(2), op.setItems),
  );
  expect(plain(dict)).toEqual([
    ['b', 1],
    ['__proto__', 2],
  ]);
  expect(
    plain(
      readPickle(
        pickle(
          op.call('collections', 'OrderedDict', bytesOf(op.emptyList, op.tupleOf(op.text('k'), op.int(3)), op.append)),
        ),
      ),
    ),
  ).toEqual([['k', 3]]);
});

test('objects keep class, arguments and state', () => {
  const object = readPickle(
    pickle(
      op.global('e3nn.o3._irreps', 'Irreps'),
      op.tupleOf(op.tupleOf(op.int(8))),
      op.newObject,
      op.emptyDict,
      op.build,
    ),
  );
  expect(object).toBeInstanceOf(PickleObject);
  expect((object as PickleObject).type.qualifiedName).toBe('e3nn.o3._irreps.Irreps');
  expect(plain((object as PickleObject).args)).toEqual([[8]]);
  expect((object as PickleObject).state).toBeInstanceOf(PickleDict);
});

test('bytes of protocol 2, sets, tensors', () => {
  const bytes = readPickle(pickle(op.call('_codecs', 'encode', op.text('\u0000ÿ'), op.text('latin1'))));
  expect((bytes as PickleBytes).decode()).toEqual(Uint8Array.of(0, 255));
  expect(readPickle(pickle(op.call('builtins', 'set')))).toBeInstanceOf(PickleSet);
  expect(readPickle(pickle(op.tensor('FloatStorage', '3', 6, 1, [2], [2])))).toMatchObject({
    storage: { key: '3', count: 6 },
    offset: 1,
    shape: [2],
    strides: [2],
  });
  expect(
    readPickle(pickle(op.call('torch._utils', '_rebuild_parameter', op.tensor('FloatStorage', '3', 6, 1, [2], [2])))),
  ).toBeInstanceOf(PickleTensor);
});

test('numpy scalars', () => {
  const dtype = (code: string, order: string): Uint8Array =>
    bytesOf(
      op.call('numpy', 'dtype', op.text(code), bytesOf(0x89), bytesOf(0x88)),
      op.tupleOf(op.int(3), op.text(order), op.none, op.none, op.none, op.int(-1), op.int(-1), op.int(0)),
      op.build,
    );
  const raw = (bytes: Uint8Array): Uint8Array =>
    op.call('_codecs', 'encode', op.text(String.fromCharCode(...bytes)), op.text('latin1'));
  const scalar = (module: string, code: string, order: string, bytes: Uint8Array): PickleValue =>
    readPickle(pickle(op.call(module, 'scalar', dtype(code, order), raw(bytes))));
  const double = new Uint8Array(Float64Array.of(61.96).buffer);
  expect(scalar('numpy.core.multiarray', 'f8', '<', double)).toBe(61.96);
  expect(scalar('numpy._core.multiarray', 'f8', '>', double.slice().reverse())).toBe(61.96);
  expect(scalar('numpy._core.multiarray', 'i8', '<', new Uint8Array(BigInt64Array.of(-8n).buffer))).toBe(-8);
  expect(() => scalar('numpy._core.multiarray', 'f8', '<', double.subarray(1))).toThrow(/7 bytes/);
  expect(() => scalar('numpy._core.multiarray', 'O8', '|', double)).toThrow(/numpy scalar/);
});
