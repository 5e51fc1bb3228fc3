/** Whole models of mace-torch with one statement changed, each of which was once computed without a word. */
import type { MaceModel, Tensor } from '@mace/core';
import { describe, expect, test } from 'vitest';
import { readModel, readModelBytes, writeModelBytes } from '../src/index.js';
import { modelOfArchive } from '../src/model/mace-model.js';
import {
  PickleDict,
  PickleGlobal,
  PickleObject,
  PickleTensor,
  PickleTuple,
  type PickleValue,
} from '../src/model/pickle/values.js';
import { readSafeTensors, writeSafeTensors } from '../src/mace-format/safetensors.js';
import { openTorchArchive } from '../src/model/torch-archive.js';
import { oracleModel } from './hostile/build.js';

/** The value below a path of attributes, modules, parameters and keys, and the dictionary that holds it. */
function placeOf(root: PickleValue, path: readonly string[]): { dict: PickleDict; value: PickleValue } {
  const own = root instanceof PickleDict ? root : ((root as PickleObject).state as PickleDict);
  const [key = '', ...rest] = path;
  const dict = [own, ...['_modules', '_parameters', '_buffers'].map((name) => own.get(name))].find(
    (candidate): candidate is PickleDict => candidate instanceof PickleDict && candidate.entries.has(key),
  );
  if (!dict) throw new Error(`the model has no ${path.join('.')}`);
  const value = dict.get(key)!;
  return rest.length === 0 ? { dict, value } : placeOf(value, rest);
}

/** The model with what stands at a path replaced, or removed. */
function changed(name: string, path: string, change: (value: PickleValue) => PickleValue | undefined): () => MaceModel {
  const archive = openTorchArchive(oracleModel(name));
  const { dict, value } = placeOf(archive.root, path.split('/'));
  const next = change(value);
  const key = path.split('/').at(-1)!;
  if (next === undefined) dict.entries.delete(key);
  else dict.entries.set(key, next);
  return () => modelOfArchive(archive);
}

const transposed = (value: PickleValue): PickleTensor => {
  const { storage, offset, shape, strides } = value as PickleTensor;
  return new PickleTensor(storage, offset, [...shape].reverse(), [...strides].reverse());
};

describe('tensors of the right number of values in another shape', () => {
  test.each([
    ['base-mace', 'interactions/0/conv_tp_weights/layer0/weight'],
    ['block-nonlinear-residual', 'interactions/0/conv_tp_weights/net/0/weight'],
    ['readout-bias-two-heads', 'atomic_energies_fn/atomic_energies'],
    ['embedding-charge-spin', 'joint_embedding/project/0/weight'],
  ])('%s: %s transposed', (name, path) => {
    expect(() => changed(name, path, (value) => value)()).not.toThrow();
    expect(changed(name, path, transposed)).toThrow(
      new RegExp(`Weight ${path.replaceAll('/', '.')} has the shape \\[(\\d+) (\\d+)\\]; expected \\[\\2 \\1\\] from`),
    );
  });

  test('in our own format', async () => {
    const model = await readModel(oracleModel('base-mace'));
    const name = 'interactions.0.conv_tp_weights.layer0.weight';
    const { tensors, metadata } = readSafeTensors(writeModelBytes(model));
    const { shape, data } = tensors[name]!;
    const turned: Record<string, Tensor> = { ...tensors, [name]: { shape: [...shape].reverse(), data } };
    expect(() => readModelBytes(writeSafeTensors(turned, Object.fromEntries(metadata)))).toThrow(
      `Weight ${name} has the shape`,
    );
  });
});

test('a repulsion that is stated but not there', () => {
  expect(changed('zbl', 'pair_repulsion', (value) => value)).not.toThrow();
  const archive = openTorchArchive(oracleModel('gate-tanh'));
  placeOf(archive.root, ['training']).dict.entries.set('pair_repulsion', true);
  expect(() => modelOfArchive(archive)).toThrow("model's pair_repulsion is true; expected false");
});

describe('two statements of what is embedded', () => {
  /** The specifications with the order of the entries, or one number of the first, changed. */
  const reversed = (value: PickleValue): PickleDict => {
    const next = new PickleDict();
    for (const [name, spec] of [...(value as PickleDict).entries].reverse()) next.entries.set(name, spec);
    return next;
  };
  test.each(['embedding_specs', 'joint_embedding/specs'])('%s in another order', (path) => {
    expect(changed('embedding-charge-spin', path, reversed)).toThrow(
      /embedding_specs are \[.*, but those of its joint_embedding are \[/,
    );
  });
});

describe('buffers with which mace-torch computes are no defaults', () => {
  test.each([
    ['zbl', 'pair_repulsion_fn.p'],
    ['zbl', 'pair_repulsion_fn.covalent_radii'],
    ['transform-agnesi', 'radial_embedding.distance_transform.covalent_radii'],
    ['base-mace', 'radial_embedding.bessel_fn.prefactor'],
    ['base-mace', 'radial_embedding.cutoff_fn.r_max'],
  ])('%s in our own format without %s', async (name, buffer) => {
    const { tensors, metadata } = readSafeTensors(writeModelBytes(await readModel(oracleModel(name))));
    const { [buffer]: gone, ...others } = tensors;
    expect(gone).toBeDefined();
    expect(() => readModelBytes(writeSafeTensors(others, Object.fromEntries(metadata)))).toThrow(
      `Weight ${buffer} is missing`,
    );
  });
});

describe('a layer too many, which has no tensor', () => {
  test.each([
    ['block-density', 'interactions/0/density_fn/layer0', 'act'],
    ['base-mace', 'interactions/0/conv_tp_weights', 'layer9'],
    ['block-nonlinear-residual', 'interactions/0/conv_tp_weights/net', '99'],
    ['embedding-charge-spin', 'joint_embedding/project', '2'],
  ])('%s: %s/%s', (name, path, key) => {
    const layer = new PickleObject(new PickleGlobal('torch.nn.modules.activation', 'SiLU'), new PickleTuple([]));
    layer.state = new PickleDict();
    const add = (value: PickleValue): PickleValue => {
      const modules = ((value as PickleObject).state as PickleDict).get('_modules') as PickleDict;
      modules.entries.set(key, layer);
      return value;
    };
    expect(changed(name, path, add)).toThrow(
      `${path.replaceAll('/', '.')} has the module ${key}, a SiLU, which no model`,
    );
  });

  test('an embedding whose rows are scaled', () => {
    const { dict } = placeOf(openTorchArchive(oracleModel('omol-like')).root, ['joint_embedding', 'embedders']);
    const [name] = (
      ((dict.get('embedders') as PickleObject).state as PickleDict).get('_modules') as PickleDict
    ).entries.keys();
    const path = `joint_embedding/embedders/${String(name)}/max_norm`;
    expect(changed('omol-like', path, () => 0.1)).toThrow('max_norm is number 0.1; expected None');
  });
});
