/** Which compiled graphs are kept, for what, and when they are released. */
import { beforeEach, describe, expect, test } from 'vitest';
import { CompiledGraphs } from './compiled-graphs.js';

interface Graph {
  readonly elements: string;
  readonly bytes: number;
  disposed: number;
  dispose(): void;
}

let made: Graph[] = [];
beforeEach(() => (made = []));

const compile = (elements: readonly number[]): Promise<Graph> => {
  const graph = {
    elements: elements.join(),
    bytes: elements.includes(77) ? 2 ** 28 : 1000,
    disposed: 0,
    dispose: () => void graph.disposed++,
  };
  made.push(graph);
  return Promise.resolve(graph);
};
/** As if tables of three elements did not fit. */
const upToTwo = (elements: readonly number[]): Promise<Graph | null> =>
  elements.length > 2 ? Promise.resolve(null) : compile(elements);
const held = (): string[] => made.filter(({ disposed }) => disposed === 0).map(({ elements }) => elements);

describe('graphs for elements that come', () => {
  test('one for all of them takes the place of those for fewer, when nobody uses these', async () => {
    const graphs = new CompiledGraphs<Graph>();
    const first = await graphs.take('forces', [3], compile);
    const second = await graphs.take('forces', [1], compile);
    expect(second!.graph.elements).toBe('1,3');
    expect(held()).toEqual(['3', '1,3']);
    first!.giveBack();
    first!.giveBack();
    expect(held()).toEqual(['1,3']);
    second!.giveBack();
    expect((await graphs.take('forces', [3], compile))!.graph).toBe(second!.graph);
    expect(made.every(({ disposed }) => disposed <= 1)).toBe(true);
  });

  test('calls that overlap share what is being made', async () => {
    const graphs = new CompiledGraphs<Graph>();
    const leases = await Promise.all([1, 1, 1].map((element) => graphs.take('forces', [element], compile)));
    expect(made.length).toBe(1);
    leases.forEach((lease) => lease!.giveBack());
    expect(held()).toEqual(['1']);
  });

  test('of those that nobody uses eight are kept, the last used', async () => {
    const graphs = new CompiledGraphs<Graph>();
    const used = await graphs.take('in use', [7], compile);
    for (let kind = 0; kind < 20; kind++) {
      (await graphs.take(`kind ${kind}`, [kind], compile))!.giveBack();
      (await graphs.take('kind 0', [0], compile))!.giveBack();
    }
    expect(held().length).toBe(9);
    expect(used!.graph.disposed).toBe(0);
    const before = made.length;
    (await graphs.take('kind 0', [0], compile))!.giveBack();
    (await graphs.take('kind 19', [19], compile))!.giveBack();
    expect(made.length).toBe(before);
    await graphs.dispose();
    expect(held()).toEqual([]);
  });

  test('of large ones that nobody uses the last is kept', async () => {
    const graphs = new CompiledGraphs<Graph>();
    for (const kind of ['small', 'large', 'small too'])
      (await graphs.take(kind, kind === 'large' ? [77] : [1], compile))!.giveBack();
    expect(held()).toEqual(['1,77']);
  });

  test('that cannot be in one graph with those before have one without these', async () => {
    const graphs = new CompiledGraphs<Graph>();
    for (const elements of [[1], [2], [3], [2, 4], [1]]) (await graphs.take('tables', elements, upToTwo))!.giveBack();
    expect(made.map(({ elements }) => elements)).toEqual(['1', '1,2', '3', '2,4']);
    expect(await graphs.take('tables', [1, 2, 3], upToTwo)).toBeNull();
    // Known by now.
    expect(await graphs.take('tables', [1, 2, 3], () => Promise.reject(new Error('asked again')))).toBeNull();
    graphs.forgetRefusals();
    expect((await graphs.take('tables', [1, 2, 3], compile))!.graph.elements).toBe('1,2,3');
  });

  test('a graph that cannot be made is tried again', async () => {
    const graphs = new CompiledGraphs<Graph>();
    await expect(graphs.take('forces', [1], () => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory');
    expect((await graphs.take('forces', [1], compile))!.graph.elements).toBe('1');
  });
});

test('elements that are fixed are in every graph, unless they cannot be in one', async () => {
  const graphs = new CompiledGraphs<Graph>([1, 2]);
  expect((await graphs.take('forces', [2], compile))!.graph.elements).toBe('1,2');
  const many = new CompiledGraphs<Graph>([1, 2, 3]);
  expect((await many.take('tables', [2], upToTwo))!.graph.elements).toBe('2');
});
