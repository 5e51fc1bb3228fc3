/** What a run returns belongs to whoever asked: it is not what was given, what is kept for the next run, or another output. */
import { expect, test } from 'vitest';
import { GraphBuilder } from '../ir/index.js';
import { Interpreter } from './interpreter.js';

test('outputs are arrays of their own', () => {
  const build = new GraphBuilder();
  const x = build.input('x', ['atoms']);
  const weight = build.parameter('w', [2]);
  const squares = build.mul(x, x);
  const graph = build.finish('outputs', {
    given: x,
    weight,
    fixed: build.mul(weight, weight),
    squares,
    column: build.reshape(squares, ['atoms', 1]),
  });
  const [input, w] = [Float64Array.of(1, 2, 3), Float64Array.of(4, 5)];
  const interpreter = new Interpreter(graph, 'f64', { w });
  const run = () => interpreter.run({ dims: { atoms: 3, edges: 0, graphs: 0 }, maps: new Map(), inputs: { x: input } });
  const expected = {
    given: [1, 2, 3],
    weight: [4, 5],
    fixed: [16, 25],
    squares: [1, 4, 9],
    column: [1, 4, 9],
  };
  for (const name of Object.keys(expected)) {
    run()[name]!.fill(-1);
    const outputs = run();
    expect(Array.from(outputs[name]!)).toEqual(expected[name as keyof typeof expected]);
    outputs[name]!.fill(-1);
    for (const [other, values] of Object.entries(expected))
      if (other !== name) expect(Array.from(outputs[other]!)).toEqual(values);
    expect([Array.from(input), Array.from(w)]).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  }
});
