/** What people type, and the model that they mean. */
import { describe, expect, test } from 'vitest';
import {
  cacheNamesOf,
  figuresOf,
  findPublishedModel,
  modelsCovering,
  nearestNames,
  publishedModel,
  publishedModels,
} from '../src/index.js';

describe('names', () => {
  test('each belongs to one model', () => {
    const all = publishedModels.flatMap((model) => [model.name, model.title, ...model.alsoKnownAs]);
    for (const name of all)
      expect(publishedModels.filter((model) => findPublishedModel(name) === model)).toHaveLength(1);
    const plain = new Set(all.map((name) => name.toLowerCase().replaceAll(/[_\s]/g, '-')));
    const repeated = publishedModels.flatMap((model) => {
      const own = [model.name, model.title, ...model.alsoKnownAs].map((name) =>
        name.toLowerCase().replaceAll(/[_\s]/g, '-'),
      );
      return [...new Set(own)];
    });
    expect(repeated).toHaveLength(plain.size);
  });

  test.each([
    ['medium', 'medium'],
    ['MEDIUM-MPA-0', 'medium-mpa-0'],
    ['mace_mp_0_small', 'small'],
    ['MACE-OFF23_small.model', 'off-small'],
    ['2023-12-03-mace-128-L1_epoch-199', 'medium'],
    ['MACE-MPA-0 medium', 'medium-mpa-0'],
    ['extra_large', 'omol-extra-large'],
  ])('%s is %s', (typed, name) => expect(publishedModel(typed).name).toBe(name));

  test.each([
    ['medium-mpa-O', 'medium-mpa-0'],
    ['medum', 'medium'],
    ['mace-of-small', 'off-small'],
    ['mh1', 'mh-1'],
    ['matpes-pbe-1', 'mace-matpes-pbe-0'],
    ['omat', 'small-omat-0'],
  ])('%s is near %s', (typed, name) => {
    expect(nearestNames(typed)).toContain(name);
    expect(() => publishedModel(typed)).toThrow(name);
  });

  test('what is near nothing gets no advice', () => {
    expect(nearestNames('chgnet-v1-potential')).toEqual([]);
    expect(() => publishedModel('chgnet-v1-potential')).toThrow('`mace models list`');
    expect(nearestNames('')).toEqual([]);
  });
});

test('names in the cache are those of mace-torch', () => {
  expect(cacheNamesOf(publishedModel('medium'))[0]).toBe('20231203mace128L1_epoch199model');
  expect(cacheNamesOf(publishedModel('large'))[0]).toBe('MACE_MPtrj_20229model');
  expect(cacheNamesOf(publishedModel('off-small'))[0]).toBe('MACE-OFF23_small.model');
  expect(cacheNamesOf(publishedModel('omol-extra-large'))[0]).toBe('MACE-omol-0-extra-large-1024.model');
});

test('elements', () => {
  expect(modelsCovering([26]).map(({ name }) => name)).not.toContain('off-small');
  expect(modelsCovering([26]).every(({ elements }) => elements.includes(26))).toBe(true);
  expect(modelsCovering([84])).toEqual([]);
  expect(modelsCovering([94, 1]).every(({ loader }) => loader === 'mace_mp')).toBe(true);
  expect(modelsCovering([1]).some(({ refused }) => refused)).toBe(false);
});

test('upstream has figures for four, and they are whole', () => {
  const named = publishedModels.filter(({ name }) => figuresOf(name));
  expect(named.map(({ name }) => name)).toEqual(['medium-mpa-0', 'small', 'mh-0', 'off-small']);
  // Forces without an outside sum to nothing: a digit that was copied wrong would show.
  for (const { name } of named)
    for (const { forces = [] } of figuresOf(name)!.figures)
      for (const axis of [0, 1, 2])
        expect(Math.abs(forces.filter((_, i) => i % 3 === axis).reduce((sum, f) => sum + f, 0))).toBeLessThan(1e-9);
});
