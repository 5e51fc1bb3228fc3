/** The compile report says what was compiled, and errors can be told from those of others. */
import { isMaceError } from '@mace/core';
import { GraphBuilder, nodesOf, polynomialTable, simplify, type Graph } from '@mace/core/ir';
import type { Check } from './check.js';
import { compiled, described, disposeOf, outcomeOf } from './check.js';
import { sample, sampleInputs } from './examples.js';

export const reportChecks: Readonly<Record<string, Check>> = {
  'report/kernels': (subject) =>
    compiled(subject, sample, async ({ report }) => {
      if (report.kernels.length === 0)
        return ['report.kernels is empty for a graph of seven ops. List what a run executes, one entry per kernel.'];
      const nameless = report.kernels.findIndex(({ name, nodes }) => !name || nodes.length === 0);
      return nameless < 0 ? [] : [`report.kernels[${nameless}] has no name or no nodes. Say what it computes.`];
    }),

  'report/legalized': (subject) => {
    const graph = variedGraph();
    return compiled(subject, { graph, parameters: {} }, async ({ report }) => {
      const known = new Set(
        [graph, simplify(graph)].flatMap((one) => nodesOf(one).map(({ op, scope }) => `${op} in ${scope}`)),
      );
      return report.legalized
        .filter(({ op, scope }) => !known.has(`${op} in ${scope}`))
        .map(
          ({ op, scope }) =>
            `report.legalized names ${op} in ${scope || 'the graph'}, which the graph does not have. List the nodes that were replaced; onDecompose of legalize tells them.`,
        );
    });
  },

  'errors/recognized': async (subject) => {
    const executable = await subject.compile(sample.graph, sample.parameters);
    const failures: [string, () => unknown][] = [
      ['compile without parameters', () => subject.compile(sample.graph, {})],
      ['a run without inputs', () => executable.run({ ...sampleInputs(1), values: {} })],
      ['a run after dispose', () => executable.run(sampleInputs(1))],
    ];
    const problems: string[] = [];
    for (const [call, work] of failures) {
      if (call === 'a run after dispose') executable.dispose();
      const outcome = await outcomeOf(work);
      if (!outcome.thrown) disposeOf(outcome.value);
      else if (!isMaceError(outcome.error))
        problems.push(
          `${call}: isMaceError does not know ${described(outcome.error)}. Throw the classes of @mace/core; from a worker, send code and message and make the error anew.`,
        );
    }
    return problems;
  },
};

/** Ops that a minimal backend has not, each in a scope of its own. */
function variedGraph(): Graph {
  const build = new GraphBuilder();
  const x = build.input('x', ['atoms', 4, 2]);
  const table = polynomialTable(2, [
    { out: 0, coefficient: 0.5, factors: [{ operand: 0, component: 1 }] },
    {
      out: 1,
      coefficient: -2,
      factors: [
        { operand: 0, component: 0 },
        { operand: 0, component: 3 },
      ],
    },
  ]);
  const body = new GraphBuilder();
  const y = body.input('y', ['atoms', 4, 2]);
  const squashed = body.finish('squash', { z: body.scoped('inside', () => body.tanh(y)) });
  return build.finish('varied', {
    tanh: build.scoped('activation', () => build.tanh(x)),
    slice: build.scoped('head', () => build.concat([build.slice(x, 1, 0, 1), build.slice(x, 1, 2, 4)], 1)),
    polynomial: build.scoped('product', () => build.polynomial([x], table)),
    call: build.scoped('outer', () => build.call('squash', squashed, [x])),
  });
}
