/** Inputs for any graph and any sizes: they bind, they repeat, and they avoid what a graph does not keep. */
import { describe, expect, it } from 'vitest';
import { bindMaps, checkInputs, sizeOf } from '../backend/index.js';
import { ShapeError } from '../errors.js';
import { GraphBuilder, type Graph, type IndexMap } from '../ir/index.js';
import { allMaps, kept, pair, senderSpecies, species } from './index-maps.js';
import { defaultDims, opGraphs, randomGraph, randomInputs } from './index.js';

const sizes = [0, 1, 2, 65].map((rows) => ({ atoms: rows, edges: 2 * rows, graphs: Math.min(rows, 3) }));

/** Reads every map. */
function gathers(maps: readonly IndexMap[]): Graph {
  const build = new GraphBuilder();
  const outputs = maps.map((map) => [map.name, build.gather(build.input(`x.${map.name}`, [map.to]), map)]);
  return build.finish('gathers', Object.fromEntries(outputs));
}

function selecting(first: IndexMap, keep: readonly number[]): IndexMap {
  return { name: `${first.name}Kept`, from: first.from, to: keep.length, derivation: { kind: 'select', first, keep } };
}

describe('randomInputs', () => {
  it.each([...sizes, { atoms: 65_537, edges: 65_537, graphs: 3 }])('binds every map at %o', (dims) => {
    const graph = gathers(allMaps);
    const inputs = randomInputs(graph, { seed: 3, dims });
    expect(inputs.dims).toEqual(dims);
    checkInputs(graph, inputs);
    const bound = bindMaps(graph, inputs);
    expect(bound.get('species')!.values).not.toContain(1);
    expect(new Set(bound.get('kept')!.values).size).toBe(Math.min(2, new Set(bound.get('species')!.values).size));
    for (const map of graph.maps) {
      const { values, offsets, order } = bound.get(map.name)!;
      expect(values.length).toBe(sizeOf(map.from, dims));
      expect(offsets.at(-1)).toBe(values.length);
      expect([...order].every((row, i) => i === 0 || values[order[i - 1]!]! <= values[row]!)).toBe(true);
    }
  });

  it('binds random graphs at any size', () => {
    for (const dims of sizes) {
      for (let seed = 1; seed <= 20; seed++) {
        const made = randomGraph(seed, { dims });
        checkInputs(made.graph, made);
        bindMaps(made.graph, made);
      }
    }
  });

  it('repeats, and gives a name the same numbers in another graph', () => {
    const all = randomInputs(gathers(allMaps), { seed: 5 });
    expect(randomInputs(gathers(allMaps), { seed: 5 })).toEqual(all);
    const one = randomInputs(gathers([senderSpecies]), { seed: 5 });
    expect(one.maps).toEqual({ sender: all.maps['sender'], species: all.maps['species'] });
    expect(one.values['x.senderSpecies']).toEqual(all.values['x.senderSpecies']);
    expect(randomInputs(gathers(allMaps), { seed: 6 }).maps).not.toEqual(all.maps);
    expect(all.dims).toEqual(defaultDims);
  });

  it('draws values from the range', () => {
    const build = new GraphBuilder();
    const graph = build.finish('one', { y: build.input('x', ['atoms', 100]) });
    const x = randomInputs(graph, { seed: 1, range: [2, 3] }).values['x']!;
    expect(x.length).toBe(500);
    expect(Math.min(...x)).toBeGreaterThanOrEqual(2);
    expect(Math.min(...x)).toBeLessThan(2.1);
    expect(Math.max(...x)).toBeLessThan(3);
    expect(Math.max(...x)).toBeGreaterThan(2.9);
  });

  it('empties the dimensions that lead nowhere', () => {
    const graph = gathers(allMaps);
    expect(randomInputs(graph, { seed: 1, dims: { atoms: 0 } }).dims).toEqual({ atoms: 0, edges: 0, graphs: 2 });
    expect(randomInputs(graph, { seed: 1, dims: { graphs: 0 } }).dims).toEqual({ atoms: 0, edges: 0, graphs: 0 });
    expect(randomInputs(gathers([species]), { seed: 1, dims: { graphs: 0 } }).dims).toEqual({
      ...defaultDims,
      graphs: 0,
    });
  });

  it.each<[string, IndexMap]>([
    ['a map', selecting(species, [0, 2])],
    ['the one element that else never occurs', selecting(species, [1])],
    ['a composed map', selecting(senderSpecies, [2])],
    ['a selection', selecting(kept, [1])],
    ['pairs of equal elements', selecting(pair, [8, 0, 2, 6])],
    ['nothing', selecting(species, [])],
  ])('hits only what a selection of %s keeps', (_what, map) => {
    const graph = gathers([map]);
    const inputs = randomInputs(graph, { seed: 2, dims: { atoms: 40, edges: 50 } });
    const { values } = bindMaps(graph, inputs).get(map.name)!;
    expect(values.length).toBe(map.to === 0 ? 0 : sizeOf(map.from, { atoms: 40, edges: 50, graphs: 2 }));
  });

  it('hits one pair where a selection keeps no element with itself', () => {
    const other: IndexMap = { name: 'other', from: 'edges', to: 3 };
    const mixed: IndexMap = {
      name: 'mixed',
      from: 'edges',
      to: 9,
      derivation: { kind: 'pair', first: senderSpecies, second: other },
    };
    const graph = gathers([selecting(mixed, [5, 7])]);
    expect(new Set(bindMaps(graph, randomInputs(graph, { seed: 2 })).get('mixed')!.values)).toEqual(new Set([5]));
  });

  it('refuses sizes that no inputs have', () => {
    const graph = gathers(allMaps);
    expect(() => randomInputs(graph, { seed: 1, dims: { atoms: 1.5 } })).toThrow(ShapeError);
    expect(() => randomInputs(graph, { seed: 1, dims: { edges: -1 } })).toThrow('dims.edges: expected a whole number');
    const fixed = gathers([{ name: 'rows', from: 4, to: 'atoms' }]);
    expect(() => randomInputs(fixed, { seed: 1, dims: { atoms: 0 } })).toThrow('rows: 4 → atoms has 4 rows');
    expect(randomInputs(fixed, { seed: 1, dims: { atoms: 1 } }).maps['rows']!.values).toEqual(new Int32Array(4));
  });

  it('serves every small graph', () => {
    for (const { graph, range } of opGraphs) checkInputs(graph, randomInputs(graph, { seed: 1, range }));
  });
});
