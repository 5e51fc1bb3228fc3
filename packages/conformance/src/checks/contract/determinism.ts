/** Determinism: the same bits in every run, alone and in any batch; or not claimed, and then for a reason. */
import type { RunInputs } from '@mace/core/backend';
import { randomInputs } from '@mace/core/generators';
import { GraphBuilder, type Graph } from '@mace/core/ir';
import type { Outputs } from '../../subject.js';
import type { Example } from '../../case.js';
import type { Check } from './check.js';
import { compiled, runCopied } from './check.js';
import { differentBits } from './compare.js';
import { joined, numbers, partOf } from './examples.js';

const inner = 96;
const example: Example = { graph: summingGraph(), parameters: { matrix: numbers(inner * 17, 3) } };
const subjectOf = (): RunInputs => many(1, 3, 300);
const notClaimed = { unavailable: 'determinism is not claimed.' };

export const determinismChecks: Readonly<Record<string, Check>> = {
  'determinism/runs': async (subject) => {
    if (!(await subject.backend()).capabilities.deterministic) return notClaimed;
    return compiled(subject, example, async (executable) => {
      const first = await runCopied(executable, subjectOf());
      for (let i = 2; i <= 5; i++) {
        const fault = differentBits(first, await runCopied(executable, subjectOf()));
        if (fault) return [`run ${i} of the same inputs has other bits than run 1: ${fault}. ${remedy}`];
      }
      return [];
    });
  },

  'determinism/batch': async (subject) => {
    if (!(await subject.backend()).capabilities.deterministic) return notClaimed;
    return compiled(subject, example, async (executable) => {
      const alone = await runCopied(executable, subjectOf());
      for (let i = 0; i < 4; i++) {
        const { batch, part } = batchOf(i);
        const fault = differentBits(
          partOf(example.graph, alone, [subjectOf()], 0),
          part(await runCopied(executable, batch)),
        );
        if (fault) return [`rows in a batch have other bits than alone: ${fault}. ${remedy}`];
      }
      return [];
    });
  },

  'determinism/understated': async (subject) => {
    if ((await subject.backend()).capabilities.deterministic) return { unavailable: 'determinism is claimed.' };
    return compiled(subject, example, async (executable) => {
      const alone = await runCopied(executable, subjectOf());
      for (let i = 0; i < 20; i++) {
        if (differentBits(alone, await runCopied(executable, subjectOf()))) return [];
        const { batch, part } = batchOf(i);
        if (differentBits(partOf(example.graph, alone, [subjectOf()], 0), part(await runCopied(executable, batch))))
          return [];
      }
      return [
        'determinism is not claimed, but 20 runs of long sums and products have the same bits, alone and in batches. Claim it, or say in a limitation what is not deterministic.',
      ];
    });
  },
};

const remedy = 'Sum in a fixed order that does not depend on threads or on other rows; or do not claim determinism.';

/** Sums with many summands of different size: along axes, in products, over the edges of an atom. */
function summingGraph(): Graph {
  const build = new GraphBuilder();
  const x = build.input('x', ['edges', inner]);
  const receiver = { name: 'receiver', from: 'edges', to: 'atoms' } as const;
  const graphOf = { name: 'graph', from: 'atoms', to: 'graphs' } as const;
  const perAtom = build.segmentSum(x, receiver);
  const few = build.slice(x, 1, 0, 8);
  return build.finish('sums', {
    perAtom,
    perGraph: build.segmentSum(perAtom, graphOf),
    product: build.matmul(x, build.parameter('matrix', [inner, 17])),
    perEdge: build.sum(x, [1]),
    outer: build.matmul(few, few, 'tn'),
  });
}

/** The structure of interest among others that change from batch to batch, at a place that changes too. */
function batchOf(i: number): { batch: RunInputs; part: (outputs: Outputs) => Outputs } {
  const others = Array.from({ length: 1 + (i % 3) }, (_, k) =>
    many(100 + 7 * i + k, 1 + ((i + k) % 4), 37 * (i + 1) - k),
  );
  const at = i % (others.length + 1);
  const parts = [...others.slice(0, at), subjectOf(), ...others.slice(at)];
  return { batch: joined(example.graph, parts), part: (outputs) => partOf(example.graph, outputs, parts, at) };
}

/** One structure of a few atoms with many edges each, values of very different size. */
function many(seed: number, atoms: number, edges: number): RunInputs {
  const inputs = randomInputs(example.graph, { seed, dims: { atoms, edges, graphs: 1 } });
  return { ...inputs, values: { x: inputs.values.x!.map((value) => value ** 7) } };
}
