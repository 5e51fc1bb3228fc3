/** What the kit says of a fault: the fusion, the place of an exception; and of rounding, nothing. */
import { expect, test } from 'vitest';
import { randomInputs } from '@mace/core/generators';
import { GraphBuilder, type Graph } from '@mace/core/ir';
import type { BackendDefinition, RunInputs, RunOptions, Executable } from '@mace/core/backend';
import { reference } from '@mace/core';
import { typedArrays } from '../../backend-typed-arrays/src/index.js';
import type { GraphCase } from '../src/case.js';
import { CaseRunner } from '../src/run.js';
import type { CaseResult } from '../src/report/report.js';
import { broken } from './mutants/fault.js';
import { faults } from './mutants/faults.js';

function caseOf(make: (build: GraphBuilder) => Graph): GraphCase {
  const example = { graph: make(new GraphBuilder()), parameters: {} };
  const runs = [{ inputs: (graph: Graph) => randomInputs(graph, { seed: 1 }) }];
  return { kind: 'graph', path: 'ops/made/here', example: () => example, runs, last: true };
}

async function resultOf(definition: BackendDefinition, one: GraphCase): Promise<CaseResult> {
  const runner = new CaseRunner(definition, 'f64');
  const result = await runner.run(one);
  await runner.dispose();
  return result;
}

test('a difference that cancels in the reference allows an engine that rounds product and sum at once', async () => {
  const one = caseOf((build) => {
    const [x, z] = [build.input('x', ['atoms', 2]), build.input('z', ['atoms', 2])];
    return build.finish('cancelling', { y: build.sub(build.mul(x, z), build.mul(z, x)) });
  });
  const off = (error: number): BackendDefinition =>
    broken({
      name: 'off',
      caughtBy: [],
      outputs: ({ y }) => y?.forEach((value, i) => (y[i] = value + error)),
    });
  expect((await resultOf(reference(), one)).worst).toBe(0);
  expect(await resultOf(off(2 ** -55), one)).toMatchObject({ status: 'passed' });
  expect(await resultOf(off(2 ** -45), one)).toMatchObject({ status: 'failed' });
});

test('a fault of a fusion names the fusion', async () => {
  const fault = faults.find(({ name }) => name === 'fusion-off-by-one-row')!;
  const one = caseOf((build) => {
    const x = build.input('x', ['atoms', 2]);
    return build.finish('two', { y: build.sin(build.exp(x)) });
  });
  const { problems } = await resultOf(broken({ ...fault, backend: onlyInPairs(fault.backend!) }), one);
  expect(problems[0]!.message).toContain('wrong with the fusion everything alone');
});

/** The fault shows only in graphs of more than one node besides the input. */
function onlyInPairs(of: NonNullable<(typeof faults)[number]['backend']>): typeof of {
  return (backend) => {
    const faulty = of(backend);
    return {
      ...faulty,
      compile: (graph, options) => {
        const [output] = Object.values(graph.outputs);
        const deep = (output!.operands as readonly { op: string }[])[0]?.op === 'exp';
        return (deep ? faulty.compile! : backend.compile)(graph, deep ? options : { ...options, fusions: 'none' });
      },
    };
  };
}

test('an exception in a lowering is shown with op, scope, sizes and place', async () => {
  const sound = typedArrays();
  const engine: BackendDefinition = {
    ...sound,
    create: async () => {
      const made = await sound.create();
      return {
        ...made,
        compile: async (graph, options) => {
          const executable = await made.compile(graph, options);
          const exp = Math.exp;
          return {
            ...executable,
            run: (async (inputs: RunInputs, runOptions?: RunOptions) => {
              Math.exp = () => {
                throw new TypeError('texture is undefined');
              };
              try {
                return await executable.run(inputs, runOptions);
              } finally {
                Math.exp = exp;
              }
            }) as Executable['run'],
          };
        },
      };
    },
  };
  const one = caseOf((build) => {
    const x = build.input('x', ['atoms', 2]);
    return build.finish('scoped', { y: build.scoped('layer[0]/gate', () => build.exp(x)) });
  });
  const { problems } = await resultOf(engine, one);
  expect(problems[0]!.check).toBe('throws');
  expect(problems[0]!.message).toContain('the lowering of exp in layer[0]/gate, [atoms 2] → [atoms 2], failed');
  expect(problems[0]!.message).toContain('texture is undefined');
  expect(problems[0]!.message).toMatch(/at .*diagnosis\.test/);
});

test('a cancellation in the middle of folding leaves nothing half made', async () => {
  let folding = 0;
  const build = new GraphBuilder();
  const weights = build.exp(build.sin(build.parameter('w', [2])));
  const x = build.input('x', ['atoms', 2]);
  const graph = build.finish('folded', { y: build.mul(x, build.expand(weights, x.type.shape, [1])) });
  const backend = await typedArrays().create();
  const executable = await backend.compile(graph, { precision: 'f64', parameters: { w: Float64Array.of(1, 2) } });
  const inputs = randomInputs(graph, { seed: 1 });
  const late = {
    get aborted(): boolean {
      return ++folding > 3;
    },
  };
  await expect(executable.run(inputs, { cancellation: late })).rejects.toMatchObject({ code: 'cancelled' });
  const found = await executable.run(inputs);
  expect(found.y![0]).toBeCloseTo(Math.exp(Math.sin(1)) * inputs.values.x![0]!, 12);
});
