/**
 * Tables: functions of distance that contain products with matrices become cubics between knots, with the exact function
 * kept as the body of the table. For inference; a graph is differentiated once after this.
 *
 * The number of knots is the least power of two whose values and slopes between the knots are within the gate; a function
 * that needs more than `mostKnots` stays as it is.
 */
import { forward } from '../autodiff/index.js';
import { indexMapValues } from '../backend/index-maps.js';
import type { IndexMapValues, RealArray } from '../backend/index.js';
import {
  GraphBuilder,
  legalize,
  nodeHash,
  simplify,
  type Dim,
  type Graph,
  type IndexMap,
  type Node,
  type OpAttributes,
} from '../ir/index.js';
import { Interpreter } from '../reference/index.js';
import { distanceFunctions, type DistanceFunction } from './distance-functions.js';
import type { Parameters } from './fold.js';

/** When a table is good enough. */
export interface TableGate {
  /** Å: smallest distance that a table holds for, and the cutoff. */
  readonly range: readonly [number, number];
  /** Largest error of a value between knots, as a fraction of the largest value of the table. */
  readonly valueError: number;
  /** Largest error of a slope between knots, as a fraction of the largest slope. */
  readonly slopeError: number;
  /** Default 8192. */
  readonly mostKnots?: number;
}

/** What became a table. */
export interface TableReport {
  readonly scope: string;
  readonly functions: number;
  readonly groups: number;
  readonly knots: number;
  readonly valueError: number;
  readonly slopeError: number;
}

export interface Tabulation {
  readonly graph: Graph;
  readonly tables: readonly TableReport[];
  /** `parameters` and the knot data that they give. */
  withKnots(parameters: Parameters): Parameters;
}

/** @param parameters - by the names of `graph` */
export function tabulate(graph: Graph, parameters: Parameters, gate: TableGate): Tabulation {
  const made = distanceFunctions(graph).flatMap((found) => tableOf(graph, found, parameters, gate) ?? []);
  const build = new GraphBuilder();
  const distances = build.import({ ...graph, outputs: Object.fromEntries(made.map((one, i) => [i, one.distance])) });
  const replaced = new Map<Node, Node>(
    made.map(({ node, name, report, attributes }, i) => {
      const { groups, functions, knots } = report;
      const table = build.scoped(node.scope, () =>
        build.table(distances[i]!, build.parameter(name, [groups, knots, 2, functions]), attributes),
      );
      return [node, build.scoped(node.scope, () => build.reshape(table, node.type.shape))];
    }),
  );
  return {
    graph: build.finish(graph.name, build.import(graph, replaced)),
    tables: made.map(({ report }) => report),
    withKnots: (given) => ({
      ...given,
      ...Object.fromEntries(made.map(({ name, sampler, report }) => [name, sampler.knotData(given, report.knots)])),
    }),
  };
}

interface MadeTable extends DistanceFunction {
  readonly name: string;
  readonly sampler: Sampler;
  readonly attributes: OpAttributes['table'];
  readonly report: TableReport;
}

function tableOf(graph: Graph, found: DistanceFunction, parameters: Parameters, gate: TableGate): MadeTable | null {
  const { node, maps } = found;
  if (maps.length > 2) return null;
  const sampler = new Sampler(graph, found, gate.range);
  const { functions, groups } = sampler;
  for (let knots = 64; knots <= (gate.mostKnots ?? 8192); knots *= 2) {
    const { valueError, slopeError } = sampler.errors(parameters, knots);
    // Not a number is not good enough.
    if (!(valueError <= gate.valueError && slopeError <= gate.slopeError)) continue;
    const map = mapOfPair(maps);
    return {
      ...found,
      name: `table.${nodeHash(node)}`,
      sampler,
      attributes: {
        body: sampler.body,
        slope: sampler.slope,
        order: 0,
        range: gate.range,
        knots,
        ...(map && { map }),
      },
      report: { scope: node.scope, functions, groups, knots, valueError, slopeError },
    };
  }
  return null;
}

/** One map for what depends on two. */
function mapOfPair([first, second]: readonly IndexMap[]): IndexMap | undefined {
  if (!first || !second) return first;
  return {
    name: `${first.name}And${second.name}`,
    from: first.from,
    to: (first.to as number) * (second.to as number),
    derivation: { kind: 'pair', first, second },
  };
}

/** Evaluates a function of distance and its slope, in float64, for every group. */
class Sampler {
  readonly functions: number;
  readonly groups: number;
  readonly body: Graph;
  readonly slope: Graph;
  readonly #maps: readonly IndexMap[];
  readonly #range: readonly [number, number];

  constructor(graph: Graph, { node, distance, maps }: DistanceFunction, range: readonly [number, number]) {
    this.#maps = maps;
    this.#range = range;
    this.functions = (node.type.shape.slice(1) as number[]).reduce((a, b) => a * b, 1);
    this.groups = maps.reduce((n, { to }) => n * (to as number), 1);
    const bodyOf = (name: string, slope: boolean): Graph => {
      const build = new GraphBuilder();
      const r = build.input('distance', ['edges']);
      const inner: Graph = { ...graph, inputs: [], outputs: { value: node } };
      const value = build.import(inner, new Map([[distance, r]])).value!;
      const wanted = slope ? forward(build, new Map([[r, build.fill(1, r)]]), [value])[0]! : value;
      const body = build.finish(name, { value: build.reshape(wanted, ['edges', this.functions]) });
      return simplify(legalize(body, ({ op }) => op !== 'call'));
    };
    this.body = bodyOf('radial', false);
    this.slope = bodyOf('radialSlope', true);
  }

  /** [groups, knots, 2, functions] */
  knotData(parameters: Parameters, knots: number): Float64Array {
    const at = points(this.#range, knots);
    return interleaved(
      this.#sample(this.body, parameters, at),
      this.#sample(this.slope, parameters, at),
      this.functions,
    );
  }

  /** Largest errors halfway and a quarter of the way between knots, as fractions of the largest value and slope. */
  errors(parameters: Parameters, knots: number): { valueError: number; slopeError: number } {
    const data = this.knotData(parameters, knots);
    const build = new GraphBuilder();
    const edges: Dim = 'edges';
    const r = build.input('distance', [edges]);
    const shape = [this.groups, knots, 2, this.functions] as const;
    const map = this.groups > 1 ? { name: 'group', from: edges, to: this.groups } : undefined;
    const attributes = { body: this.body, range: this.#range, knots, ...(map && { map }) };
    const table = (order: 0 | 1): Node => build.table(r, build.parameter('knots', shape), { ...attributes, order });
    const graph = build.finish('table', { value: table(0), slope: table(1) });
    const between = [0.25, 0.5].flatMap((part) => [...points(this.#range, knots, part)]);
    const rows = repeated(between, this.groups);
    const groups = Int32Array.from(rows, (_, i) => Math.floor(i / between.length));
    const found = new Interpreter(graph, 'f64', { ...parameters, knots: data }).run({
      dims: { atoms: 0, edges: rows.length, graphs: 0 },
      maps: new Map<string, IndexMapValues>(map ? [['group', indexMapValues(groups, this.groups)]] : []),
      inputs: { distance: rows },
    });
    return {
      valueError: relativeError(found.value!, this.#sample(this.body, parameters, between)),
      slopeError: relativeError(found.slope!, this.#sample(this.slope, parameters, between)),
    };
  }

  /** [groups, points, functions] */
  #sample(graph: Graph, parameters: Parameters, at: ArrayLike<number>): RealArray {
    const rows = repeated(at, this.groups);
    const maps = new Map<string, IndexMapValues>();
    let inner = this.groups;
    for (const { name, to } of this.#maps) {
      const outer = inner;
      inner /= to as number;
      const divisor = inner;
      const row = (i: number): number => Math.floor((Math.floor(i / at.length) % outer) / divisor);
      maps.set(
        name,
        indexMapValues(
          Int32Array.from(rows, (_, i) => row(i)),
          to as number,
        ),
      );
    }
    const dims = { atoms: 0, edges: rows.length, graphs: 0 };
    return new Interpreter(graph, 'f64', parameters).run({ dims, maps, inputs: { distance: rows } }).value!;
  }
}

/** Knots, or with `part` the points that far behind each knot but the last. */
function points([from, to]: readonly [number, number], knots: number, part = 0): Float64Array {
  const spacing = (to - from) / (knots - 1);
  return Float64Array.from({ length: part === 0 ? knots : knots - 1 }, (_, i) =>
    part === 0 && i === knots - 1 ? to : from + spacing * (i + part),
  );
}

function repeated(values: ArrayLike<number>, times: number): Float64Array {
  return Float64Array.from({ length: values.length * times }, (_, i) => values[i % values.length]!);
}

/** Rows of two arrays in turn. */
function interleaved(a: RealArray, b: RealArray, width: number): Float64Array {
  const joined = new Float64Array(a.length + b.length);
  for (let row = 0; row * width < a.length; row++) {
    joined.set(a.subarray(row * width, (row + 1) * width), 2 * row * width);
    joined.set(b.subarray(row * width, (row + 1) * width), (2 * row + 1) * width);
  }
  return joined;
}

function relativeError(found: RealArray, exact: RealArray): number {
  let [error, largest] = [0, 0];
  for (let i = 0; i < exact.length; i++) {
    error = Math.max(error, Math.abs(found[i]! - exact[i]!));
    largest = Math.max(largest, Math.abs(exact[i]!));
  }
  return largest === 0 ? 0 : error / largest;
}
