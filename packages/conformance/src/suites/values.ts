/** Numbers over all that a function is defined for: bands of magnitude, whole numbers, and special values where they are promised. */
import { randomInputs, seededRandom } from '@mace/core/generators';
import { GraphBuilder, type Graph, type Node } from '@mace/core/ir';
import type { RealArray } from '@mace/core/backend';
import { once, type Example, type GraphCase } from '../case.js';
import { scaledTable, sizedForms, type SizedForm } from './sizes/forms.js';
import { sizedGraph } from './sizes.js';
import { cutoffCases } from './values/cutoffs.js';
import { functions, type Band, type NumberFunction } from './values/functions.js';
import { specialCases } from './values/specials.js';

const rows = 97;

export function valueCases(): GraphCase[] {
  return [
    ...functions.flatMap(bandCases),
    ...forms.flatMap(magnitudeCases),
    ...wholeNumbers(),
    ...closeNumbers(),
    ...specialCases(),
    ...cutoffCases(),
  ];
}

/** Each band of a function, number by number. */
function bandCases({ name, bands, make }: NumberFunction): GraphCase[] {
  const example = once(() => ({ graph: functionGraph(name, make), parameters: {} }));
  return bands.map(
    (band): GraphCase => ({
      kind: 'graph',
      path: `values/${name}/${band.name}`,
      example,
      compare: 'numberwise',
      ...(band.precision && { precision: band.precision }),
      runs: [{ inputs: (graph) => withinBand(graph, band) }],
    }),
  );
}

/** Numbers of a band, every order of magnitude as often as another. */
function withinBand(graph: Graph, { operands, precision }: Band): ReturnType<typeof randomInputs> {
  const inputs = randomInputs(graph, { seed: 5, dims: { atoms: rows, edges: 1, graphs: 1 } });
  const values = graph.inputs.map(({ attributes: { name } }, which): [string, Float64Array] => {
    const random = seededRandom(31 + which);
    const [least, largest, signs] = operands[which % operands.length]!;
    return [
      name,
      Float64Array.from(inputs.values[name] as RealArray, (_, i) => {
        const size = i === 0 ? largest : i === 1 ? least : least * (largest / least) ** random();
        const negative = signs === 'negative' || (signs === 'both' && random() < 0.5);
        const value = negative ? -size : size;
        // Exact in float32 where it can be, so that both precisions compute the same.
        return precision === 'f64' ? value : Math.fround(value);
      }),
    ];
  });
  return { ...inputs, values: Object.fromEntries(values) };
}

/** One form of each op that is no function of numbers. */
const forms = sizedForms.filter(
  ({ op, name }, i) =>
    !functions.some((one) => one.name === op) && sizedForms.findIndex((form) => form.name === name) === i,
);

/** All numbers large, all small, and, where they are only moved, of any size side by side. */
function magnitudeCases(form: SizedForm): GraphCase[] {
  if (form.op === 'less' || form.op === 'select') return [];
  if (form.op === 'table') return tableCases();
  const size = Math.min(form.largest, 7);
  const example = once(() => sizedGraph(form, [size]));
  const moves = ['transpose', 'broadcast', 'slice', 'pad', 'concat', 'gather', 'reshape'].includes(form.op);
  const dims = { atoms: rows, edges: rows, graphs: 1 };
  // Products of several factors leave the range of float32 sooner; below it an engine may have zeros.
  const exponents = form.op === 'polynomial' ? [-9, -4, 4, 9] : [-15, -12, -7, -4, 4, 7, 12, 17];
  return [
    ...exponents.map(
      (exponent): GraphCase => ({
        kind: 'graph',
        path: `values/${form.name}/around-1e${exponent}`,
        example,
        runs: [
          { inputs: (graph) => randomInputs(graph, { seed: 3, dims, range: [-(10 ** exponent), 10 ** exponent] }) },
        ],
      }),
    ),
    ...(moves
      ? [
          {
            kind: 'graph',
            path: `values/${form.name}/of-any-size`,
            example,
            compare: 'numberwise',
            runs: [{ inputs: (graph) => spread(graph, dims) }],
          } satisfies GraphCase,
        ]
      : []),
  ];
}

/** Distances are what they are; what a table gives is large or small. */
function tableCases(): GraphCase[] {
  return [-9, -4, -2, 2, 4, 9].map(
    (exponent): GraphCase => ({
      kind: 'graph',
      path: `values/table/around-1e${exponent}`,
      example: once(() => sizedGraph(scaledTable(10 ** exponent), [1])),
      runs: [{ inputs: (graph) => randomInputs(graph, { seed: 3, dims: { atoms: 1, edges: rows, graphs: 1 } }) }],
    }),
  );
}

function spread(graph: Graph, dims: { atoms: number; edges: number; graphs: number }): ReturnType<typeof randomInputs> {
  const inputs = randomInputs(graph, { seed: 8, dims });
  const values = Object.entries(inputs.values).map(([name, array]) => [
    name,
    array.map((x, i) => Math.fround(Math.sign(x || 1) * 10 ** (60 * Math.abs((x * (i + 1)) % 1) - 30))),
  ]);
  return { ...inputs, values: Object.fromEntries(values) as Record<string, Float64Array> };
}

/** Zeros, ones, equal operands: what comparisons and shortcuts look at. */
function wholeNumbers(): GraphCase[] {
  const ofFunctions = functions.map(({ name, make, whole = [-3, 3] }) =>
    wholeCase(name, () => ({ graph: functionGraph(name, make), parameters: {} }), whole),
  );
  const ofForms = forms
    .filter(({ op }) => op !== 'table')
    .map((form) => wholeCase(form.name, () => sizedGraph(form, [5]), [-3, 3]));
  return [...ofFunctions, ...ofForms];
}

function wholeCase(name: string, example: () => Example, [least, largest]: readonly [number, number]): GraphCase {
  const inputs = (graph: Graph): ReturnType<typeof randomInputs> => {
    const random = randomInputs(graph, { seed: 9, dims: { atoms: rows, edges: rows, graphs: 2 } });
    const values = Object.entries(random.values).map(([own, array]) => [
      own,
      array.map((x) => Math.round(least + ((x + 1) / 2) * (largest - least))),
    ]);
    return { ...random, values: Object.fromEntries(values) as Record<string, Float64Array> };
  };
  return { kind: 'graph', path: `values/${name}/whole-numbers`, example: once(example), runs: [{ inputs }] };
}

function functionGraph(name: string, make: NumberFunction['make']): Graph {
  const build = new GraphBuilder();
  return build.finish(name, { y: make(build, (input) => build.input(input, ['atoms', 2])) });
}

/** Numbers that differ in their last place in float32, or not at all. */
function closeNumbers(): GraphCase[] {
  const example = once(() => ({ graph: closeGraph(), parameters: {} }));
  return [1e-6, 1, 1e6].map(
    (size): GraphCase => ({
      kind: 'graph',
      path: `values/close-numbers/around-${size}`,
      example,
      compare: 'numberwise',
      runs: [
        {
          inputs: (graph) => {
            const inputs = randomInputs(graph, { seed: 4, dims: { atoms: rows, edges: 1, graphs: 1 } });
            const first = inputs.values.x!.map((value) => Math.fround(size * (2 + value)));
            const second = first.map((value, i) => Math.fround(value * (1 + ((i % 3) - 1) * 2 ** -22)));
            return { ...inputs, values: { x: first, z: second } };
          },
        },
      ],
    }),
  );
}

function closeGraph(): Graph {
  const build = new GraphBuilder();
  const [x, z] = [build.input('x', ['atoms', 2]), build.input('z', ['atoms', 2])];
  const ones = build.fill(1, x);
  const asNumber = (mask: Node): Node => build.select(mask, ones, build.neg(ones));
  return build.finish('close', {
    less: asNumber(build.less(x, z)),
    more: asNumber(build.less(z, x)),
    larger: build.max(x, z),
    difference: build.sub(x, z),
  });
}
