/**
 * The value passes: everything that makes inference cheaper by looking at values, before differentiation.
 *
 * specialise rows → merge monomials → fold. The unplanned graph stays available and gives the same numbers.
 * Training graphs are never planned here.
 */
import { fixedNodes, nodesOf, simplify, type Graph } from '../ir/index.js';
import { foldParameters, type Parameters } from './fold.js';
import { mergeMonomials } from './merge-monomials.js';
import { specializeRows, type RowChoice } from './specialize.js';

export interface ValuePlan {
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** The folded parameters for new original ones, under the same names. */
  refold(parameters: Parameters): Parameters;
}

/**
 * @param parameters - by the names of `graph`
 * @param choice - rows to keep of index maps, such as `{ species: [0, 2], head: [0] }`
 */
export function planValues(graph: Graph, parameters: Parameters, choice: RowChoice = {}): ValuePlan {
  const specialized = simplify(specializeRows(graph, choice));
  const fixed = fixedNodes(nodesOf(specialized));
  const merged = simplify(mergeMonomials(specialized, (node) => fixed.has(node)));
  const folding = foldParameters(merged);
  return { graph: simplify(folding.graph), parameters: folding.fold(parameters), refold: folding.fold };
}
