/** Every op with every one of its sizes, one at a time: a graph has an output for each size. And graphs large as a whole. */
import { indexMapValues, type RunInputs } from '@mace/core/backend';
import { randomInputs } from '@mace/core/generators';
import { GraphBuilder, fixedSize, type Dim, type Graph, type Node, type Shape } from '@mace/core/ir';
import { once, type Example, type GraphCase } from '../case.js';
import { everyOpCases } from './sizes/every-op.js';
import { blockSizes, denseSizes, upTo } from './sizes/lists.js';
import { sizedForms, type Parts, type SizedForm } from './sizes/forms.js';

const dims = { atoms: 3, edges: 5, graphs: 1 };

export function sizeCases(): GraphCase[] {
  return [...sizedForms.flatMap(casesOf), ...everyOpCases(), ...largeProducts(), ...longSegments(), ...largeGraphs()];
}

/** Sizes in a few graphs, so that a failure names a small one. */
function casesOf(form: SizedForm): GraphCase[] {
  const all = denseSizes(form.largest, everySizeUpTo(form));
  const parts = {
    small: all.filter((n) => n <= 40),
    medium: all.filter((n) => n > 40 && n <= 130),
    large: all.filter((n) => n > 130 && n <= 300),
    'very-large': all.filter((n) => n > 300),
  };
  return Object.entries(parts)
    .filter(([, sizes]) => sizes.length > 0)
    .map(
      ([name, sizes]): GraphCase => ({
        kind: 'graph',
        path: `sizes/${form.name}/${form.dimension}/${name}`,
        example: once(() => sizedGraph(form, sizes)),
        runs: [{ inputs: (graph) => randomInputs(graph, { seed: 17, dims }) }],
      }),
    );
}

function everySizeUpTo({ op, dimension, name }: SizedForm): number {
  // Large graphs, which few engines cut into blocks.
  if (op === 'polynomial' || op === 'table') return 66;
  // Made of matrices of that size by many backends.
  if (op === 'slice' || op === 'pad' || op === 'concat') return 130;
  const first = sizedForms.find((other) => other.op === op && other.dimension === dimension);
  return first?.name === name ? 300 : 130;
}

/** One output for each size, `size37`. */
export function sizedGraph(
  form: Pick<SizedForm, 'name' | 'make'>,
  sizes: readonly number[],
): { graph: Graph; parameters: Record<string, Float64Array> } {
  const build = new GraphBuilder();
  const parameters: Record<string, Float64Array> = {};
  const inputs = new Map<string, Node>();
  const outputs = sizes.map((size): [string, Node] => {
    const parts: Parts = {
      build,
      input: (name, ...shape: Dim[]) => {
        const own = `${name}.${shape.join('.')}`;
        if (!inputs.has(own)) inputs.set(own, build.input(own, shape));
        return inputs.get(own)!;
      },
      parameter: (name, ...shape) => {
        const own = `${name}.${size}`;
        parameters[own] = Float64Array.from({ length: fixedSize(shape) }, (_, i) => Math.sin(1 + 2.3 * i + size));
        return build.parameter(own, shape);
      },
    };
    return [`size${size}`, build.scoped(`size${size}`, () => form.make(parts, size))];
  });
  return { graph: build.finish(form.name, Object.fromEntries(outputs)), parameters };
}

/** Rows of products that are large enough for blocks in all directions. */
function largeProducts(): GraphCase[] {
  return (['nn', 'nt', 'tn'] as const).map((kind): GraphCase => {
    const example = (): Example =>
      sizedGraph(
        {
          name: `matmul-${kind}`,
          make: ({ build, input, parameter }, n) => {
            const second =
              kind === 'nn' ? parameter('w', 37, n) : kind === 'nt' ? parameter('w', n, 37) : input('z', 'atoms', n);
            return build.matmul(input('x', 'atoms', 37), second, kind);
          },
        },
        [48, 53],
      );
    return {
      kind: 'graph',
      path: `sizes/matmul-${kind}/rows/beside-blocks`,
      example: once(example),
      runs: [...upTo(1, 50), 63, 64, 65, 95, 96, 97, 127, 128, 129, 144, 255, 256, 257].map((atoms) => ({
        name: `${atoms} rows`,
        inputs: (graph) => randomInputs(graph, { seed: atoms, dims: { ...dims, atoms } }),
      })),
    };
  });
}

/** Most rows go to one target: the first, the last, or one between. */
function longSegments(): GraphCase[] {
  const example = once(() => ({ graph: segmentGraph(), parameters: {} }));
  const lengths = [...upTo(1, 140), ...blockSizes(141, 1200), 1300, 1600, 2000, 2500, 3200, 4096, 4097, 10_000, 66_000];
  return [0, 2, 4].map(
    (target): GraphCase => ({
      kind: 'graph',
      path: `sizes/segment-sum/longest/target-${target}`,
      example,
      runs: lengths.map((length) => ({
        name: `a segment of ${length} rows`,
        inputs: (graph): RunInputs => {
          const inputs = randomInputs(graph, { seed: length, dims: { atoms: 5, edges: length + 3, graphs: 1 } });
          const values = Int32Array.from({ length: length + 3 }, (_, i) => (i % (length / 2 + 2) === 1 ? 1 : target));
          return { ...inputs, maps: { receiver: indexMapValues(values, 5) } };
        },
      })),
    }),
  );
}

function segmentGraph(): Graph {
  const receiver = { name: 'receiver', from: 'edges', to: 'atoms' } as const;
  const build = new GraphBuilder();
  const [x, z, w] = [build.input('x', ['edges']), build.input('z', ['edges', 3]), build.input('w', ['atoms', 2])];
  return build.finish('long-segments', {
    numbers: build.segmentSum(x, receiver),
    rows: build.segmentSum(z, receiver),
    products: build.matmul(z, z, 'tn', receiver),
    gathered: build.gather(w, receiver),
  });
}

/** Many outputs, inputs, parameters, and a long chain. */
function largeGraphs(): GraphCase[] {
  const one = (name: string, graph: Graph, parameters: Record<string, Float64Array> = {}): GraphCase => ({
    kind: 'graph',
    path: `sizes/graph/${name}`,
    example: once(() => ({ graph, parameters })),
    runs: [2, 37].map((atoms) => ({
      name: `${atoms} rows`,
      inputs: (graph) => randomInputs(graph, { seed: atoms, dims: { ...dims, atoms } }),
    })),
  });
  const shape: Shape = ['atoms', 2];
  const outputs = new GraphBuilder();
  const x = outputs.input('x', shape);
  const many = Array.from({ length: 300 }, (_, i) => [`y${i}`, outputs.sin(outputs.scale(x, 1 + i / 100))] as const);
  const inputs = new GraphBuilder();
  const summands = Array.from({ length: 150 }, (_, i): Node => inputs.input(`x${i}`, shape));
  const sum = summands.reduce((a, b) => inputs.add(a, b));
  const chain = new GraphBuilder();
  let end: Node = chain.input('x', shape);
  for (let i = 0; i < 400; i++) end = i % 3 === 2 ? chain.sin(chain.add(end, chain.fill(i / 50, end))) : chain.neg(end);
  const weights = new GraphBuilder();
  const values: Record<string, Float64Array> = {};
  let product: Node = weights.input('x', shape);
  for (let i = 0; i < 120; i++) {
    values[`w${i}`] = Float64Array.of(Math.cos(i), Math.sin(i), -Math.sin(i), Math.cos(i));
    product = weights.matmul(product, weights.parameter(`w${i}`, [2, 2]));
  }
  const direct = new GraphBuilder();
  const [own, matrix]: Node[] = [direct.input('x', shape), direct.parameter('w', [2, 2])];
  const held: Record<string, Node> = {
    x: own!,
    w: matrix!,
    again: own!,
    constant: direct.constant([1, -2], [2]),
    y: direct.matmul(own!, matrix!),
  };
  return [
    one('300-outputs', outputs.finish('outputs', Object.fromEntries(many))),
    one('150-inputs', inputs.finish('inputs', { sum })),
    one('chain-of-400-ops', chain.finish('chain', { end })),
    one('120-parameters', weights.finish('parameters', { product }), values),
    one('inputs-and-parameters-as-outputs', direct.finish('direct', held), { w: Float64Array.of(1, 2, 3, 4) }),
  ];
}
