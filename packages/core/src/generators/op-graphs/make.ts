/** How the small graphs are written: a function of a builder, of inputs and of parameters; one output, `y`. */
import { GraphBuilder, fixedSize, type Graph, type Node, type OpName, type Shape } from '../../ir/index.js';

/** A small graph about one op. */
export interface OpGraph {
  readonly op: OpName;
  /** Unique; the op and what is special, with hyphens. */
  readonly name: string;
  /** One output, `y`. */
  readonly graph: Graph;
  readonly parameters: Readonly<Record<string, Float64Array>>;
  /** Least and largest value for which the graph is meant. */
  readonly range: readonly [number, number];
}

type Make = (
  build: GraphBuilder,
  input: (name: string, shape: Shape) => Node,
  /** Numbers from −1 to 1 if none are given. */
  parameter: (name: string, shape: readonly number[], values?: readonly number[]) => Node,
) => Node;

export const anyRange = [-1.5, 1.5] as const;
export const positive = [0.4, 2] as const;

/** The graph that `make` describes. */
export function opGraph(op: OpName, name: string, make: Make, range: readonly [number, number] = anyRange): OpGraph {
  const build = new GraphBuilder();
  const parameters: Record<string, Float64Array> = {};
  const y = make(
    build,
    (input, shape) => build.input(input, shape),
    (parameter, shape, values = waves(fixedSize(shape))) => {
      parameters[parameter] = Float64Array.from(values);
      return build.parameter(parameter, shape);
    },
  );
  return { op, name, graph: build.finish(name, { y }), parameters, range };
}

/** `count` different numbers from −1 to 1. */
export function waves(count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.sin(1 + 2.3 * i));
}
