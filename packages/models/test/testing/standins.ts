/** Files with random weights that stand in for published models (`standins/make_standins.py`). */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { publishedModel, type PublishedModel, type UpstreamFigures } from '../../src/index.js';

const folder = new URL('../standins/', import.meta.url);

export function standIn(name: 'medium' | 'off-medium'): Buffer {
  return gunzipSync(readFileSync(new URL(`${name}.model.gz`, folder)));
}

/** What mace-torch computes with it. */
export function standInFigures(name: 'medium' | 'off-medium'): UpstreamFigures {
  const all = JSON.parse(readFileSync(new URL('figures.json', folder), 'utf8')) as Record<string, UpstreamFigures>;
  return all[name]!;
}

/** The published model as if a server of ours had it. */
export function servedBy(address: string, name: string, more: Partial<PublishedModel> = {}): PublishedModel {
  return { ...publishedModel(name), address: `${address}/${name}.model`, ...more };
}
