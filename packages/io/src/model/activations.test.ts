/** Gates that were given to mace-torch as modules: it computes with `torch.nn.Tanh()` as with `torch.tanh`. */
import { expect, test } from 'vitest';
import { oracleModel } from '../../test/hostile/build.js';
import { activationOf } from './activations.js';
import { modelOfArchive } from './mace-model.js';
import { findModule, moduleTree } from './module-tree.js';
import { PickleDict, PickleGlobal, PickleObject, PickleTuple, type PickleValue } from './pickle/values.js';
import { openTorchArchive } from './torch-archive.js';

/** Every dictionary of an object of a pickle that has the key. */
function* withKey(value: PickleValue, key: string): Generator<PickleDict> {
  const dict = value instanceof PickleObject ? value.state : value;
  if (!(dict instanceof PickleDict)) return;
  if (dict.entries.has(key)) yield dict;
  for (const item of dict.entries.values()) yield* withKey(item, key);
}

/** The model whose gate is a module of this class. */
function withGate(className: string) {
  const archive = openTorchArchive(oracleModel('gate-tanh'));
  for (const dict of withKey(archive.root, 'cst')) {
    if ((dict.get('f') as PickleGlobal).name !== 'tanh') continue;
    const gate = new PickleObject(new PickleGlobal('torch.nn.modules.activation', className), new PickleTuple([]));
    gate.state = new PickleDict();
    dict.entries.delete('f');
    (dict.get('_modules') as PickleDict).entries.set('f', gate);
  }
  return archive;
}

test('a gate that is a module', () => {
  const plain = modelOfArchive(openTorchArchive(oracleModel('gate-tanh')));
  const archive = withGate('Tanh');
  const node = findModule(moduleTree(archive.root), 'readouts.1.non_linearity.acts.0')!;
  expect(activationOf(node, archive)).toEqual({ name: 'tanh', constant: plain.config.activationConstants!.tanh });
  const { config, weights } = modelOfArchive(archive);
  expect(config).toEqual(plain.config);
  expect(weights).toEqual(plain.weights);
});

test('a gate that no MACE has is refused by its name', () => {
  expect(() => modelOfArchive(withGate('GELU'))).toThrow('activation is gelu; known are silu, tanh, sigmoid, abs');
});
