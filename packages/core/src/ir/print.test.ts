/** The text form: what it looks like, what it keeps exactly, and what parse says about text that is not one. */
import { describe, expect, it } from 'vitest';
import { FormatError } from '../errors.js';
import {
  GraphBuilder,
  graphHash,
  parse,
  polynomialTable,
  print,
  verify,
  type Graph,
  type IndexMap,
  type Node,
} from './index.js';
import { randomGraph, seededRandom } from '../generators/index.js';

const sender: IndexMap = { name: 'sender', from: 'edges', to: 'atoms' };
const species: IndexMap = { name: 'species', from: 'atoms', to: 2 };
const senderSpecies: IndexMap = {
  name: 'senderSpecies',
  from: 'edges',
  to: 2,
  derivation: { kind: 'compose', first: sender, second: species },
};

function sample(): Graph {
  const inner = new GraphBuilder();
  const t = inner.input('t', ['edges', 1, 2]);
  const body = inner.finish('logistic', { value: inner.scale(inner.shift(inner.tanh(inner.scale(t, 0.5)), 1), 0.5) });
  const build = new GraphBuilder();
  const vectors = build.input('edgeVectors', ['edges', 3]);
  const features = build.scoped('embedding', () =>
    build.gather(build.parameter('node_embedding.linear.weight', [2, 2]), senderSpecies),
  );
  const dot = build.scoped('geometry', () => {
    const rows = build.reshape(vectors, ['edges', 3, 1]);
    return build.polynomial(
      [rows, build.reshape(features, ['edges', 1, 2])],
      polynomialTable(
        1,
        [0, 1, 2].map((component) => ({
          out: 0,
          coefficient: 0.5,
          factors: [
            { operand: 0, component },
            { operand: 0, component },
            { operand: 1, component: 0 },
          ],
        })),
      ),
    );
  });
  const message = build.scoped('interaction[0]/convolution', () =>
    build.segmentSum(build.call('sigmoid', body, [dot]), sender),
  );
  return build.finish('sample', { message });
}

describe('print', () => {
  it('shows a graph', () => {
    expect(`\n${print(sample())}`).toMatchInlineSnapshot(`
      "
      graph sample
        maps
          sender: edges -> atoms
          species: atoms -> 2
          senderSpecies: edges -> 2 = compose sender species
        inputs
          edgeVectors: real[edges 3]
        parameters
          node_embedding.linear.weight: real[2 2]
        tables
          t0: 1 outputs, 3 monomials
            [0] = 0.5 0[0] 0[0] 1[0] + 0.5 0[1] 0[1] 1[0] + 0.5 0[2] 0[2] 1[0]
        bodies
          b0
            graph logistic
              inputs
                t: real[edges 1 2]

              %2 = constant [0.5]  real[1 1 1]
              %3 = broadcast %2    real[edges 1 2]
              %4 = mul t %3        real[edges 1 2]
              %5 = tanh %4         real[edges 1 2]
              %6 = constant [1]    real[1 1 1]
              %7 = broadcast %6    real[edges 1 2]
              %8 = add %5 %7       real[edges 1 2]
              %9 = mul %8 %3       real[edges 1 2]

              return value = %9  real[edges 1 2]

        # geometry
        %4 = reshape edgeVectors  real[edges 3 1]

        # embedding
        %3 = gather node_embedding.linear.weight senderSpecies  real[edges 2]

        # geometry
        %5 = reshape %3                 real[edges 1 2]
        %6 = polynomial %4 %5 table=t0  real[edges 1 2]

        # interaction[0]/convolution
        %7 = call %6 name=sigmoid body=b0 output=value  real[edges 1 2]
        %8 = segmentSum %7 sender                       real[atoms 1 2]

        return message = %8  real[atoms 1 2]
      "
    `);
  });

  it('shows a short form', () => {
    expect(`\n${print(sample(), { tables: 'short' })}`).toMatchInlineSnapshot(`
      "
      graph sample
        maps
          sender: edges -> atoms
          species: atoms -> 2
          senderSpecies: edges -> 2 = compose sender species
        inputs
          edgeVectors: real[edges 3]
        parameters
          node_embedding.linear.weight: real[2 2]

        # geometry
        %4 = reshape edgeVectors  real[edges 3 1]

        # embedding
        %3 = gather node_embedding.linear.weight senderSpecies  real[edges 2]

        # geometry
        %5 = reshape %3                                        real[edges 1 2]
        %6 = polynomial %4 %5 2 operands, 3 -> 1, 3 monomials  real[edges 1 2]

        # interaction[0]/convolution
        %7 = call %6 name=sigmoid body=logistic output=value  real[edges 1 2]
        %8 = segmentSum %7 sender                             real[atoms 1 2]

        return message = %8  real[atoms 1 2]
      "
    `);
  });

  it('shows a table by its intervals, range and groups in the short form', () => {
    const build = new GraphBuilder();
    const r = build.input('r', ['edges']);
    const map = { name: 'pair', from: 'edges', to: 3 } as const;
    const inner = new GraphBuilder();
    const distance = inner.input('distance', ['edges']);
    const body = inner.finish('radial', { value: inner.reshape(distance, ['edges', 1]) });
    const groups = [64, 16, 48].map((intervals) => ({ start: 0, intervals, range: [0.5, 3.9] as const }));
    const attributes = { body, map, cutoff: 4, groups };
    const pieces = build.parameter('pieces', [64, 2, 1]);
    const graph = build.finish('tables', {
      value: build.table(r, pieces, { ...attributes, order: 0 }),
      slope: build.table(r, pieces, { ...attributes, order: 1 }),
    });
    const text = print(graph, { tables: 'short' });
    expect(text).toContain('table r pieces 16 to 64 intervals up to 4 for each of 3 by pair ');
    expect(text).toContain('table r pieces slope, 16 to 64 intervals up to 4 for each of 3 by pair ');
  });

  it('shows only the scopes asked for', () => {
    expect(`\n${print(sample(), { scope: 'interaction[0]/*', tables: 'short' })}`).toMatchInlineSnapshot(`
      "
      graph sample

        # interaction[0]/convolution
        %7 = call %6 name=sigmoid body=logistic output=value  real[edges 1 2]
        %8 = segmentSum %7 sender                             real[atoms 1 2]
      "
    `);
    expect(print(sample(), { scope: 'interaction[1]/*' })).not.toContain('%');
  });

  it('counts the values of long constants in the short form', () => {
    const build = new GraphBuilder();
    const text = print(build.finish('c', { y: build.constant([1, 2, 3, 4, 5, 6], [6]) }), { tables: 'short' });
    expect(text).toContain('constant [1 2 3 4 …] 6 values');
  });
});

describe('parse', () => {
  it('keeps numbers exactly', () => {
    const build = new GraphBuilder();
    const numbers = [
      0,
      -0,
      0.1,
      1 / 3,
      5e-324,
      Number.MAX_VALUE,
      -1e21,
      123456789012345680000,
      Infinity,
      -Infinity,
      NaN,
    ];
    const read = parse(print(build.finish('numbers', { y: build.constant(numbers, [numbers.length]) })));
    const value = read.outputs['y']!;
    expect(value.op === 'constant' && value.attributes.values.every((number, i) => Object.is(number, numbers[i]))).toBe(
      true,
    );
  });

  it('keeps names and scopes of any characters', () => {
    const build = new GraphBuilder();
    const odd = ['a b', 'x="1"', '%1', 'ü\n', 'interactions.0[2].w', '', 'real[3]', '# x', 'axis=2', ': '];
    const nodes = odd.map((name) => build.scoped(name, () => build.exp(build.input(`in ${name}`, [2]))));
    const graph = build.finish(' "odd"\t', Object.fromEntries(nodes.map((node, i) => [`${odd[i]}!`, node])));
    const read = parse(print(graph));
    expect(read.name).toBe(graph.name);
    expect(graphHash(read)).toBe(graphHash(graph));
    expect(Object.values(read.outputs).map((node) => node.scope)).toEqual(nodes.map((node) => node.scope));
    expect(print(read)).toBe(print(graph));
  });

  it('keeps unused inputs and equal nodes that were not shared', () => {
    const twice = [new GraphBuilder(), new GraphBuilder()].map((build) => build.exp(build.constant([1, 2], [2])));
    const last = new GraphBuilder();
    last.input('unused', ['atoms']);
    const graph = last.finish('twice', { a: twice[0]!, b: twice[1]! });
    const read = parse(print(graph));
    expect(print(read)).toBe(print(graph));
    expect(read.inputs.map((input) => input.attributes.name)).toEqual(['unused']);
    expect(read.outputs['a']).not.toBe(read.outputs['b']);
  });

  it('keeps node numbers', () => {
    const graph = sample();
    expect(parse(print(graph)).outputs['message']!.id).toBe(graph.outputs['message']!.id);
  });

  it('makes equal maps of a graph and its bodies one object', () => {
    const inner = new GraphBuilder();
    const body = inner.finish('pool', { y: inner.segmentSum(inner.input('x', ['edges']), sender) });
    const build = new GraphBuilder();
    const x = build.input('x', ['edges']);
    const read = parse(
      print(build.finish('outer', { y: build.add(build.call('pool', body, [x]), build.segmentSum(x, sender)) })),
    );
    const call = (read.outputs['y']!.operands as readonly Node[])[0]!;
    expect(call.op === 'call' && call.attributes.body.maps[0]).toBe(read.maps[0]);
    verify(read);
  });

  it('reads an edited dump, whatever its indentation', () => {
    const graph = parse(
      'graph g\ninputs\nx: real[edges 3]\n\n%1 = mul x x real[edges 3]\n%2 = sum %1 axes=[1] real[edges]\nreturn d = %2 real[edges]',
    );
    verify(graph);
    expect(graph.outputs['d']!.op).toBe('sum');
  });

  it.each([
    ['grph x', 'dump line 1: expected `graph` and a name, got `grph x`'],
    [
      'graph g\n%1 = constant [1]  real[1]',
      'line 2: expected a statement, a scope or `return`, got `the end of the text`',
    ],
    ['graph g\n%1 = foo  real[1]', 'line 2: expected the name of an op, got `foo`'],
    ['graph g\n%1 = constant [1 x]  real[2]', 'line 2: expected a number'],
    ['graph g\n%1 = exp %7  real[1]', 'line 2: expected an operand that was defined above'],
    ['graph g\ninputs\nx: real[atom]\n', 'line 3: expected a whole number, got `atom`'],
    ['graph g\ninputs\nx: real[3]\nx: real[3]', 'line 4: expected a new name, got `x again`'],
    [
      'graph g\ninputs\nx: real[3]\n\n%1 = add x x  real[4]',
      'line 5: expected real[3], the type of this add, got `real[4]`',
    ],
    [
      'graph g\ninputs\nx: real[3]\n\n# readout\n%1 = add x  real[3]',
      'line 6: add in readout: expected 2 operands, got 1',
    ],
    [
      'graph g\ninputs\nx: real[atoms]\n\n%1 = gather x sender  real[edges]',
      'line 5: expected a map among (none), got `sender`',
    ],
    [
      'graph g\ninputs\nx: real[3]\n\n%1 = sum x axes=[0] axis=1  real[]',
      'line 5: expected no such attribute of sum, got `axis`',
    ],
    ['graph g\nmaps\na: edges -> atoms = compose b c', 'line 3: expected a map that was listed above, got `b`'],
    ['graph g\n%1 = constant [1]  real[1]\nreturn y = %1  real[2]', 'line 3: expected real[1], the type of %1'],
    ['graph g\n%1 = constant [1]  real[1]\nreturn y = %1  real[1]\nmore', 'line 4: expected the end of the text'],
  ])('says where %j goes wrong', (text, message) => {
    expect(() => parse(text)).toThrow(FormatError);
    expect(() => parse(text)).toThrow(message);
  });

  it('refuses a short dump', () => {
    expect(() => parse(print(sample(), { tables: 'short' }))).toThrow('a short dump cannot be parsed');
  });

  it('throws nothing but FormatError, whatever is damaged', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = seededRandom(seed);
      const text = print(randomGraph(seed, { steps: 0 }).graph);
      for (let i = 0; i < 40; i++) {
        const at = Math.floor(random() * text.length);
        const damaged =
          text.slice(0, at) +
          ['', '"', '[', '\n', '%1', '7'][Math.floor(random() * 6)]! +
          text.slice(at + Math.floor(random() * 8));
        try {
          parse(damaged);
        } catch (error) {
          expect(error, `seed ${seed} change ${i}`).toBeInstanceOf(FormatError);
        }
      }
    }
  });
});
