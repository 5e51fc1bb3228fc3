/** A graph as dispatches and memory, before any device. */
import {
  compileProgram,
  foldProgram,
  planMemory,
  runProgram,
  type CompileOptions,
  type MemoryPlan,
  type Program,
} from '@mace/core/backend';
import { scopePattern, type Graph, type Node } from '@mace/core/ir';
import type { Dispatch, Emitter } from './dispatch.js';
import { wgslOf, type Kernel } from './kernel.js';
import { isView, lowerings } from './lowering.js';

export interface Plan {
  readonly program: Program<Emitter, Node>;
  readonly memoryPlan: MemoryPlan;
  /** What depends on parameters alone. */
  readonly fixed: readonly Dispatch[];
  readonly each: readonly Dispatch[];
}

/** Arrays that a kernel may read on every device: WebGPU promises eight, and one is written. */
export const arraysEverywhere = 7;

/** @throws what `compileProgram` throws */
export function planOf(
  graph: Graph,
  options: Pick<CompileOptions, 'fusions' | 'passes'> = {},
  mostArrays = arraysEverywhere,
): Plan {
  const table = lowerings(mostArrays);
  const program = compileProgram(graph, table, options);
  const [fixed, each]: [Dispatch[], Dispatch[]] = [[], []];
  const folded = foldProgram(program, table, { add: (dispatch) => fixed.push(dispatch) });
  runProgram(program, table, { add: (dispatch) => each.push(dispatch) }, folded);
  return { program, memoryPlan: planMemory(program, isView), fixed, each };
}

/**
 * The kernels of a graph in WGSL, each once, with the places that it serves; for people.
 *
 * @param scope - only for nodes whose scope matches; `*` stands for any text
 * @throws what `compileProgram` throws
 */
export function printKernels(graph: Graph, scope?: string): string {
  const wanted = scopePattern(scope);
  const { fixed, each } = planOf(graph);
  const uses = new Map<string, { kernel: Kernel; places: string[] }>();
  for (const { kernel, node } of [...fixed, ...each]) {
    if (!wanted(node.scope)) continue;
    const known = uses.get(kernel.key) ?? { kernel, places: [] };
    uses.set(kernel.key, known);
    known.places.push(placeOf(node));
  }
  return [...uses.values()].map(({ kernel, places }) => wgslOf(kernel, timesEach(places))).join('\n');
}

/** Where a kernel serves. */
export function placeOf({ op, scope }: Node): string {
  return `${op} in ${scope || 'the graph'}`;
}

function timesEach(places: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
  return [...counts].map(([place, count]) => (count > 1 ? `${place} (${count} times)` : place)).join('\n// ');
}
