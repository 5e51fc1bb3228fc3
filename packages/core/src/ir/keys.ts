/**
 * Text keys of attributes and a structural hash of graphs: two nodes with equal keys compute the same thing.
 * Used for sharing equal nodes, for cache keys and for names of folded parameters.
 */
import { attributeKinds, type AttributeName } from './attributes.js';
import { topologicalOrder } from './traverse.js';
import type { Graph, IndexMap, Node, OpAttributes, OpName, PolynomialTable, TableGroup } from './types.js';

const cache = new WeakMap<object, string>();

function cached<T extends object>(value: T, make: (value: T) => string): string {
  let key = cache.get(value);
  if (key === undefined) {
    key = make(value);
    cache.set(value, key);
  }
  return key;
}

/** A key of a table; long ones are hashed. */
export function tableKey(table: PolynomialTable): string {
  return cached(table, (t) =>
    shorten(
      `${t.outputs}:${t.monomials.map((m) => `${m.out},${m.coefficient}${m.factors.map((f) => `,${f.operand}.${f.component}`).join('')}`).join(';')}`,
    ),
  );
}

/** A key of an index map with its derivation. */
export function mapKey(map: IndexMap): string {
  const d = map.derivation;
  if (!d) return `${map.name}:${map.from}>${map.to}`;
  if (d.kind === 'select') return `${map.name}=select(${mapKey(d.first)},[${d.keep.join(' ')}])`;
  return `${map.name}=${d.kind}(${mapKey(d.first)},${mapKey(d.second)})`;
}

/** A key of the attributes of an op. Attributes never change, and pass from graph to graph. */
export function attributesKey<K extends OpName>(op: K, attributes: OpAttributes[K]): string {
  return cached(attributes, keyOfAttributes);
}

const keyOf = {
  polynomial: (_name: string, value: PolynomialTable) => tableKey(value),
  graph: (name: string, value: Graph) => `${name}=${graphHash(value)}`,
  map: (name: string, value: IndexMap) => `${name}=${mapKey(value)}`,
  plain: (name: string, value: string | number | readonly number[]) =>
    `${name}=${typeof value === 'object' ? numbersKey(value) : shorten(String(value))}`,
  tableGroups: (name: string, groups: readonly TableGroup[]) =>
    `${name}=${numbersKey(groups.flatMap(({ start, intervals, range }) => [start, intervals, ...range]))}`,
};

function keyOfAttributes(attributes: object): string {
  const parts: string[] = [];
  // Sorted, so that the key does not depend on the order in which the attributes were written.
  for (const [name, value] of Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (value === undefined) continue;
    parts.push(keyOf[attributeKinds[name as AttributeName]](name, value as never));
  }
  return parts.join('|');
}

/** Structural hash of one node: equal for equal computations, whatever their ids and scopes. */
export function nodeHash(root: Node, known: Map<Node, string> = new Map()): string {
  for (const node of topologicalOrder([root])) {
    if (known.has(node)) continue;
    const operands = (node.operands as readonly Node[]).map((operand) => known.get(operand)!);
    known.set(
      node,
      hashText(
        `${node.op}(${attributesKey(node.op, node.attributes as OpAttributes[OpName])})[${node.type.kind} ${node.type.shape.join(' ')}]${operands.join(',')}`,
      ),
    );
  }
  return known.get(root)!;
}

/** Structural hash of a graph: its inputs in order and its outputs by name. */
export function graphHash(graph: Graph): string {
  return cached(graph, (g) => {
    const known = new Map<Node, string>();
    const outputs = Object.entries(g.outputs).map(([name, node]) => `${name}=${nodeHash(node, known)}`);
    return hashText(
      `${g.inputs.map((i) => `${i.attributes.name}[${i.type.shape.join(' ')}]`).join(',')}->${outputs.join(',')}`,
    );
  });
}

function shorten(text: string): string {
  return text.length <= 64 ? text : hashText(text);
}

/** Constants have up to a million numbers: more than a few are hashed by their bits, which is quicker than by their digits. */
function numbersKey(numbers: readonly number[]): string {
  if (numbers.length <= 16) return shorten(numbers.map((v) => (Object.is(v, -0) ? '-0' : v)).join(' '));
  return `${numbers.length}:${hash(new Uint16Array(Float64Array.from(numbers).buffer))}`;
}

/** 106-bit hash (two cyrb53 lanes) of a text; not cryptographic. */
export function hashText(text: string): string {
  const codes = new Uint16Array(text.length);
  for (let i = 0; i < codes.length; i++) codes[i] = text.charCodeAt(i);
  return hash(codes);
}

function hash(codes: Uint16Array): string {
  return lane(codes, 0x9e3779b9) + lane(codes, 0x85ebca6b);
}

function lane(codes: Uint16Array, seed: number): string {
  let a = 0xdeadbeef ^ seed;
  let b = 0x41c6ce57 ^ seed;
  for (const code of codes) {
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36).padStart(11, '0');
}
