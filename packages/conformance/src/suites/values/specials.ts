/** NaN, infinities, zeros and subnormal numbers in every op, for backends that promise what IEEE 754 says of them. */
import { randomInputs } from '@mace/core/generators';
import { GraphBuilder, type Graph, type Node } from '@mace/core/ir';
import { once, type Example, type GraphCase } from '../../case.js';
import { sizedForms } from '../sizes/forms.js';
import { sizedGraph } from '../sizes.js';
import { functions } from './functions.js';

const rows = 31;
/** Subnormal in float32; of float64 there are smaller ones. */
const tiny = 1e-40;

/**
 * What each operand of a function may hold. Left out is what standards and languages disagree about (powers of ±1, the
 * larger of a number and NaN) and, with −∞ and −0, what a function made of others gives otherwise.
 */
const operands: Readonly<Record<string, readonly (readonly number[])[]>> = {
  neg: [[NaN, Infinity, -Infinity, 0, tiny]],
  sqrt: [[NaN, Infinity, 0, -1]],
  exp: [[NaN, Infinity, -Infinity, 0, tiny]],
  log: [[NaN, Infinity, 0, -1]],
  sin: [[NaN, Infinity, -Infinity, 0, tiny]],
  cos: [[NaN, Infinity, -Infinity, 0, tiny]],
  tanh: [[NaN, Infinity, -Infinity, 0]],
  add: [
    [NaN, Infinity, -Infinity, 0, tiny],
    [NaN, Infinity, -Infinity, 0],
  ],
  sub: [
    [NaN, Infinity, -Infinity, 0, tiny],
    [NaN, Infinity, -Infinity, 0],
  ],
  mul: [
    [NaN, Infinity, -Infinity, 0, tiny],
    [NaN, Infinity, -Infinity, 0],
  ],
  div: [
    [NaN, Infinity, -Infinity, 0],
    [NaN, Infinity, -Infinity, 0],
  ],
  max: [
    [NaN, Infinity, -Infinity, 0, tiny],
    [Infinity, -Infinity, 0],
  ],
  pow: [
    [NaN, Infinity, 0, 2.5],
    [2, -1, 1.5],
  ],
};

export function specialCases(): GraphCase[] {
  const ofFunctions = functions.map(({ name, make }) =>
    specialCase(
      name,
      () => graphOf(name, (build) => make(build, (input) => build.input(input, ['atoms', 2]))),
      operands[name]!,
    ),
  );
  // A number in the branch that is not taken must not show.
  const chosen = (build: GraphBuilder): Node => {
    const [x, z] = [build.input('x', ['atoms', 2]), build.input('z', ['atoms', 2])];
    return build.select(build.less(x, z), x, build.fill(2, x));
  };
  const forms = sizedForms.filter(
    ({ op, name }, i) =>
      operands[op] === undefined &&
      !['less', 'select'].includes(op) &&
      sizedForms.findIndex((form) => form.name === name) === i,
  );
  const ofForms = forms.map((form) =>
    // A table of distances says nothing of those beyond its range.
    specialCase(form.name, () => sizedGraph(form, [4]), [
      form.op === 'table' ? [NaN] : [NaN, Infinity, -Infinity, tiny],
    ]),
  );
  return [
    ...ofFunctions,
    specialCase('select', () => graphOf('select', chosen), [
      [NaN, Infinity, -Infinity, 0],
      [Infinity, -Infinity, 0, 1],
    ]),
    ...ofForms,
  ];
}

function graphOf(name: string, make: (build: GraphBuilder) => Node): Example {
  const build = new GraphBuilder();
  return { graph: build.finish(name, { y: make(build) }), parameters: {} };
}

function specialCase(name: string, example: () => Example, special: readonly (readonly number[])[]): GraphCase {
  return {
    kind: 'graph',
    path: `values/${name}/special`,
    example: once(example),
    compare: 'specials',
    runs: [
      special,
      // Each alone too: beside others an engine may look at all numbers and find it there.
      ...(special.length === 1 ? special[0]!.map((number) => [[number]]) : []),
    ].map((numbers) => ({ name: textOf(numbers), inputs: (graph) => sprinkled(graph, numbers) })),
  };
}

function textOf(numbers: readonly (readonly number[])[]): string {
  return `with ${numbers.map((own) => own.join(', ')).join(' and ')}`;
}

/** Moderate positive numbers with special ones among them, in all combinations of two operands. */
function sprinkled(graph: Graph, special: readonly (readonly number[])[]): ReturnType<typeof randomInputs> {
  const inputs = randomInputs(graph, { seed: 6, range: [0.4, 1.5], dims: { atoms: rows, edges: rows, graphs: 1 } });
  const single = special.length === 1;
  graph.inputs.forEach(({ attributes: { name } }, which) => {
    const values = inputs.values[name]!;
    const own = special[which % special.length]!;
    // Far apart, so that most rows of a matrix hold none.
    const step = single ? Math.max(3, Math.floor(values.length / (2 * own.length))) : 1;
    own.forEach((number, k) => {
      if (single) {
        for (const at of [1 + k * step, 2 + k * step + 5 * own.length * step])
          if (at < values.length && (which === 0 || graph.inputs.length === 1)) values[at] = number;
      } else
        for (let j = 0; j < (special[1 - which]?.length ?? 0) + 1; j++) {
          const at = which === 0 ? k * 6 + j : j * 6 + k;
          if (at < values.length) values[at] = number;
        }
    });
  });
  return inputs;
}
