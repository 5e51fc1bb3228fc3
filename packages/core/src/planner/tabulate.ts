/**
 * Tables: functions of distance that contain products with matrices and end at the cutoff become polynomials, a piece for each of
 * equal intervals, with the exact function kept as the body of the table. For inference; a graph is differentiated once after this.
 *
 * What a pair of elements gets does not depend on the others: a function that no table can stand for stays as it is, and where one
 * can but not for all of these pairs, or not within the memory, there are no tables at all.
 */
import { GraphBuilder, nodeHash, type Graph, type Node, type NodeOf, type OpAttributes } from '../ir/index.js';
import { chooseIntervals, leastIntervals, type MeasuredIntervals } from './choose-intervals.js';
import { distanceFunctions, type DistanceFunction } from './distance-functions.js';
import { distanceGraphs, distinctOf, type DistanceGraphs } from './distance-graphs.js';
import { DistanceSampler } from './distance-sampler.js';
import { pairMap } from './derived-maps.js';
import { distancesAt, fitPieces, fittedAt, type PiecesShape } from './fit-pieces.js';
import type { Parameters } from './fold.js';
import { fixedInto, mixTable } from './table-operations.js';
import { mostValues, usualDegree, type TableGate } from './table-gate.js';
import { isZeroBeyond } from './zero-beyond.js';

/** What became a table. */
export interface TableReport {
  readonly scope: string;
  readonly functions: number;
  readonly groups: number;
  /** Of the group that has most. */
  readonly intervals: number;
  /** Of the polynomials. */
  readonly degree: number;
  readonly valueError: number;
  readonly slopeError: number;
}

export interface Tabulation {
  readonly graph: Graph;
  readonly tables: readonly TableReport[];
  /** `parameters` and the pieces that they give. */
  withPieces(parameters: Parameters): Parameters;
}

/** @param parameters - by the names of `graph` @returns why these groups of edges can have no tables, where others can */
export function tabulate(graph: Graph, parameters: Parameters, gate: TableGate): Tabulation | string {
  const made: MadeTable[] = [];
  for (const found of distanceFunctions(graph)) {
    const table = tableOf(graph, found, parameters, gate);
    if (typeof table === 'string') return table;
    if (table) made.push(table);
  }
  const build = new GraphBuilder();
  const distances = build.import({ ...graph, outputs: Object.fromEntries(made.map((one, i) => [i, one.distance])) });
  const replaced = new Map<Node, Node>(
    made.map((one, i) => [
      one.node,
      build.scoped(one.node.scope, () => build.reshape(tableIn(build, distances[i]!, one), one.node.type.shape)),
    ]),
  );
  return {
    graph: build.finish(graph.name, build.import(graph, replaced)),
    tables: made.map(({ report }) => report),
    withPieces: (given) => ({
      ...given,
      // Those that it was chosen by have been made.
      ...Object.fromEntries(made.map((one) => [one.name, given === parameters ? one.pieces : piecesOf(one, given)])),
    }),
  };
}

export const tooManyPairs = 'the tables of so many pairs of elements are too large';

interface MadeTable extends DistanceFunction {
  readonly name: string;
  readonly graphs: DistanceGraphs;
  /** Of the distinct groups. */
  readonly shapes: readonly PiecesShape[];
  /** Of the parameters that the table was chosen by [rows of the distinct groups, degree + 1, functions of the core]. */
  readonly pieces: Float64Array;
  readonly attributes: OpAttributes['table'];
  readonly report: TableReport;
}

function tableIn(
  build: GraphBuilder,
  distance: Node,
  { name, graphs, widening, attributes, ...made }: MadeTable,
): Node {
  const terms = made.report.degree + 1;
  const pieces = build.parameter(name, [made.pieces.length / (terms * graphs.functions), terms, graphs.functions]);
  const table = build.table(distance, pieces, attributes) as NodeOf<'table'>;
  if (!widening) return table;
  const rows = build.reshape(fixedInto(build, widening), [1, ...widening.type.shape]);
  return mixTable(build, table, [{ rows, map: null }]);
}

function tableOf(
  graph: Graph,
  found: DistanceFunction,
  parameters: Parameters,
  gate: TableGate,
): MadeTable | string | null {
  const { node, maps } = found;
  if (maps.length > 2) return null;
  const graphs = distanceGraphs(graph, found);
  const cutoff = gate.range[1];
  if (!isZeroBeyond(graphs.both, cutoff)) return null;
  const { width, groups, body, slope, distinct } = graphs;
  const sampler = new DistanceSampler(graphs, parameters);
  const degree = gate.degree ?? usualDegree;
  const tooLarge = (rows: number): boolean => rows * (degree + 1) * width > (gate.mostValues ?? mostValues);
  const refusal = (why: string): string | null => (maps.length === 0 ? null : `${node.scope}: ${why}`);
  const chosen: MeasuredIntervals[] = [];
  // Found out at once, most often.
  if (tooLarge(distinct.length * leastIntervals)) return refusal(tooManyPairs);
  for (const [place, group] of distinct.entries()) {
    const own = chooseIntervals(sampler, group, gate);
    if (!own) return refusal('a pair of elements needs too many intervals');
    chosen[place] = own;
    if (tooLarge(rowsOf(chosen))) return refusal(tooManyPairs);
  }
  const shapes = chosen.map(({ intervals, range }): PiecesShape => ({ intervals, range, degree }));
  const starts = shapes.map((_, place) => rowsOf(shapes.slice(0, place)));
  const [first, second] = maps;
  const map = first && second ? pairMap(first, second) : first;
  const largest = (of: (one: MeasuredIntervals) => number): number =>
    chosen.reduce((most, one) => Math.max(most, of(one)), 0);
  return {
    ...found,
    name: `table.${nodeHash(node)}`,
    graphs,
    shapes,
    pieces: joined(chosen.map(({ pieces }) => pieces)),
    attributes: {
      body,
      slope,
      order: 0,
      cutoff,
      groups: distinctOf(graphs).map((place) => {
        const { intervals, range } = shapes[place]!;
        return { start: starts[place]!, intervals, range };
      }),
      ...(map && { map }),
    },
    report: {
      scope: node.scope,
      functions: width,
      groups,
      degree,
      intervals: largest(({ intervals }) => intervals),
      valueError: largest(({ valueError }) => valueError),
      slopeError: largest(({ slopeError }) => slopeError),
    },
  };
}

function piecesOf({ graphs, shapes }: MadeTable, parameters: Parameters): Float64Array {
  const sampler = new DistanceSampler(graphs, parameters);
  return joined(
    shapes.map((shape, place) => {
      const all = Array.from({ length: shape.intervals }, (_, interval) => interval);
      const samples = sampler.sample(distancesAt(shape, all, fittedAt(shape.degree)), [graphs.distinct[place]!]);
      return fitPieces(samples, graphs.functions, shape);
    }),
  );
}

function rowsOf(groups: readonly { readonly intervals: number }[]): number {
  return groups.reduce((rows, { intervals }) => rows + intervals, 0);
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
