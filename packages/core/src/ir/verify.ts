/**
 * Every invariant of a graph, checked from scratch. Runs after each pass in tests and when a backend compiles.
 *
 * The builder checks types as it goes; this catches what no single op can see: maps and names that disagree,
 * nodes changed by hand, bodies that do not fit their calls.
 */
import { GraphError } from '../errors.js';
import { mapOf } from './attributes.js';
import { TypeMismatch, arity, formatType, inferType, sameType } from './infer.js';
import { mapKey } from './keys.js';
import { printStatement, statementNumbers } from './print.js';
import { nodesOf } from './traverse.js';
import type { Dim, Graph, IndexMap, Node, OpAttributes, OpName, Type } from './types.js';

/**
 * Throws if the graph is not well formed; bodies of `call` and `table` are checked too.
 *
 * @throws GraphError with the statement, its scope, what was expected and found, and what to do
 */
export function verify(graph: Graph): void {
  new Verifier().graph(graph, '');
}

const variadic: ReadonlySet<string> = new Set<OpName>(['concat', 'polynomial', 'call']);
const runtimeDims: ReadonlySet<unknown> = new Set(['atoms', 'edges', 'graphs']);

type Fail = (problem: string, remedy: string) => never;

class Verifier {
  /** One meaning per map name and one type per parameter name, over the graph and all its bodies. */
  readonly #maps = new Map<string, string>();
  readonly #parameters = new Map<string, Type>();
  readonly #done = new Set<Graph>();

  graph(graph: Graph, path: string): void {
    if (this.#done.has(graph)) return;
    this.#done.add(graph);
    const where = `${path}${graph.name}`;
    const fail: Fail = (problem, remedy) => {
      throw new GraphError(`graph ${where}: ${problem}. ${remedy}`);
    };
    for (const [name, node] of Object.entries(graph.outputs)) {
      if (!node) fail(`output ${name} is missing`, 'Give a node for every output.');
    }
    if (Object.keys(graph.outputs).length === 0) fail('it has no outputs', 'Name at least one.');
    this.#listed(graph, fail);
    const order = nodesOf(graph);
    const numbers = statementNumbers(order);
    const position = new Map(order.map((node, i) => [node, i]));
    const maps = new Set(graph.maps.map((map) => map.name));
    const leaves = new Set<Node>([...graph.inputs, ...graph.parameters]);
    order.forEach((node, i) => {
      const failNode: Fail = (problem, remedy) => {
        throw new GraphError(
          `${node.op} in ${node.scope || 'the graph'}: ${problem}. Statement: ${describe(node, numbers)} (graph ${where}). ${remedy}`,
        );
      };
      if ((node.operands as readonly Node[]).some((operand) => !(position.get(operand)! < i)))
        failNode('it depends on itself', 'A graph has no cycles; rebuild it from its inputs.');
      this.#node(node, failNode);
      if ((node.op === 'input' || node.op === 'parameter') && !leaves.has(node)) {
        failNode(
          `it is not among the ${node.op}s that the graph lists`,
          'There is one node per name, listed in the header; assemble the graph with GraphBuilder.finish.',
        );
      }
      const map = mapOf(node);
      if (map) this.#usedMap(map, maps, failNode);
      if (node.op === 'call' || node.op === 'table') this.#bodies(node, maps, `${where}/`, failNode);
    });
  }

  /** The header: maps, inputs, parameters. */
  #listed(graph: Graph, fail: Fail): void {
    const mapNames = new Set<string>();
    for (const map of graph.maps) {
      if (mapNames.has(map.name)) fail(`map ${map.name} is listed twice`, 'List each map once.');
      const d = map.derivation;
      for (const base of d ? (d.kind === 'select' ? [d.first] : [d.first, d.second]) : []) {
        if (!mapNames.has(base.name))
          fail(
            `map ${map.name} is derived from ${base.name}, which is not listed before it`,
            'Assemble the graph with graphFrom, which lists them.',
          );
      }
      mapNames.add(map.name);
      this.#map(map, fail);
    }
    const names = new Set<string>();
    for (const leaf of [...graph.inputs, ...graph.parameters]) {
      const { name } = leaf.attributes;
      if (names.has(name))
        fail(
          `the name ${name} stands for two nodes among inputs and parameters`,
          'Use one node per name; rebuilding the graph in one GraphBuilder merges equal ones.',
        );
      names.add(name);
      if (leaf.op === 'parameter') {
        const known = this.#parameters.get(name);
        if (known && !sameType(known, leaf.type))
          fail(
            `parameter ${name} is ${formatType(leaf.type)} here and ${formatType(known)} elsewhere`,
            'A parameter has one type in a graph and all its bodies.',
          );
        this.#parameters.set(name, leaf.type);
      }
    }
  }

  #node(node: Node, fail: Fail): void {
    const { op, type } = node;
    if (!Object.hasOwn(arity, op) && !variadic.has(op))
      fail(`${String(op)} is no op`, 'The ops are the keys of OpAttributes.');
    const badDim = type.shape.find((dim) => !isDim(dim));
    if (badDim !== undefined) fail(`${String(badDim)} is no dimension`, 'Use a whole number, atoms, edges or graphs.');
    let inferred: Type;
    try {
      inferred = inferType(
        op,
        (node.operands as readonly Node[]).map((operand) => operand.type),
        node.attributes as OpAttributes[OpName],
        type,
      );
    } catch (error) {
      if (!(error instanceof TypeMismatch)) throw error;
      return fail(error.message, 'Rebuild the node with GraphBuilder, which infers its type.');
    }
    if (!sameType(inferred, type))
      fail(
        `expected ${formatType(inferred)}, found ${formatType(type)}`,
        'Rebuild the node with GraphBuilder, which infers its type.',
      );
    if (op === 'parameter' && type.shape.some((dim) => typeof dim !== 'number'))
      fail(`a parameter has fixed dimensions, found ${formatType(type)}`, 'What varies with a run is an input.');
    if ((op === 'parameter' || op === 'constant') && type.kind !== 'real')
      fail(`a ${op} is real, found ${formatType(type)}`, 'Masks are computed with less.');
    if (op === 'constant') {
      const bad = node.attributes.values.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) fail(`value ${bad} is ${node.attributes.values[bad]}`, 'Constants are finite.');
    }
    if (op === 'polynomial') {
      for (const { out, coefficient, factors } of node.attributes.table.monomials) {
        if (!Number.isFinite(coefficient))
          fail(`a coefficient of component ${out} is ${coefficient}`, 'Coefficients are finite.');
        const whole = factors.every((f) => Number.isInteger(f.operand) && Number.isInteger(f.component));
        if (!whole || !Number.isInteger(out))
          fail(`a monomial of component ${out} has an index that is not whole`, 'Make tables with polynomialTable.');
      }
    }
  }

  #usedMap(map: IndexMap, listed: ReadonlySet<string>, fail: Fail): void {
    this.#map(map, fail);
    if (!listed.has(map.name))
      fail(
        `map ${map.name} is not among the maps that the graph lists`,
        'Assemble the graph with graphFrom, which lists them.',
      );
  }

  #map(map: IndexMap, fail: Fail): void {
    const known = this.#maps.get(map.name);
    const key = mapKey(map);
    if (known !== undefined && known !== key)
      fail(`two maps are called ${map.name}: ${known} and ${key}`, 'One name stands for one map; rename one.');
    if (known === undefined) {
      this.#maps.set(map.name, key);
      const problem = derivationProblem(map);
      if (problem) fail(`map ${map.name}: ${problem}`, 'Correct its sizes or its derivation.');
      if (map.derivation) this.#map(map.derivation.first, fail);
      if (map.derivation && map.derivation.kind !== 'select') this.#map(map.derivation.second, fail);
    }
  }

  #bodies(node: Extract<Node, { op: 'call' | 'table' }>, listed: ReadonlySet<string>, path: string, fail: Fail): void {
    const { body } = node.attributes;
    for (const map of body.maps) this.#usedMap(map, listed, fail);
    this.graph(body, path);
    if (node.op === 'call') {
      const names = body.parameters.map((parameter) => parameter.attributes.name);
      if (names.length > 0)
        fail(
          `the body of ${node.attributes.name} has parameters of its own: ${names.join(', ')}`,
          'Pass them as operands, else no caller supplies them and no gradient reaches them.',
        );
      return;
    }
    const { slope, order, cutoff, groups } = node.attributes;
    if (!(cutoff > 0 && cutoff < Infinity)) fail(`cutoff ${cutoff}`, 'Give the distance from which on all is 0.');
    for (const { start, range, intervals } of groups)
      if (!range.every(Number.isFinite) || !Number.isInteger(start) || !Number.isInteger(intervals))
        fail(
          `range [${range.join(' ')}] with ${intervals} intervals from row ${start} on`,
          'Give finite ends and whole numbers.',
        );
    const distance = node.operands[0].type;
    for (const part of slope ? [body, slope] : [body]) {
      if (part.inputs.length !== 1 || !sameType(part.inputs[0]!.type, distance)) {
        fail(
          `its body ${part.name} must take one input, the distances ${formatType(distance)}, and takes ${part.inputs.map((input) => formatType(input.type)).join(', ') || 'none'}`,
          'Everything else in a body is a parameter, a constant or a map.',
        );
      }
      if (Object.keys(part.outputs).length !== 1 || !sameType(Object.values(part.outputs)[0]!.type, node.type))
        fail(
          `its body ${part.name} must have one output, ${formatType(node.type)}`,
          'Name only the value of the table.',
        );
    }
    if (!slope) return;
    if (order === 1) fail('a table of order 1 has a slope', 'Its derivative is that of its exact body; leave it out.');
    for (const map of slope.maps) this.#usedMap(map, listed, fail);
    this.graph(slope, path);
  }
}

function derivationProblem(map: IndexMap): string | undefined {
  if (!isDim(map.from) || !isDim(map.to)) return `${map.from} → ${map.to} are no dimensions`;
  const d = map.derivation;
  if (!d) return undefined;
  if (d.first.from !== map.from) return `its rows are ${map.from}, those of ${d.first.name} are ${d.first.from}`;
  switch (d.kind) {
    case 'compose':
      if (d.first.to !== d.second.from)
        return `${d.first.name} ends at ${d.first.to}, ${d.second.name} starts at ${d.second.from}`;
      return d.second.to === map.to ? undefined : `it ends at ${map.to}, ${d.second.name} ends at ${d.second.to}`;
    case 'pair': {
      if (d.second.from !== map.from) return `its rows are ${map.from}, those of ${d.second.name} are ${d.second.from}`;
      const { to: a } = d.first;
      const { to: b } = d.second;
      if (typeof a !== 'number' || typeof b !== 'number') return 'a pair needs two fixed targets';
      return a * b === map.to ? undefined : `expected ${a * b} targets, found ${map.to}`;
    }
    case 'select':
      if (
        !d.keep.every(
          (row) => Number.isInteger(row) && row >= 0 && (typeof d.first.to !== 'number' || row < d.first.to),
        )
      )
        return `kept rows [${d.keep.join(' ')}] are not targets of ${d.first.name}`;
      if (new Set(d.keep).size !== d.keep.length) return `kept rows [${d.keep.join(' ')}] repeat`;
      return d.keep.length === map.to ? undefined : `expected ${d.keep.length} targets, found ${map.to}`;
  }
}

function isDim(dim: Dim): boolean {
  return typeof dim === 'number' ? Number.isInteger(dim) && dim >= 0 : runtimeDims.has(dim);
}

/** The statement as printed; a broken node may not print. */
function describe(node: Node, numbers: ReadonlyMap<Node, number>): string {
  try {
    return printStatement(node, numbers);
  } catch {
    return `%${numbers.get(node) ?? node.id} = ${String(node.op)}`;
  }
}
