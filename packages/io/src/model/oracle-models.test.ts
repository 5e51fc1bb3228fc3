/** Models that mace-torch 0.3.16 built, one for each of its options: every argument has to come back from the file. */
import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { MaceConfig, MaceModel } from '@mace/core';
import { describe, expect, test } from 'vitest';
import { oracleModel } from '../../test/hostile/build.js';
import { inspectModel, readCheckpoint, readModel, readModelBytes, writeModelBytes } from '../index.js';
import { configOfStateDict } from './state-dict-rules.js';

const oracle = new URL('../../test/oracle/', import.meta.url);
const namesIn = (folder: string, ending: string): string[] => {
  try {
    return readdirSync(new URL(folder, oracle))
      .filter((name) => name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length));
  } catch {
    return [];
  }
};
const gunzipped = (path: string): Uint8Array => new Uint8Array(gunzipSync(readFileSync(new URL(path, oracle))));
const models = namesIn('models', '.model.gz');

interface Options {
  readonly [name: string]: unknown;
  readonly num_interactions: number;
  readonly correlation: number | number[];
  readonly hidden_irreps: string;
  readonly embedding_specs?: Record<string, Record<string, unknown>>;
}

/** The configuration that upstream's constructor arguments mean. */
function expected(options: Options, json: { dtype: string; model_class: string }): MaceConfig {
  const layers = options.num_interactions;
  const get = <T>(name: string, fallback: T): T => (options[name] ?? fallback) as T;
  return {
    model: json.model_class as 'MACE',
    storedPrecision: json.dtype === 'float32' ? 'f32' : 'f64',
    atomicNumbers: get('atomic_numbers', []),
    heads: get('heads', []),
    cutoff: json.dtype === 'float32' ? Math.fround(get('r_max', 0)) : get('r_max', 0),
    radialBasis: get('radial_type', 'bessel'),
    radialBasisSize: get('num_bessel', 0),
    cutoffPower: get('num_polynomial_cutoff', 0),
    distanceTransform: get('distance_transform', 'None'),
    applyCutoff: get('apply_cutoff', true),
    pairRepulsion: get('pair_repulsion', false),
    maxEll: get('max_ell', 0),
    numInteractions: layers,
    interactionFirst: get('interaction_cls_first', 'RealAgnosticInteractionBlock'),
    interaction:
      layers === 1
        ? get('interaction_cls_first', 'RealAgnosticInteractionBlock')
        : get('interaction_cls', 'RealAgnosticInteractionBlock'),
    hiddenIrreps: layers === 1 ? options.hidden_irreps.split('+')[0]! : options.hidden_irreps,
    edgeIrreps: get('edge_irreps', null),
    useEdgeIrrepsFirst: get('use_edge_irreps_first', false),
    correlation:
      typeof options.correlation === 'number'
        ? new Array<number>(layers).fill(options.correlation)
        : options.correlation,
    radialMlp: get('radial_MLP', []),
    mlpIrreps: layers === 1 ? '16x0e' : get('MLP_irreps', ''),
    gate: layers === 1 ? 'silu' : get('gate', 'silu'),
    readoutClass: get('readout_cls', 'NonLinearReadoutBlock'),
    useSo3: get('use_so3', false),
    useAgnosticProduct: get('use_agnostic_product', false),
    useLastReadoutOnly: get('use_last_readout_only', false),
    keepLastLayerIrreps: get('keep_last_layer_irreps', false),
    useReducedCg: get('use_reduced_cg', false),
    embeddings: Object.entries(options.embedding_specs ?? {}).map(([name, spec]) => ({
      name,
      ...(spec['key'] === undefined ? {} : { key: spec['key'] as string }),
      per: spec['per'] as 'graph',
      embeddingSize: spec['emb_dim'] as number,
      ...(spec['type'] === 'categorical'
        ? {
            type: 'categorical' as const,
            numClasses: spec['num_classes'] as number,
            offset: (spec['offset'] ?? 0) as number,
          }
        : {
            type: 'continuous' as const,
            inputSize: spec['in_dim'] as number,
            useBias: (spec['use_bias'] ?? true) as boolean,
          }),
    })),
    useEmbeddingReadout: get('use_embedding_readout', false),
    avgNumNeighbors: new Array<number>(layers).fill(get('avg_num_neighbors', 0)),
  };
}

describe.skipIf(models.length === 0)('models of mace-torch', () => {
  test.each(models)('%s', async (name) => {
    const json = JSON.parse(readFileSync(new URL(`expected/${name}.json`, oracle), 'utf8')) as {
      options: Options;
      dtype: string;
      model_class: string;
      sha256: string;
    };
    const model = await readModel(oracleModel(name), { name });
    const { activationConstants, ...config } = model.config;
    expect(config).toEqual(expected(json.options, json));
    expect(activationConstants?.silu).toBeCloseTo(1.6791767, 6);
    expect(model.provenance).toMatchObject({ format: 'mace-torch model', source: name, sha256: json.sha256 });
    for (const tensor of Object.values(model.weights))
      expect(tensor.data.length).toBe(tensor.shape.reduce((size, n) => size * n, 1));

    // The same settings from the tensors alone, told only what no tensor shows.
    const {
      avgNumNeighbors,
      gate,
      heads,
      applyCutoff,
      embeddings,
      edgeIrreps,
      useEdgeIrrepsFirst,
      hiddenIrreps,
      useSo3,
      useReducedCg,
      interactionFirst,
    } = config;
    const told = {
      avgNumNeighbors,
      gate,
      heads,
      applyCutoff,
      embeddings,
      edgeIrreps,
      useEdgeIrrepsFirst,
      hiddenIrreps,
      useSo3,
      useReducedCg,
    };
    const fixedWidths =
      interactionFirst === 'RealAgnosticAttResidualInteractionBlock' ? { radialMlp: config.radialMlp } : {};
    expect(configOfStateDict(model.weights, { ...told, ...fixedWidths })).toEqual(config);

    expectSame(readModelBytes(writeModelBytes(model)), model);
  });
});

/** Bit for bit: also the kind of array, and −0. */
function expectSame(a: MaceModel, b: MaceModel): void {
  expect(a.config).toEqual(b.config);
  expect(a.provenance).toEqual(b.provenance);
  expect(Object.keys(a.weights).sort()).toEqual(Object.keys(b.weights).sort());
  for (const [name, tensor] of Object.entries(a.weights)) {
    const other = b.weights[name]!;
    expect(tensor.shape).toEqual(other.shape);
    expect(tensor.data.constructor).toBe(other.data.constructor);
    expect(
      Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength).equals(
        Buffer.from(other.data.buffer, other.data.byteOffset, other.data.byteLength),
      ),
      name,
    ).toBe(true);
  }
}

describe.skipIf(namesIn('refused', '.model.gz').length === 0)('other kinds of models of mace-torch', () => {
  test.each(namesIn('refused', '.model.gz'))('%s is refused by name', async (name) => {
    const bytes = gunzipped(`refused/${name}.model.gz`);
    await expect(readModel(bytes)).rejects.toMatchObject({
      code: 'unsupported',
      reason: 'model',
      message: expect.stringContaining(name) as string,
    });
    expect((await inspectModel(bytes)).refusal?.message).toContain(name);
  });
});

describe.skipIf(namesIn('checkpoints', '.pt.gz').length === 0)('checkpoints of mace_run_train', () => {
  test.each(namesIn('checkpoints', '.pt.gz'))('%s', async (name) => {
    const bytes = gunzipped(`checkpoints/${name}.pt.gz`);
    const parent = await readModel(oracleModel(name.replace(/_run-.*/, '')));
    const model = await readModel(bytes, { like: parent });
    expect(model.config).toEqual(parent.config);
    expect(Object.keys(model.weights).sort()).toEqual(Object.keys(parent.weights).sort());

    await expect(readModel(bytes)).rejects.toThrow(
      /needed: avgNumNeighbors, gate, applyCutoff\. Give a model of the same run \(`--like MODEL`\)/,
    );
    const byHand = readCheckpoint(bytes, {
      hyperParameters: { avgNumNeighbors: [parent.config.avgNumNeighbors[0]!], gate: 'silu', applyCutoff: true },
    });
    const { activationConstants: _, ...config } = parent.config;
    expect(byHand.config).toEqual(config);
    expect(() => readCheckpoint(bytes, { hyperParameters: { ...byHand.config, avgNumNeighbors: [1, 2, 3] } })).toThrow(
      /2 layers, but avgNumNeighbors has 3/,
    );
    expect(() => readCheckpoint(bytes, { hyperParameters: { ...byHand.config, heads: ['a', 'b'] } })).toThrow(
      /1 head, but the settings name 2/,
    );
    expect(() => readCheckpoint(bytes, { hyperParameters: { gat: 'silu' } as never })).toThrow(/unknown field "gat"/);
  });
});

test('inspect counts the trained values as PyTorch does', async () => {
  const { model, refusal } = await inspectModel(oracleModel('layers-1'));
  expect(refusal).toBeNull();
  expect(model!.parameters).toBe(457); // sum(p.numel() for p in model.parameters()) in mace-torch
  expect(model!.asWritten).toMatchObject({ class: 'mace.modules.models.ScaleShiftMACE', heads: ['Default'] });
  expect(Object.keys(model!.isolatedAtomEnergies['Default']!)).toEqual(['1', '6', '8']);
});
