/** Files of our own format whose settings were changed by hand: the copies in the same file tell. */
import { describe, expect, test } from 'vitest';
import type { MaceModel } from '@mace/core';
import { readModel, readModelBytes, writeModelBytes } from '../src/index.js';
import { readSafeTensors, writeSafeTensors } from '../src/mace-format/safetensors.js';
import { selectHead } from '@mace/core/model';
import { oracleModel } from './hostile/build.js';

/** The file with one entry of its metadata changed. */
function edited(model: MaceModel, entry: string, change: (value: Record<string, unknown>) => unknown): Uint8Array {
  const { tensors, metadata } = readSafeTensors(writeModelBytes(model));
  const value = JSON.parse(metadata.get(entry)!) as Record<string, unknown>;
  return writeSafeTensors(tensors, { ...Object.fromEntries(metadata), [entry]: JSON.stringify(change(value)) });
}

describe('settings against what stands beside them', async () => {
  const model = await readModel(oracleModel('heads-3'));
  const { heads } = model.config;
  const set = (name: string, value: unknown) => (config: object) => ({ ...config, [name]: value });

  test('heads in another order, or under other names', () => {
    const reversed = edited(model, 'config', set('heads', [...heads].reverse()));
    expect(() => readModelBytes(reversed)).toThrow(
      /contradicts itself: isolatedAtomEnergies is .*weights and heads give/,
    );
    const { tensors, metadata } = readSafeTensors(reversed);
    const { isolatedAtomEnergies, ...others } = Object.fromEntries(metadata);
    expect(isolatedAtomEnergies).toContain(heads[0]);
    expect(() => readModelBytes(writeSafeTensors(tensors, others))).toThrow(
      /asWritten\.heads is .* but config\.heads is/,
    );
  });

  test.each([
    ['applyCutoff', false, /asWritten\.apply_cutoff is true, but config\.applyCutoff is false/],
    ['gate', 'tanh', /activationConstants: expected that of the gate tanh among them, got \{"silu"/],
  ])('%s', (name, value, text) => {
    expect(() => readModelBytes(edited(model, 'config', set(name, value)))).toThrow(text);
  });

  test('a constant of a gate that the model does not have', () => {
    const config = (own: Record<string, unknown>): unknown => ({
      ...own,
      activationConstants: { ...(own['activationConstants'] as object), tanh: 1.5 },
    });
    expect(() => readModelBytes(edited(model, 'config', config))).toThrow(/gate: expected tanh, .* got "silu"/);
  });

  test('energies that the weights do not have', () => {
    const bytes = edited(model, 'isolatedAtomEnergies', (own) => ({ ...own, [heads[0]!]: { 1: -1 } }));
    expect(() => readModelBytes(bytes)).toThrow(/contradicts itself: isolatedAtomEnergies/);
  });

  test('embeddings in another order, or with another row for a value', async () => {
    const embedding = await readModel(oracleModel('embedding-charge-spin'));
    type Specs = { readonly embeddings: readonly Record<string, unknown>[] };
    const changed = (change: (own: Specs['embeddings']) => unknown): Uint8Array =>
      edited(embedding, 'config', (own) => ({ ...own, embeddings: change((own as unknown as Specs).embeddings) }));
    const text = /asWritten\.embedding_specs is .* but config\.embeddings is/;
    expect(() => readModelBytes(changed((own) => [...own].reverse()))).toThrow(text);
    const categorical = (own: Specs['embeddings']): unknown =>
      own.map((spec) => (spec['type'] === 'categorical' ? { ...spec, offset: Number(spec['offset']) + 1 } : spec));
    expect(() => readModelBytes(changed(categorical))).toThrow(text);
    expect(readModelBytes(changed((own) => own)).config).toEqual(embedding.config);
  });

  test('what is not changed, and one head of several, are read', () => {
    expect(readModelBytes(edited(model, 'config', (own) => own)).config).toEqual(model.config);
    const one = selectHead(model, heads[1]!);
    expect(readModelBytes(writeModelBytes(one)).config.heads).toEqual([heads[1]]);
  });
});
