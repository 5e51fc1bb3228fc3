/**
 * What each attribute is: keys, walks and checks of graphs go by this and by no list of names of their own. An attribute with a
 * new name does not compile without an entry, and the entry must be of its type.
 */
import { invariant } from '../errors.js';
import type { Graph, IndexMap, Node, OpAttributes, OpName, PolynomialTable, TableGroup } from './types.js';

export type AttributeName = { [K in OpName]: keyof OpAttributes[K] }[OpName];
type ValueOf<A extends AttributeName> = {
  [K in OpName]: A extends keyof OpAttributes[K] ? NonNullable<OpAttributes[K][A]> : never;
}[OpName];
type KindOf<V> = [V] extends [IndexMap]
  ? 'map'
  : [V] extends [Graph]
    ? 'graph'
    : [V] extends [PolynomialTable]
      ? 'polynomial'
      : [V] extends [string | number | readonly number[]]
        ? 'plain'
        : [V] extends [readonly TableGroup[]]
          ? 'tableGroups'
          : never;

export const attributeKinds: { readonly [A in AttributeName]: KindOf<ValueOf<A>> } = {
  name: 'plain',
  values: 'plain',
  axes: 'plain',
  order: 'plain',
  axis: 'plain',
  start: 'plain',
  stop: 'plain',
  before: 'plain',
  after: 'plain',
  form: 'plain',
  cutoff: 'plain',
  groups: 'tableGroups',
  output: 'plain',
  map: 'map',
  group: 'map',
  table: 'polynomial',
  body: 'graph',
  slope: 'graph',
};

/** The index map that a node reads, if any. No op reads two: whoever asks gets all there is. */
export function mapOf(node: Node): IndexMap | undefined {
  const [map, another] = presentOf<IndexMap>(node, mapNames);
  invariant(!another, `${node.op} reads two index maps.`);
  return map;
}

/** The graphs that a node has as attributes. */
export function bodiesOf(node: Node): Graph[] {
  return presentOf<Graph>(node, graphNames);
}

const ofKind = (kind: 'map' | 'graph'): AttributeName[] =>
  (Object.keys(attributeKinds) as AttributeName[]).filter((name) => attributeKinds[name] === kind);
const mapNames = ofKind('map');
const graphNames = ofKind('graph');

function presentOf<V>({ attributes }: Node, names: readonly AttributeName[]): V[] {
  const found: V[] = [];
  for (const name of names) {
    const value = (attributes as Partial<Record<AttributeName, V>>)[name];
    if (value !== undefined) found.push(value);
  }
  return found;
}
