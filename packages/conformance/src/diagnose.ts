/**
 * Where a graph first goes wrong: every node becomes an output, and the first in order whose value differs is cut out, with
 * the reference's values as its inputs, and shrunk to fewer rows while it still fails. What remains is printed.
 */
import { graphPasses, indexMapValues, type RealArray, type RunInputs } from '@mace/core/backend';
import { GraphBuilder, graphFrom, nodesOf, print, type Dim, type Graph, type Node } from '@mace/core/ir';
import { together } from './checks/graph/comparisons.js';
import { makeGraphLaboratory, type GraphLaboratory } from './checks/graph/laboratory.js';
import type { Configuration, Parameters, Subject } from './subject.js';

/** Text for people: op, scope, minimal graph; or the fusion or pass where every node alone is right. */
export async function diagnose(
  subject: Subject,
  graph: Graph,
  parameters: Parameters,
  inputs: RunInputs,
): Promise<string> {
  const node = await firstWrong(subject, graph, parameters, inputs);
  if (!node) return `every node alone is right; ${await inContext(subject, graph, parameters, inputs)}`;
  const where = `first wrong node: ${node.op} in ${node.scope || 'the graph'}`;
  const minimal = await cutOut(subject, node, parameters, inputs);
  if (minimal) return `${where}\nminimal case:\n${minimal}`;
  return `${where}, which is right when it is cut out; ${await inContext(subject, graph, parameters, inputs)}`;
}

/** What a fault that shows only in context comes from: without fusions and passes, then with each alone. */
async function inContext(subject: Subject, graph: Graph, parameters: Parameters, inputs: RunInputs): Promise<string> {
  const wrong = (configuration: Configuration): Promise<boolean> =>
    isWrong(subject, graph, parameters, inputs, configuration);
  if (!(await wrong({}))) return 'compiled again, the graph is right: the fault is in what is kept between runs.';
  const kinds = [
    { kind: 'fusions', one: 'fusion', names: (await subject.backend()).fusions ?? [] },
    { kind: 'passes', one: 'pass', names: graphPasses.map(({ name }) => name) },
  ] as const;
  for (const { kind, one, names } of kinds) {
    if (names.length === 0 || (await wrong({ [kind]: 'none' }))) continue;
    for (const name of names)
      if (await wrong({ [kind]: [name] }))
        return `the graph is right without ${kind}, and wrong with the ${one} ${name} alone.`;
    return `the graph is right without ${kind}, and with each of them alone: two of ${names.join(', ')} do not go together.`;
  }
  return 'the graph is wrong without fusions and without passes too: memory that is shared too soon, or the order of steps.';
}

/** The first node in topological order whose value differs, when it is an output of a graph of its own. */
async function firstWrong(
  subject: Subject,
  graph: Graph,
  parameters: Parameters,
  inputs: RunInputs,
): Promise<Node | null> {
  const nodes = nodesOf(graph).filter((node) => node.type.kind === 'real' && node.op !== 'input');
  const wrong = async (node: Node): Promise<boolean> => {
    const probe = new GraphBuilder().finish('probe', { value: node });
    return isWrong(subject, probe, parameters, inputs);
  };
  const firstOf = async (candidates: readonly Node[]): Promise<Node | null> => {
    for (const candidate of candidates) if (await wrong(candidate)) return candidate;
    return null;
  };
  if (nodes.length === 0 || !(await wrong(nodes.at(-1)!))) return firstOf(nodes.slice(0, 60));
  // A node is wrong if something before it is, most often; so halving comes near a first one fast.
  let [low, high] = [0, nodes.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await wrong(nodes[middle]!)) high = middle;
    else low = middle + 1;
  }
  // The order mixes branches, so what made it wrong may stand further up: go there until every operand is right.
  let first = nodes[low]!;
  for (let next: Node | null = first; next; ) {
    first = next;
    next = await firstOf(nodes.filter((node) => (first.operands as readonly Node[]).includes(node)));
  }
  return first;
}

async function isWrong(
  subject: Subject,
  graph: Graph,
  parameters: Parameters,
  inputs: RunInputs,
  configuration: Configuration = {},
): Promise<boolean> {
  let laboratory: GraphLaboratory | undefined;
  try {
    laboratory = await makeGraphLaboratory(subject, { graph, parameters }, configuration);
    const { noise } = laboratory;
    const found = await laboratory.found(inputs);
    for (const [name, wanted] of Object.entries(await laboratory.exact(inputs))) {
      const actual = found[name];
      if (actual?.length !== wanted.length) return true;
      if ((await together(subject.precision, wanted, actual, name, (level) => noise(inputs, level))).problem)
        return true;
    }
    return false;
  } catch {
    return true;
  } finally {
    await laboratory?.dispose();
  }
}

/** A graph of one node, its operands turned into inputs that hold the reference's values, at the fewest rows that still fail. */
async function cutOut(subject: Subject, node: Node, parameters: Parameters, inputs: RunInputs): Promise<string | null> {
  const operands = (node.operands as readonly Node[]).filter((operand, i, all) => all.indexOf(operand) === i);
  if (operands.length === 0 || operands.some((operand) => operand.type.kind === 'mask')) return null;
  const named = Object.fromEntries(operands.map((operand, i) => [`x${i}`, operand]));
  const [values] = await subject.expected(new GraphBuilder().finish('operands', named), parameters, [inputs], 'f64');
  const build = new GraphBuilder();
  const replace = new Map(operands.map((operand, i) => [operand, build.input(`x${i}`, operand.type.shape) as Node]));
  const { y } = build.import(new GraphBuilder().finish('minimal', { y: node }), replace);
  const minimal = graphFrom('minimal', { y: y! });
  const whole: RunInputs = { ...inputs, values: values! };
  const largest = Math.max(...Object.values(inputs.dims));
  for (let rows = 1; rows < largest; rows *= 2) {
    const fewer = firstRows(minimal, whole, rows);
    if (await isWrong(subject, minimal, parameters, fewer)) return described(minimal, fewer);
  }
  return (await isWrong(subject, minimal, parameters, whole)) ? described(minimal, whole) : null;
}

/** The first rows of every runtime dimension; what a map sent further goes to the last row that is left. */
function firstRows(graph: Graph, { dims, maps, values }: RunInputs, rows: number): RunInputs {
  const fewer = Object.fromEntries(Object.entries(dims).map(([dim, size]) => [dim, Math.min(size, rows)]));
  const sizeOf = (dim: Dim): number => (typeof dim === 'number' ? dim : fewer[dim]!);
  return {
    dims: fewer as RunInputs['dims'],
    maps: Object.fromEntries(
      graph.maps
        .filter(({ derivation }) => !derivation)
        .map(({ name, from, to }) => {
          const targets = maps[name]!.values.slice(0, sizeOf(from)).map((target) => Math.min(target, sizeOf(to) - 1));
          return [name, indexMapValues(targets, sizeOf(to))];
        }),
    ),
    values: Object.fromEntries(
      graph.inputs.map(({ attributes: { name }, type }) => {
        const before = type.shape.map((dim) => (typeof dim === 'number' ? dim : dims[dim]));
        return [name, block(values[name] as RealArray, before, type.shape.map(sizeOf))];
      }),
    ),
  };
}

/** The leading block of an array [before] with sizes [after]. */
function block(values: RealArray, before: readonly number[], after: readonly number[]): RealArray {
  if (before.length === 0) return values;
  const inner = before.slice(1).reduce((size, dim) => size * dim, 1);
  const rows = Array.from({ length: after[0]! }, (_, row) =>
    block(values.subarray(row * inner, (row + 1) * inner), before.slice(1), after.slice(1)),
  );
  return Float64Array.from(rows.flatMap((row) => [...row]));
}

/** The graph as text that can be parsed back, with its sizes and, if they are few, its numbers. */
function described(graph: Graph, { dims, values }: RunInputs): string {
  const numbers = Object.entries(values).map(([name, array]) => {
    const shown = Array.from((array as RealArray).slice(0, 8)).join(' ');
    return `${name} = ${shown}${(array as RealArray).length > 8 ? ' …' : ''}`;
  });
  const sizes = `atoms = ${dims.atoms}, edges = ${dims.edges}, graphs = ${dims.graphs}`;
  return [print(graph).trimEnd(), `with ${sizes}`, ...numbers].join('\n');
}
