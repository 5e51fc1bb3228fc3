/** Graphs and choices that make no sense are refused when they are compiled, with the place. */
import { GraphBuilder, type Graph, type Node } from '@mace/core/ir';
import type { Check } from './check.js';
import { refusal } from './check.js';
import { sample } from './examples.js';

const scope = 'layer[3]/mixing';

export const graphChecks: Readonly<Record<string, Check>> = {
  'graphs/ill-typed': (subject) =>
    refusal(
      'compile of exp: real[atoms 2] → real[atoms 3]',
      () => subject.compile(edited({ type: { kind: 'real', shape: ['atoms', 3] } }), {}),
      { code: 'graph', naming: scope },
    ),

  'graphs/unknown-op': (subject) =>
    refusal('compile of a graph with the op frobnicate', () => subject.compile(edited({ op: 'frobnicate' }), {}), {
      code: 'graph',
      naming: scope,
    }),

  'graphs/unknown-fusion': (subject) =>
    refusal(
      "compile with fusions: ['no-such-fusion']",
      () => subject.compile(sample.graph, sample.parameters, { fusions: ['no-such-fusion'] }),
      { code: 'graph', naming: 'no-such-fusion' },
    ),

  'graphs/unknown-pass': (subject) =>
    refusal(
      "compile with passes: ['no-such-pass']",
      () => subject.compile(sample.graph, sample.parameters, { passes: ['no-such-pass'] }),
      { code: 'graph', naming: 'no-such-pass' },
    ),
};

/** One node, changed by hand so that no builder could make it. */
function edited(change: Readonly<Record<string, unknown>>): Graph {
  const build = new GraphBuilder();
  const y = build.scoped(scope, () => build.exp(build.input('x', ['atoms', 2])));
  const graph = build.finish('edited', { y });
  return { ...graph, outputs: { y: { ...y, ...change } as unknown as Node } };
}
