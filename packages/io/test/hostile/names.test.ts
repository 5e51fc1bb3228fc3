/** Names that a hostile pickle asks for: none is looked up, each ends the reading with its name. */
import { describe, expect, test } from 'vitest';
import { RefusedNameError, inspectModel, readModel } from '../../src/model/index.js';
import { bytesOf, op, oracleModel, pickle, repack, torchArchive } from './build.js';
import { refusal } from './expect-error.js';

describe('names outside the allow-list', () => {
  const calls: [string, string, string][] = [
    ['os', 'system', 'echo pwned'],
    ['posix', 'system', 'echo pwned'],
    ['builtins', 'eval', '1+1'],
    ['__builtin__', 'exec', 'import os'],
    ['subprocess', 'Popen', 'id'],
    ['importlib', 'import_module', 'os'],
    ['torch', 'load', 'other.pt'],
    ['torch.storage', '_load_from_bytes', 'x'],
    ['numpy', 'load', 'x'],
    ['mace.modules.models', 'os', 'x'],
    ['__torch__', 'x\u0000y', 'x'],
  ];
  test.each(calls)('%s.%s', async (module, name, argument) => {
    const error = await refusal(torchArchive(pickle(op.call(module, name, op.text(argument)))), /Nothing was executed/);
    expect(error).toBeInstanceOf(RefusedNameError);
    expect((error as RefusedNameError).refused).toBe(`${module}.${name}`);
  });

  test('is reported by inspect, with the name', async () => {
    const summary = await inspectModel(torchArchive(pickle(op.call('os', 'system', op.text('id')))));
    expect(summary).toMatchObject({
      format: 'PyTorch archive',
      model: null,
      refusal: { code: 'format', name: 'os.system' },
    });
    expect(summary.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('by STACK_GLOBAL, whose names are values', async () => {
    await refusal(torchArchive(pickle(op.text('os'), op.text('system'), bytesOf(0x93))), /os\.system/);
  });

  test('hidden behind the allowed ones in a real model', async () => {
    const bytes = repack(oracleModel('layers-1'), (name, data) =>
      name.endsWith('/data.pkl')
        ? bytesOf(data.subarray(0, data.length - 1), op.call('os', 'system', op.text('id')), op.stop)
        : data,
    );
    await refusal(bytes, /`os\.system`/);
  });
});

test.each([
  ['torch._dynamo.eval_frame', 'OptimizedModule', /wrapper of torch\.compile.*torch\.save\(model\._orig_mod, FILE\)/],
  ['torch.nn.parallel.data_parallel', 'DataParallel', /DataParallel.*torch\.save\(model\.module, FILE\)/],
  ['torch.nn.functional', 'relu', /the activation relu.*silu, tanh, abs or None/],
])('%s.%s is no danger but no model either: what to do instead', async (module, name, text) => {
  const bytes = torchArchive(pickle(op.global(module, name)));
  await expect(readModel(bytes)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringMatching(text) as string,
  });
});

describe('allowed names in calls that no model makes', () => {
  test('getattr other than the activations', async () => {
    const owner = op.global('torch._C', '_VariableFunctionsClass');
    for (const name of ['load', '__class__', '__subclasses__', 'from_file'])
      await refusal(torchArchive(pickle(op.call('builtins', 'getattr', owner, op.text(name)))), /getattr/);
    await refusal(
      torchArchive(
        pickle(op.call('builtins', 'getattr', op.global('torch.nn.functional', 'silu'), op.text('__globals__'))),
      ),
      /getattr/,
    );
  });

  test('a chain of __reduce__: the result of a call is no name to call', async () => {
    const inner = op.call('collections', 'OrderedDict');
    await refusal(
      torchArchive(pickle(inner, op.tupleOf(op.text('x')), op.reduce)),
      /calls a dict, which is not a name/,
    );
    await refusal(torchArchive(pickle(op.text('os.system'), op.tupleOf(op.text('x')), op.reduce)), /not a name/);
  });

  test('a value that is only a label', async () => {
    await refusal(torchArchive(pickle(op.call('torch.nn.functional', 'silu', op.int(1)))), /only allowed as a value/);
    await refusal(
      torchArchive(pickle(op.global('torch', 'DoubleStorage'), op.emptyTuple, op.newObject)),
      /only allowed as a value/,
    );
  });

  test('_codecs.encode with another codec', async () => {
    await refusal(torchArchive(pickle(op.call('_codecs', 'encode', op.text('x'), op.text('rot13')))), /latin1/);
  });
});

test('names of prototypes are ordinary keys', async () => {
  const dict = bytesOf(
    op.emptyDict,
    op.text('__proto__'),
    bytesOf(op.emptyDict, op.text('polluted'), op.int(1), op.setItem),
    op.setItem,
    op.text('constructor'),
    op.none,
    op.setItem,
  );
  await refusal(torchArchive(pickle(dict)), /does not hold a model/);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('tensors named like prototypes do not reach the prototype', async () => {
  const state = bytesOf(
    op.emptyDict,
    op.text('model'),
    bytesOf(
      op.emptyDict,
      ...['__proto__', 'constructor', 'toString'].flatMap((name) => [
        op.text(name),
        op.tensor('DoubleStorage', '0', 1, 0, [1], [1]),
        op.setItem,
      ]),
    ),
    op.setItem,
  );
  await refusal(torchArchive(pickle(state), { 0: new Uint8Array(8) }), /not that of a MACE/);
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});

test('the control: the same model unchanged is read', async () => {
  const model = await readModel(oracleModel('layers-1'));
  expect(model.config.numInteractions).toBe(1);
});
