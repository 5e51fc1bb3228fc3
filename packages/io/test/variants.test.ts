/** Files around a MACE, made by mace-torch 0.3.16 (variants/make_variants.py), against the model inside, in float64. */
import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { FormatError, createCalculator, reference, type MaceModel } from '@mace/core';
import { makeStructure } from '@mace/core/structure';
import { describe, expect, test } from 'vitest';
import { inspectModel, readModel, readModelBytes, writeModelBytes } from '../src/index.js';
import { modelOfCheckpoint } from '../src/model/checkpoint.js';
import { modelOfArchive } from '../src/model/mace-model.js';
import {
  PickleDict,
  PickleList,
  PickleTensor,
  type PickleObject,
  type PickleValue,
} from '../src/model/pickle/values.js';
import { openTorchArchive } from '../src/model/torch-archive.js';

interface Expected {
  readonly numbers: number[];
  readonly positions: number[][];
  readonly cell: number[][];
  readonly pbc: [boolean, boolean, boolean];
  readonly energy: number;
  readonly forces: number[][];
}

const folder = new URL('variants/', import.meta.url);
const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Record<string, Expected[]>;
const bytesOf = (name: string): Uint8Array => new Uint8Array(gunzipSync(readFileSync(new URL(`${name}.gz`, folder))));

/** Largest error of energies, eV, and forces, eV/Å. */
async function largestError(model: MaceModel, structures: readonly Expected[], head?: string): Promise<number> {
  const calculator = await createCalculator({ model, backend: reference(), precision: 'f64' });
  let largest = 0;
  for (const { energy, forces, ...structure } of structures) {
    const result = await calculator.evaluate(
      makeStructure({
        numbers: structure.numbers,
        positions: structure.positions.flat(),
        cell: structure.cell.flat(),
        pbc: structure.pbc,
      }),
      { properties: ['forces'], ...(head !== undefined && { head }) },
    );
    largest = Math.max(largest, Math.abs(result.energy - energy));
    for (const [i, value] of forces.flat().entries()) largest = Math.max(largest, Math.abs(result.forces![i]! - value));
  }
  await calculator.dispose();
  return largest;
}

const models = Object.keys(expected).filter((name) => !/^lora-.*\.pt$/.test(name));

describe('wrappers, adapters and layouts', () => {
  test.each(models)('%s', async (name) => {
    const model = await readModel(bytesOf(name), { name });
    const several = model.config.heads.length > 1;
    expect(await largestError(model, expected[name]!, several ? model.config.heads[0] : undefined)).toBeLessThan(1e-9);
    const converted = readModelBytes(writeModelBytes(model));
    expect(converted.config).toEqual(model.config);
    expect(converted.provenance).toEqual(model.provenance);
  });

  test.each([
    ['lammps-a.pt', ['a']],
    ['lammps-pickled-Default.pt', ['Default']],
    ['mliap-a.pt', ['a']],
    ['lammps-headless.pt', ['Default']],
  ])('%s has the head of its wrapper and no other', async (name, heads) => {
    const { model, refusal } = await inspectModel(bytesOf(name), { name });
    expect(refusal).toBeNull();
    expect(model!.config.heads).toEqual(heads);
    expect(model!.provenance['wrapper']).toMatch(/LAMMPS/);
  });

  test.each([
    ['summed.pt', /holds a Summed around 2 modules \(model, dispersion\)/],
    ['cueq-reduced.model', /reduced basis .*mace_cueq_to_e3nn/],
  ])('%s is refused by its kind', async (name, text) => {
    const reading = readModel(bytesOf(name), { name });
    await expect(reading).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(text) as string,
    });
    await expect(reading).rejects.toThrow(name);
  });
});

/** A tensor of twice the length. */
function twice(value: PickleValue): PickleValue {
  const { storage, offset, shape } = value as PickleTensor;
  return new PickleTensor(storage, offset, [2 * shape[0]!], [0]);
}

/** The file with one attribute or buffer of its outermost module changed. */
function changed(name: string, key: string, value: PickleValue): () => MaceModel {
  const archive = openTorchArchive(bytesOf(name));
  const set = (dict: PickleValue | undefined): void => {
    if (!(dict instanceof PickleDict)) return;
    if (dict.entries.has(key)) dict.entries.set(key, value);
    set(dict.get('_buffers'));
  };
  set((archive.root as PickleObject).state);
  return () => modelOfArchive(archive);
}

describe('wrappers whose model has other settings than they repeat', () => {
  test.each<[string, string, PickleValue, RegExp]>([
    ['lammps-a.pt', 'r_max', 3, /LAMMPS_MACE of this file has r_max = 3, but its model has 3\.5: /],
    [
      'lammps-pickled-Default.pt',
      'atomic_numbers',
      new PickleList([8, 6, 1]),
      /atomic_numbers = 8 6 1, .* has 1 6 8: /,
    ],
    ['lammps-a.pt', 'num_interactions', 3, /num_interactions = 3, but its model has 2: /],
    ['mliap-a.pt', 'rcutfac', 1.5, /MLIAP_MACE of this file has 2 rcutfac = 3, but its model has 3\.5: /],
    ['mliap-a.pt', 'num_species', 5, /num_species = 5, but its model has 3: /],
    ['mliap-a.pt', 'element_types', new PickleList(['C', 'H', 'O']), /element_types = 6 1 8, .* has 1 6 8: /],
  ])('%s: %s', (name, key, value, text) => {
    expect(changed(name, key, value)).toThrow(text);
  });
});

describe('checkpoints with adapters', () => {
  const told = { avgNumNeighbors: [5.1], gate: 'silu', applyCutoff: true } as const;
  const settings: Record<string, object> = {
    'lora-odd.pt': { hiddenIrreps: '2x0e+2x0o+2x1o+2x1e' },
    'lora-layers.pt': { edgeIrreps: '1x0e+1x1o' },
  };

  test.each(Object.keys(expected).filter((name) => /^lora-.*\.pt$/.test(name)))('%s with its α', async (name) => {
    const like = { ...told, ...settings[name] };
    const model = await readModel(bytesOf(name), { name, like, loraAlpha: 7 });
    expect(await largestError(model, expected[name]!)).toBeLessThan(1e-9);
  });

  test('without α: refused by that name', async () => {
    await expect(readModel(bytesOf('lora-residual.pt'), { like: told })).rejects.toThrow(
      /LoRA adapters that are not merged .*`--lora-alpha`/,
    );
  });

  test('α of a model of the same run, also of one that was converted', async () => {
    const like = readModelBytes(writeModelBytes(await readModel(bytesOf('lora-residual.model'))));
    const model = await readModel(bytesOf('lora-residual.pt'), { like });
    expect(await largestError(model, expected['lora-residual.pt']!)).toBeLessThan(1e-9);
    await expect(readModel(bytesOf('lora-residual.pt'), { like, loraAlpha: 3 })).rejects.toThrow(/α .* is 3 .* but 7/);
  });

  test('a model whose adapters have other ranks or sit on other layers, or has none in the checkpoint', async () => {
    const like = await readModel(bytesOf('lora-residual.model'));
    const ranks = like.provenance!['loraRanks'] as Record<string, number>;
    const [layer = '', ...others] = Object.keys(ranks);
    const told = (loraRanks: object): MaceModel => ({ ...like, provenance: { ...like.provenance, loraRanks } });
    const reading = (loraRanks: object): Promise<MaceModel> =>
      readModel(bytesOf('lora-residual.pt'), { like: told(loraRanks) });
    await expect(reading({ ...ranks, [layer]: 5 })).rejects.toThrow(
      `LoRA adapter of ${layer} is of rank ${ranks[layer]} in the checkpoint, of rank 5 there`,
    );
    await expect(reading(Object.fromEntries(others.map((name) => [name, ranks[name]])))).rejects.toThrow(
      `LoRA adapter of ${layer} is of rank ${ranks[layer]} in the checkpoint, absent there`,
    );
    await expect(reading({ ...ranks, 'readouts.7.linear': 1 })).rejects.toThrow('absent in the checkpoint');
    // The model before the training, or after the merge, has none; then α is told.
    const { config, weights } = like;
    const merged = await readModel(bytesOf('lora-residual.pt'), {
      like: { config, weights },
      loraAlpha: 7,
    });
    expect(await largestError(merged, expected['lora-residual.pt']!)).toBeLessThan(1e-9);
  });

  test('what is missing is named at once', async () => {
    await expect(readModel(bytesOf('lora-residual.pt'))).rejects.toThrow(
      /needed: avgNumNeighbors, gate, applyCutoff, the α of its LoRA adapters \(`--lora-alpha`\)/,
    );
  });

  test('settings with wrong values say what is allowed', async () => {
    const reading = (settings: object): Promise<MaceModel> =>
      readModel(bytesOf('lora-residual.pt'), { name: 'a.pt', like: { ...told, ...settings }, loraAlpha: 7 });
    await expect(reading({ gate: 'swish' })).rejects.toThrow(
      /given with `--like` have an invalid gate: "swish"; expected one of "silu", "tanh"/,
    );
    await expect(reading({ applyCutoff: 'false' })).rejects.toThrow(/true or false, without quotes/);
    await expect(reading({ avgNumNeighbors: [-9] })).rejects.toThrow(/a list in brackets, of which each is a positive/);
    const model = await reading({ avgNumNeighbors: 5.1 });
    expect(await largestError(model, expected['lora-residual.pt']!)).toBeLessThan(1e-9);
  });

  /** The checkpoint with its tensors changed or under other names; the dictionary is under `key`. */
  const altered = (change: (entries: [string, PickleValue][]) => [string, PickleValue][], key = 'model') => {
    const archive = openTorchArchive(bytesOf('lora-residual.pt'));
    const state = (archive.root as PickleDict).get('model') as PickleDict;
    const next = new PickleDict();
    for (const [name, value] of change([...state.entries] as [string, PickleValue][])) next.entries.set(name, value);
    const root = new PickleDict();
    root.entries.set(key, next);
    return (): MaceModel => modelOfCheckpoint({ ...archive, root }, { like: told, loraAlpha: 7 });
  };

  test.each(['module.', '_orig_mod.', 'module._orig_mod.', 'model.'])('under the prefix %s', (prefix) => {
    const plain = altered((entries) => entries)();
    const key = prefix === 'model.' ? 'state_dict' : 'model';
    const model = altered((entries) => entries.map(([name, value]) => [prefix + name, value]), key)();
    expect(model).toEqual(plain);
    const half = altered((entries) => entries.map(([name, value], i) => [i % 2 ? name : prefix + name, value]));
    expect(half).toThrow(FormatError);
  });

  test('of dipole models: refused by name', () => {
    const without = (pattern: RegExp): ReturnType<typeof altered> =>
      altered((entries) => entries.filter(([name]) => !pattern.test(name)));
    expect(without(/^scale_shift|atomic_energies/)).toThrow(/that of a dipole model \(AtomicDipolesMACE\): it has no/);
    const dielectric = altered((entries) => [
      ...entries.filter(([name]) => !/^scale_shift|atomic_energies/.test(name)),
      ['polarizability_mean', entries.find(([name]) => name === 'r_max')![1]],
    ]);
    expect(dielectric).toThrow(/that of a dipole and polarizability model \(AtomicDielectricMACE\)/);
    const vectors = altered((entries) =>
      entries.flatMap(([name, value]) =>
        name.startsWith('scale_shift')
          ? []
          : [[name, name.startsWith('readouts.0.linear.base.weight') ? twice(value) : value]],
      ),
    );
    expect(vectors).toThrow(/energy and dipole model \(EnergyDipolesMACE\): its readouts give more/);
  });

  test('α told in vain', async () => {
    await expect(readModel(bytesOf('one-layer-old.model'), { loraAlpha: 7 })).rejects.toThrow(
      /whole model.*--lora-alpha/,
    );
  });

  test('a model of another run', async () => {
    const like = await readModel(bytesOf('lora-residual.model'));
    const weights = { ...like.weights };
    const energies = weights['atomic_energies_fn.atomic_energies']!;
    weights['atomic_energies_fn.atomic_energies'] = { ...energies, data: energies.data.map((e) => e - 1) };
    await expect(readModel(bytesOf('lora-residual.pt'), { like: { ...like, weights } })).rejects.toThrow(
      /not of the run of this checkpoint: atomic_energies_fn\.atomic_energies of Z = 1/,
    );
    const others = { ...like, config: { ...like.config, atomicNumbers: [...like.config.atomicNumbers, 92] } };
    const reading = readModel(bytesOf('lora-residual.pt'), { like: others });
    await expect(reading).rejects.toThrow(/atomicNumbers is .*92\] there\. /);
    const cutoff = { ...like, config: { ...like.config, cutoff: 4, gate: 'tanh' as const } };
    await expect(readModel(bytesOf('lora-residual.pt'), { like: cutoff })).rejects.toThrow(
      /cutoff is 3\.5 .*, 4 there/,
    );
  });
});

test('every file has its numbers, or its refusal', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.gz'));
  const refused = ['summed.pt', 'cueq-reduced.model'];
  expect(files.map((name) => name.slice(0, -3)).sort()).toEqual([...Object.keys(expected), ...refused].sort());
});
