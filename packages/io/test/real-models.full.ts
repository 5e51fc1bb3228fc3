/** Trained models of real projects, of mace-torch 0.2 to 0.3.6. Needs MACE_FIXTURES. */
import { readFileSync, readdirSync } from 'node:fs';
import type { MaceModel } from '@mace/core';
import { describe, expect, test } from 'vitest';
import { inspectModel, readModel, readModelBytes, writeModelBytes } from '../src/index.js';

const fixtures = process.env['MACE_FIXTURES'];
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(`${fixtures}/models/${name}`));

/** Hyper-parameters that the papers, repositories and logs of these models name. */
const expected: Record<string, object> = {
  'GST_mace_swa.model': {
    storedPrecision: 'f64',
    hiddenIrreps: '64x0e+64x1o',
    correlation: [2, 2],
    maxEll: 3,
    cutoff: 5,
    atomicNumbers: [32, 51, 52],
  },
  'MACE_SPICE.model': {
    storedPrecision: 'f32',
    hiddenIrreps: '32x0e',
    correlation: [3, 3],
    maxEll: 3,
    cutoff: 4.5,
    atomicNumbers: [1, 3, 6, 7, 8, 9, 11, 12, 15, 16, 17, 19, 20, 35, 53],
  },
  'aiida_test.model': {
    storedPrecision: 'f32',
    hiddenIrreps: '16x0e',
    radialBasisSize: 6,
    interactionFirst: 'RealAgnosticResidualInteractionBlock',
    atomicNumbers: [1, 6, 8, 40],
  },
  'ani500k_small_CC.model': { storedPrecision: 'f64', hiddenIrreps: '64x0e', cutoff: 5, atomicNumbers: [1, 6, 7, 8] },
  'atomate2_MACE.model': { storedPrecision: 'f64', hiddenIrreps: '16x0e', cutoff: 3.5, atomicNumbers: [1, 14] },
  'ilyes319_model_swa.model': { storedPrecision: 'f32', hiddenIrreps: '16x0e', cutoff: 3, atomicNumbers: [1, 6, 8] },
  'mace01_swa.model': {
    storedPrecision: 'f64',
    hiddenIrreps: '32x0e',
    cutoff: 4,
    maxEll: 2,
    correlation: [2, 2],
    avgNumNeighbors: [9.86205556634933, 9.86205556634933],
  },
  'mace02_com1_swa.model': { storedPrecision: 'f64', hiddenIrreps: '16x0e', cutoff: 4, atomicNumbers: [1, 6, 8] },
};
/** True of all of them. */
const common = {
  model: 'ScaleShiftMACE',
  heads: ['Default'],
  numInteractions: 2,
  interaction: 'RealAgnosticResidualInteractionBlock',
  radialBasis: 'bessel',
  cutoffPower: 5,
  applyCutoff: true,
  edgeIrreps: null,
  radialMlp: [64, 64, 64],
  mlpIrreps: '16x0e',
  gate: 'silu',
  readoutClass: 'NonLinearReadoutBlock',
  distanceTransform: 'None',
  pairRepulsion: false,
};

describe.skipIf(!fixtures)('trained models (set MACE_FIXTURES)', () => {
  test.each(Object.entries(expected))('%s', async (name, config) => {
    const model = await readModel(bytesOf(name), { name });
    expect(model.config).toMatchObject({ ...common, ...config });
    expect(Object.keys(model.weights).every((key) => !/output_mask|_compiled|_zeroed/.test(key))).toBe(true);
    const again = readModelBytes(writeModelBytes(model));
    expect(again.config).toEqual(model.config);
    expectSameWeights(again, model);
  });

  test('the oracle was computed from the same bytes, elements and cutoffs', async () => {
    const summaries = new Map<string, Awaited<ReturnType<typeof inspectModel>>>();
    for (const name of Object.keys(expected)) {
      const summary = await inspectModel(bytesOf(name));
      summaries.set(summary.sha256, summary);
    }
    for (const file of readdirSync(`${fixtures}/oracle`)) {
      const oracle = JSON.parse(readFileSync(`${fixtures}/oracle/${file}`, 'utf8')) as {
        model_sha256: string;
        atomic_numbers: number[];
        r_max: number;
        parameter_dtype: string;
      };
      const config = summaries.get(oracle.model_sha256)!.model!.config;
      expect(config.atomicNumbers).toEqual(oracle.atomic_numbers);
      expect(config.cutoff).toBe(oracle.r_max);
      expect(config.storedPrecision).toBe(oracle.parameter_dtype === 'torch.float32' ? 'f32' : 'f64');
    }
  });

  test('a TorchScript file is the model it was compiled from', async () => {
    const compiled = await readModel(bytesOf('mace01_swa_compiled.model'));
    const model = await readModel(bytesOf('mace01_swa.model'));
    expect(compiled.config).toEqual(model.config);
    expect(compiled.provenance?.format).toBe('mace-torch TorchScript model');
    expectSameWeights(compiled, model);
  });

  test('a checkpoint with the settings of the model of its run', async () => {
    const like = await readModel(bytesOf('ilyes319_model_swa.model'));
    const model = await readModel(bytesOf('ilyes319_model_run-1234_epoch-14.pt'), { like });
    expect(model.config).toEqual(like.config);
    expect(Object.keys(model.weights).sort()).toEqual(Object.keys(like.weights).sort());
    await expect(readModel(bytesOf('ilyes319_model_run-1234_epoch-14.pt'))).rejects.toThrow(/--like MODEL/);
  });
});

function expectSameWeights(a: MaceModel, b: MaceModel): void {
  expect(Object.keys(a.weights).sort()).toEqual(Object.keys(b.weights).sort());
  for (const [name, { shape, data }] of Object.entries(a.weights)) {
    const other = b.weights[name]!;
    expect(shape, name).toEqual(other.shape);
    expect(data.constructor, name).toBe(other.data.constructor);
    expect(Buffer.from(data.buffer).equals(Buffer.from(other.data.buffer)), name).toBe(true);
  }
}
