/**
 * The graphs that compute a function of distance and its slope, and the groups of edges (pairs of elements) that it
 * distinguishes.
 */
import { forward } from '../autodiff/index.js';
import {
  GraphBuilder,
  legalize,
  mapOf,
  rewrite,
  simplify,
  SimplifyingBuilder,
  type Graph,
  type IndexMap,
  type Node,
} from '../ir/index.js';
import type { DistanceFunction } from './distance-functions.js';
import { fixedInto } from './table-operations.js';

export interface DistanceGraphs {
  /** Of the core, which is what is sampled. */
  readonly functions: number;
  /** Functions that a matrix makes of those. */
  readonly width: number;
  /** `distance[edges]` to `value[edges, functions]`. */
  readonly body: Graph;
  /** The derivative of `body`. */
  readonly slope: Graph;
  /** Both at once, named 0 and 1. */
  readonly both: Graph;
  /** `rows[edges, functions]` to `wide[edges, width]`, where a matrix makes more functions of those. */
  readonly widening: Graph | null;
  readonly maps: readonly IndexMap[];
  readonly groups: number;
  /** Groups that differ: of those that stand for each other, the first. */
  readonly distinct: readonly number[];
  /** Number of the group that the roles of the two maps exchanged give, where that changes nothing. */
  readonly mirrored: ((group: number) => number) | null;
}

export function distanceGraphs(graph: Graph, { core, widening, distance, maps }: DistanceFunction): DistanceGraphs {
  const functions = (core.type.shape.slice(1) as number[]).reduce((a, b) => a * b, 1);
  const build = new GraphBuilder();
  const r = build.input('distance', ['edges']);
  const value = build.import({ ...graph, inputs: [], outputs: { value: core } }, new Map([[distance, r]])).value!;
  const [slope] = forward(build, new Map([[r, build.fill(1, r)]]), [value]);
  const flat = [value, slope!].map((one) => build.reshape(one, ['edges', functions]));
  const graphOf = (name: string, outputs: Graph['outputs']): Graph =>
    simplify(legalize(build.finish(name, outputs), ({ op }) => op !== 'call'));
  const both = graphOf('radialAndSlope', Object.fromEntries(flat.entries()));
  const groups = maps.reduce((n, { to }) => n * (to as number), 1);
  const mirrored = isSymmetric(both, maps) ? mirroredGroup(maps[0]!.to as number) : null;
  const all = Array.from({ length: groups }, (_, group) => group);
  return {
    functions,
    width: widening ? (widening.type.shape[1] as number) : functions,
    body: graphOf('radial', { value: flat[0]! }),
    slope: graphOf('radialSlope', { value: flat[1]! }),
    both,
    widening: widening && wideningGraph(widening),
    maps,
    groups,
    distinct: mirrored ? all.filter((group) => group <= mirrored(group)) : all,
    mirrored,
  };
}

/** For each group, which of the distinct ones it is or mirrors. */
export function distinctOf({ groups, distinct, mirrored }: DistanceGraphs): number[] {
  const places = new Map(distinct.map((group, place) => [group, place]));
  return Array.from({ length: groups }, (_, group) => places.get(group) ?? places.get(mirrored!(group))!);
}

function wideningGraph(matrix: Node): Graph {
  const build = new GraphBuilder();
  const rows = build.input('rows', ['edges', matrix.type.shape[0]!]);
  return build.finish('widening', { wide: build.matmul(rows, fixedInto(build, matrix)) });
}

/** Whether a graph computes the same when two maps exchange their roles: elements of sender and receiver. */
function isSymmetric(graph: Graph, maps: readonly IndexMap[]): boolean {
  const [first, second] = maps;
  if (!first || !second || first.to !== second.to) return false;
  const exchanged = rewrite(graph, (build, node, operands) => {
    const map = mapOf(node);
    const other = map?.name === first.name ? second : map?.name === second.name ? first : null;
    if (!other) return null;
    const attributes = { ...node.attributes, [node.op === 'matmul' ? 'group' : 'map']: other };
    return build.rebuild({ ...node, attributes } as Node, operands);
  });
  // Equal computations are one node of a builder, and so are a + b and b + a, which have the same bits.
  const build = new SimplifyingBuilder();
  const [own, others] = [build.import(graph), build.import(exchanged)];
  return Object.keys(own).every((name) => own[name] === others[name]);
}

/** Of groups (i, j) of `size` each, the number of (j, i). */
function mirroredGroup(size: number): (group: number) => number {
  return (group) => (group % size) * size + Math.floor(group / size);
}
