/**
 * The value passes: everything that makes inference cheaper by looking at values, before differentiation.
 *
 * specialise rows → merge monomials → fold → tables, where they are asked for. The unplanned graph stays available and gives
 * the same numbers. Training graphs are never planned here.
 */
import { fixedNodes, nodesOf, simplify, type Graph } from '../ir/index.js';
import { foldParameters, type Parameters } from './fold.js';
import { mergeMonomials } from './merge-monomials.js';
import { specializeRows, type RowChoice } from './specialize.js';
import type { TableGate } from './choose-knots.js';
import { tabulate, type TableReport } from './tabulate.js';

export interface ValuePlan {
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** Functions of distance that became tables. */
  readonly tables: readonly TableReport[];
  /** The folded parameters for new original ones, under the same names. */
  refold(parameters: Parameters): Parameters;
}

/**
 * @param parameters - by the names of `graph`
 * @param choice - rows to keep of index maps, such as `{ species: [0, 2], head: [0] }`
 * @param gate - makes tables that are within it. Default none
 */
export function planValues(
  graph: Graph,
  parameters: Parameters,
  choice: RowChoice = {},
  gate: TableGate | null = null,
): ValuePlan {
  const specialized = simplify(specializeRows(graph, choice));
  const fixed = fixedNodes(nodesOf(specialized));
  const merged = simplify(mergeMonomials(specialized, (node) => fixed.has(node)));
  const folding = foldParameters(merged);
  const planned = simplify(folding.graph);
  const folded = folding.fold(parameters);
  if (!gate) return { graph: planned, parameters: folded, tables: [], refold: folding.fold };
  const { graph: tabulated, tables, withKnots } = tabulate(planned, folded, gate);
  return {
    graph: tabulated,
    parameters: withKnots(folded),
    tables,
    refold: (given) => withKnots(folding.fold(given)),
  };
}
