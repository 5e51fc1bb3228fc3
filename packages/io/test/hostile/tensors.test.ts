/** Tensors that do not fit their storages, and models whose weights do not fit their settings. */
import { describe, expect, test } from 'vitest';
import { readModel, readModelBytes, readSafeTensors, writeModelBytes } from '../../src/index.js';
import { openZip } from '../../src/model/zip.js';
import { bytesOf, op, oracleModel, pickle, repack, replaceBytes, torchArchive } from './build.js';
import { refusal } from './expect-error.js';

const state = (tensor: Uint8Array): Uint8Array =>
  pickle(op.emptyDict, op.text('model'), op.emptyDict, op.text('x'), tensor, op.setItem, op.setItem);
const storage = new Uint8Array(64);

describe('tensors', () => {
  test.each<[string, Uint8Array, RegExp]>([
    [
      'beyond the storage',
      op.tensor('DoubleStorage', '0', 8, 0, [9], [1]),
      /ends at element 8 of storage 0, which has 8/,
    ],
    ['beyond it by the offset', op.tensor('DoubleStorage', '0', 8, 5, [2, 2], [2, 1]), /ends at element 8/],
    ['a storage shorter than it says', op.tensor('DoubleStorage', '0', 9, 0, [9], [1]), /has 64 bytes; expected 72/],
    ['a storage that is not there', op.tensor('DoubleStorage', '7', 8, 0, [8], [1]), /no entry "model\/data\/7"/],
    ['a storage key that leads outside', op.tensor('DoubleStorage', '../data.pkl', 8, 0, [8], [1]), /no entry/],
    ['negative strides', op.tensor('DoubleStorage', '0', 8, 0, [8], [-1]), /strides/],
    ['negative sizes', op.tensor('DoubleStorage', '0', 8, 0, [-8], [1]), /sizes/],
    ['as many strides as sizes not', op.tensor('DoubleStorage', '0', 8, 0, [2, 4], [1]), /2 sizes but 1 strides/],
    [
      'one number repeated a billion times',
      op.tensor('DoubleStorage', '0', 8, 0, [1_000_000_000], [0]),
      /more elements than its storage/,
    ],
    [
      '2^31 × 2^31 × 2^31',
      op.tensor('DoubleStorage', '0', 8, 0, [2147483647, 2147483647, 2147483647], [0, 0, 0]),
      /more elements/,
    ],
    [
      '17 axes',
      op.tensor('DoubleStorage', '0', 8, 0, new Array<number>(17).fill(1), new Array<number>(17).fill(1)),
      /at most 16/,
    ],
  ])('%s', async (_, tensor, text) => {
    await refusal(torchArchive(state(tensor), { 0: storage }), text);
  });

  test('a layer number that would make the reader count to a billion', async () => {
    const tensor = op.tensor('DoubleStorage', '0', 8, 0, [8], [1]);
    const names = ['atomic_numbers', 'interactions.999999999.skip_tp.weight'].flatMap((name) => [
      op.text(name),
      tensor,
      op.setItem,
    ]);
    await refusal(
      torchArchive(pickle(op.emptyDict, op.text('model'), op.emptyDict, ...names, op.setItem), { 0: storage }),
      /interactions\.999999999; expected at most 64 layers/,
    );
  });

  test('a name with an escape sequence, and one without end', async () => {
    const named = (name: string): Uint8Array =>
      pickle(
        op.emptyDict,
        op.text('model'),
        op.emptyDict,
        op.text(name),
        op.tensor('DoubleStorage', '0', 8, 0, [8], [1]),
        op.setItem,
        op.setItem,
      );
    await refusal(torchArchive(named('x\u001b[2Jy'), { 0: storage }), /"x\\u001b\[2Jy"/);
    await refusal(torchArchive(named('x'.repeat(10_000)), { 0: storage }), /10000 characters/);
  });

  test('many tensors on one storage take no more than a multiple of the file', async () => {
    const big = new Uint8Array(400_000);
    const many = Array.from({ length: 2000 }, (_, i) =>
      bytesOf(op.text(`x${i}`), op.tensor('DoubleStorage', '0', 50_000, 0, [50_000], [1]), op.setItem),
    );
    const data = pickle(op.emptyDict, op.text('model'), op.emptyDict, ...many, op.setItem);
    const before = process.memoryUsage().arrayBuffers;
    await refusal(torchArchive(data, { 0: big }), /would take more than/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e8);
  });
});

describe('weights of a real model', () => {
  const model = oracleModel('layers-1');

  /** The model with one storage changed: the one whose tensor is the named weight, found by its bytes. */
  async function withWeight(name: string, change: (values: Float64Array) => void): Promise<Uint8Array> {
    const { weights } = await readModel(model);
    const wanted = new Uint8Array(weights[name]!.data.slice().buffer);
    let hits = 0;
    const bytes = repack(model, (_, data) => {
      if (data.length !== wanted.length || !wanted.every((byte, i) => byte === data[i])) return data;
      hits++;
      const values = new Float64Array(data.slice().buffer);
      change(values);
      return new Uint8Array(values.buffer);
    });
    expect(hits).toBe(1);
    return bytes;
  }

  test.each([NaN, Infinity, -Infinity])('%s is named with its tensor', async (value) => {
    const bytes = await withWeight('interactions.0.linear.weight', (values) => (values[3] = value));
    await refusal(bytes, new RegExp(`Weight interactions\\.0\\.linear\\.weight .* is ${value} at element 3`));
  });

  test('an element number outside the table', async () => {
    const opened = openZip(model);
    const key = [...opened.entries.keys()].find((name) => /\/data\/0$/.test(name))!; // atomic_numbers comes first
    const bytes = repack(model, (name, data) =>
      name === key ? new Uint8Array(BigInt64Array.of(1n, 6n, 200n).buffer) : data,
    );
    await refusal(bytes, /atomicNumbers: expected different atomic numbers from 1 to 118/);
  });

  test('weights stored as integers', async () => {
    const bytes = repack(model, (name, data) =>
      name.endsWith('/data.pkl')
        ? replaceBytes(data, bytesOf('torch\nDoubleStorage'), bytesOf('torch\nLongStorage'))
        : data,
    );
    await refusal(bytes, /Weight [\w.]+ .* is stored as Long; expected Double/);
  });

  test('a class of another kind', async () => {
    for (const [name, text] of [
      ['AtomicDipolesMACE', /dipole model \(AtomicDipolesMACE\)/],
      ['BOTNet', /a BOTNet/],
    ] as const) {
      const bytes = repack(model, (entry, data) =>
        entry.endsWith('/data.pkl')
          ? replaceBytes(data, bytesOf('models\nScaleShiftMACE'), bytesOf(`models\n${name}`))
          : data,
      );
      expect((await refusal(bytes, text)).code).toBe('unsupported');
    }
  });

  test('a block of another kind does not fit the weights', async () => {
    const bytes = repack(model, (entry, data) =>
      entry.endsWith('/data.pkl')
        ? replaceBytes(
            data,
            bytesOf('blocks\nRealAgnosticInteractionBlock'),
            bytesOf('blocks\nRealAgnosticDensityInteractionBlock'),
          )
        : data,
    );
    await refusal(bytes, /Weight interactions\.0\.density_fn\.layer0\.weight .* is missing/);
  });

  test.each([
    ['cuequivariance_torch.primitives.tensor_product', 'TensorProduct', /mace_cueq_to_e3nn/],
    ['openequivariance.TensorProduct', 'TensorProduct', /python -m mace\.cli\.convert_oeq_e3nn/],
    ['mace.modules.extensions', 'PolarMACE', /PolarMACE/],
    ['mace.modules.extensions', 'MACELES', /MACELES/],
    ['__torch__.mace.modules.extensions.___torch_mangle_7', 'MACELES', /MACELES/],
  ])('%s.%s is recognized', async (module, name, text) => {
    expect((await refusal(torchArchive(pickle(op.global(module, name))), text)).code).toBe('unsupported');
  });
});

describe('the own format', () => {
  const opened = readModel(oracleModel('layers-1'));
  const header = (bytes: Uint8Array): string =>
    new TextDecoder().decode(bytes.subarray(8, 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))));
  /** The file with its header changed, length corrected. */
  async function edited(change: (text: string) => string): Promise<Uint8Array> {
    const bytes = writeModelBytes(await opened);
    const text = header(bytes);
    const json = new TextEncoder().encode(change(text));
    expect(json).not.toEqual(new TextEncoder().encode(text));
    return bytesOf(
      new Uint8Array(BigUint64Array.of(BigInt(json.length)).buffer),
      json,
      bytes.subarray(8 + text.length),
    );
  }

  test.each<[string, (text: string) => string, RegExp]>([
    [
      'a name twice',
      (text) => text.replace('"r_max":', '"r_max":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"r_max":'),
      /occurs twice/,
    ],
    [
      'overlapping tensors',
      (text) => text.replace(/("r_max":\{[^}]*"data_offsets":)\[(\d+),(\d+)\]/, '$1[0,8]'),
      /begins at byte/,
    ],
    [
      'a shape that does not fit',
      (text) => text.replace(/("atomic_numbers":\{"dtype":"F64","shape":)\[3\]/, '$1[4]'),
      /takes bytes/,
    ],
    ['a number type that is not', (text) => text.replace('"dtype":"F64"', '"dtype":"I64"'), /expected F64 or F32/],
    ['a negative offset', (text) => text.replace(/"data_offsets":\[0,/, '"data_offsets":[-8,'), /data_offsets/],
    ['another format', (text) => text.replace('"mace-model"', '"something"'), /not a MACE model of this program/],
    ['a later version', (text) => text.replace('"formatVersion":"1"', '"formatVersion":"2"'), /Update it/],
    ['a setting of the wrong type', (text) => text.replace('\\"maxEll\\":2', '\\"maxEll\\":\\"2\\"'), /invalid maxEll/],
    [
      'a setting that is not known',
      (text) => text.replace('\\"maxEll\\":2', '\\"maxEll\\":2,\\"__proto__x\\":1'),
      /unknown field/,
    ],
    ['a setting that is missing', (text) => text.replace('\\"maxEll\\":2,', ''), /lack maxEll/],
    [
      'a setting that does not fit the weights',
      (text) => text.replace('\\"maxEll\\":2', '\\"maxEll\\":3'),
      /Weight interactions\.0/,
    ],
    ['no JSON', (text) => text.replace('{', '['), /not JSON|no model file/],
    ['metadata that are not texts', (text) => text.replace('"format":"mace-model"', '"format":1'), /__metadata__/],
  ])('%s', async (_, change, text) => {
    const bytes = await edited(change);
    await expect(Promise.resolve().then(() => readModelBytes(bytes))).rejects.toThrow(text);
  });

  test('a tensor missing', async () => {
    const model = await opened;
    const weights = { ...model.weights };
    delete weights['interactions.0.linear.weight'];
    expect(() => writeModelBytes({ ...model, weights })).toThrow(/interactions\.0\.linear\.weight .*missing/);
  });

  test('NaN is not written', async () => {
    const model = await opened;
    const data = model.weights['r_max']!.data.slice().fill(NaN);
    expect(() => writeModelBytes({ ...model, weights: { ...model.weights, r_max: { shape: [], data } } })).toThrow(
      /Weight r_max/,
    );
  });

  test('cut off or longer', async () => {
    const bytes = writeModelBytes(await opened);
    for (const length of [0, 7, 8, 100, bytes.length - 1])
      expect(() => readSafeTensors(bytes.subarray(0, length))).toThrow(/malformed/);
    expect(() => readSafeTensors(bytesOf(bytes, 'more'))).toThrow(/after the header/);
  });
});
