/**
 * Tables: functions of distance that contain products with matrices become polynomials, a piece for each of equal intervals, with the exact function
 * kept as the body of the table. For inference; a graph is differentiated once after this.
 *
 * A function that no table of a reasonable size brings within the gate stays as it is.
 */
import { GraphBuilder, nodeHash, type Graph, type Node, type NodeOf, type OpAttributes } from '../ir/index.js';
import { chooseIntervals } from './choose-intervals.js';
import { distanceFunctions, type DistanceFunction } from './distance-functions.js';
import { distanceGraphs, ofAllGroups, type DistanceGraphs } from './distance-graphs.js';
import { DistanceSampler } from './distance-sampler.js';
import { pairMap } from './derived-maps.js';
import { distancesAt, fitPieces, fittedAt, type PiecesShape } from './fit-pieces.js';
import type { Parameters } from './fold.js';
import { fixedInto, mixTable } from './table-operations.js';
import { usualDegree, type TableGate } from './table-gate.js';

/** What became a table. */
export interface TableReport {
  readonly scope: string;
  readonly functions: number;
  readonly groups: number;
  readonly intervals: number;
  /** Å: what the intervals divide. */
  readonly range: readonly [number, number];
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

/** @param parameters - by the names of `graph` */
export function tabulate(graph: Graph, parameters: Parameters, gate: TableGate): Tabulation {
  const made = distanceFunctions(graph).flatMap((found) => tableOf(graph, found, parameters, gate) ?? []);
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
      ...Object.fromEntries(
        made.map(({ name, graphs, report, pieces }) => {
          // Those that it was chosen by have been made.
          const own = given === parameters ? pieces : piecesOf(graphs, given, report);
          return [name, ofAllGroups(graphs, own)];
        }),
      ),
    }),
  };
}

interface MadeTable extends DistanceFunction {
  readonly name: string;
  readonly graphs: DistanceGraphs;
  /** Of the parameters that the table was chosen by [distinct groups, intervals, degree + 1, functions of the core]. */
  readonly pieces: Float64Array;
  readonly attributes: OpAttributes['table'];
  readonly report: TableReport;
}

function tableIn(build: GraphBuilder, distance: Node, { name, graphs, widening, attributes, report }: MadeTable): Node {
  const { groups, intervals, degree } = report;
  const pieces = build.parameter(name, [groups, intervals, degree + 1, graphs.functions]);
  const table = build.table(distance, pieces, attributes) as NodeOf<'table'>;
  if (!widening) return table;
  const rows = build.reshape(fixedInto(build, widening), [1, ...widening.type.shape]);
  return mixTable(build, table, [{ rows, map: null }]);
}

function tableOf(graph: Graph, found: DistanceFunction, parameters: Parameters, gate: TableGate): MadeTable | null {
  const { node, maps } = found;
  if (maps.length > 2) return null;
  const graphs = distanceGraphs(graph, found);
  const chosen = chooseIntervals(new DistanceSampler(graphs, parameters), gate);
  if (!chosen) return null;
  const { pieces, ...measured } = chosen;
  const { width, groups, body, slope } = graphs;
  const [first, second] = maps;
  const map = first && second ? pairMap(first, second) : first;
  return {
    ...found,
    name: `table.${nodeHash(node)}`,
    graphs,
    pieces,
    attributes: { body, slope, order: 0, range: measured.range, intervals: measured.intervals, ...(map && { map }) },
    report: { scope: node.scope, functions: width, groups, degree: gate.degree ?? usualDegree, ...measured },
  };
}

function piecesOf(graphs: DistanceGraphs, parameters: Parameters, shape: PiecesShape): Float64Array {
  const all = Array.from({ length: shape.intervals }, (_, interval) => interval);
  const samples = new DistanceSampler(graphs, parameters).sample(distancesAt(shape, all, fittedAt(shape.degree)));
  return fitPieces(samples, graphs.functions, shape);
}
