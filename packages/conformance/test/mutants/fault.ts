/** A backend broken by one fault: the reference, with something done to what goes in, what comes out, or how it behaves. */
import { reference } from '@mace/core';
import type { Backend, BackendDefinition, CompileOptions, RealArray, RunInputs, RunOptions } from '@mace/core/backend';
import { rewrite, type Graph, type GraphBuilder, type Node } from '@mace/core/ir';
import { testedExecutable, type TestedExecutable } from '../../src/tested-executable.js';
import { whole } from '../contract/fault.js';

export type Outputs = Record<string, RealArray>;

/** What a fault remembers from run to run of one executable. */
export interface Memory {
  runs: number;
  previous: Outputs;
}

export interface Fault {
  readonly name: string;
  /** Paths of the kit among which it must be caught, so that the test stays short. */
  readonly caughtBy: readonly string[];
  /** Default f64. */
  readonly precision?: 'f64' | 'f32';
  /** Default 60. */
  readonly timeoutSeconds?: number;
  /** What the report must name: an op, a scope, a check. */
  readonly neighbourhood?: RegExp;
  /** Replaces nodes; null leaves one as it is. */
  readonly node?: (build: GraphBuilder, node: Node, operands: readonly Node[]) => Node | null;
  readonly inputs?: (inputs: RunInputs, graph: Graph) => RunInputs;
  readonly outputs?: (outputs: Outputs, inputs: RunInputs, memory: Memory, graph: Graph) => void;
  readonly backend?: (backend: Backend) => Partial<Backend>;
  readonly executable?: (
    executable: TestedExecutable,
    graph: Graph,
    options: CompileOptions,
  ) => Partial<TestedExecutable>;
  readonly definition?: Partial<BackendDefinition>;
}

/** The reference with a fault. */
export function broken(fault: Fault): BackendDefinition {
  const sound = reference();
  return {
    contract: 2,
    name: `mutant-${fault.name}`,
    probe: () => sound.probe(),
    create: async () => {
      const backend = await sound.create();
      const mutant: Backend = {
        ...backend,
        name: `mutant-${fault.name}`,
        compile: async (graph, options) => {
          const mutated = fault.node
            ? rewrite(graph, (build, node, operands) => fault.node!(build, node, operands))
            : graph;
          const executable = await backend.compile(mutated, options);
          const memory: Memory = { runs: 0, previous: {} };
          const run = async (inputs: RunInputs, runOptions?: RunOptions): Promise<Outputs> => {
            const given = fault.inputs ? fault.inputs(inputs, graph) : inputs;
            const outputs: Outputs = { ...(await executable.run(given, runOptions)) };
            const sound = Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, values.slice()]));
            fault.outputs?.(outputs, inputs, memory, graph);
            memory.runs++;
            memory.previous = sound;
            return outputs;
          };
          const tested = testedExecutable(executable, graph, backend);
          const usual: TestedExecutable = { ...tested, run };
          return whole({ ...usual, ...fault.executable?.(usual, graph, options) }, tested);
        },
      };
      return { ...mutant, ...fault.backend?.(mutant) };
    },
    ...fault.definition,
  };
}
