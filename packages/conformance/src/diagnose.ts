/**
 * Where a graph first goes wrong: every node becomes an output, and the first in order whose value differs is cut out, with
 * the reference's values as its inputs, and shrunk to fewer rows while it still fails. What remains is printed.
 */
import type { RunInputs } from '@mace/core/backend';
import { GraphBuilder, nodesOf, print, type Graph, type Node } from '@mace/core/ir';
import type { Outputs, Parameters, Subject } from './subject.js';
import { factors, largestDifference, toleranceOf } from './tolerance.js';

/** Text for people: op, scope, minimal graph. Null if nothing smaller than the whole graph fails. */
export async function diagnose(
  subject: Subject,
  graph: Graph,
  parameters: Parameters,
  inputs: RunInputs,
): Promise<string | null> {
  const node = await firstWrong(subject, graph, parameters, inputs);
  if (!node) return 'every node alone is right: the fault shows only in the whole graph (fusion, memory or state).';
  const where = `first wrong node: ${node.op} in ${node.scope || 'the graph'}`;
  const minimal = await cutOut(subject, node, parameters, inputs);
  return minimal ? `${where}\nminimal case:\n${minimal}` : where;
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
  // A node is wrong if something before it is, most often; so halving finds a first one fast.
  let [low, high] = [0, nodes.length - 1];
  if (nodes.length === 0 || !(await wrong(nodes[high]!))) {
    for (const node of nodes.slice(0, 60)) if (await wrong(node)) return node;
    return null;
  }
  if (nodes.length <= 12) {
    for (const node of nodes) if (await wrong(node)) return node;
  }
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await wrong(nodes[middle]!)) high = middle;
    else low = middle + 1;
  }
  return nodes[low]!;
}

async function isWrong(subject: Subject, graph: Graph, parameters: Parameters, inputs: RunInputs): Promise<boolean> {
  let actual: Outputs;
  try {
    actual = await subject.run(graph, parameters, inputs);
  } catch {
    return true;
  }
  const noise = [
    ...(await subject.noise(graph, parameters, [inputs])),
    ...(await subject.primitiveNoise(graph, parameters, inputs)),
  ];
  return Object.entries(noise[0]!.exact).some(([name, wanted]) => {
    const found = actual[name];
    if (!found || found.length !== wanted.length) return true;
    const samples = noise.map(({ exact, rounded }) => ({ exact: exact[name]!, rounded: rounded[name]! }));
    const tolerance = toleranceOf(subject.precision, 2 * factors.ops, samples);
    return !(largestDifference(wanted, found) <= tolerance);
  });
}

/** A graph of one node, its operands turned into inputs that hold the reference's values; printed if it still fails. */
async function cutOut(subject: Subject, node: Node, parameters: Parameters, inputs: RunInputs): Promise<string | null> {
  const operands = (node.operands as readonly Node[]).filter((operand, i, all) => all.indexOf(operand) === i);
  if (operands.length === 0 || operands.some((operand) => operand.type.kind === 'mask')) return null;
  const named = Object.fromEntries(operands.map((operand, i) => [`x${i}`, operand]));
  const [values] = await subject.expected(new GraphBuilder().finish('operands', named), parameters, [inputs], 'f64');
  const build = new GraphBuilder();
  const replace = new Map(operands.map((operand, i) => [operand, build.input(`x${i}`, operand.type.shape) as Node]));
  const { y } = build.import(new GraphBuilder().finish('minimal', { y: node }), replace);
  const minimal = build.finish('minimal', { y: y! });
  const bound: RunInputs = { ...inputs, values: values! };
  return (await isWrong(subject, minimal, parameters, bound)) ? print(minimal) : null;
}
