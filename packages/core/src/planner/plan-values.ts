/**
 * The value passes: everything that makes inference cheaper by looking at values, before differentiation.
 *
 * specialise rows → fold → lift rows → scale matrices → merge monomials → fold; where tables are asked for →
 * tables → absorb → fold. After the first fold nobody sees numbers of kept rows, so what is made of the graph does not depend on
 * which they are. The unplanned graph stays available and gives
 * the same numbers. Training graphs are never planned here.
 */
import { fixedNodes, fixedSize, nodesOf, simplify, type Graph, type Node, type NodeOf } from '../ir/index.js';
import { absorb } from './absorb.js';
import { foldParameters, type Parameters } from './fold.js';
import { liftRows } from './lift-rows.js';
import { mergeMonomials } from './merge-monomials.js';
import { scaleMatrices } from './scale-matrices.js';
import { specializeRows, type RowChoice } from './specialize.js';
import { mostValues, type TableGate } from './table-gate.js';
import { tabulate, tooManyPairs, type TableReport } from './tabulate.js';

export interface ValuePlan {
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** Functions of distance that became tables. */
  readonly tables: readonly TableReport[];
  /** Why there are no tables with the rows that were kept, where there are with fewer; null otherwise. */
  readonly refusal: string | null;
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
  const keeping = foldParameters(specializeRows(graph, choice));
  const lifted = simplify(liftRows(simplify(keeping.graph)));
  const scaled = simplify(scaleMatrices(lifted, fixedIn(lifted)));
  const merged = simplify(mergeMonomials(scaled, fixedIn(scaled)));
  const folding = foldParameters(merged);
  const planned = simplify(folding.graph);
  const fold = (given: Parameters): Parameters => folding.fold(keeping.fold(given));
  const folded = fold(parameters);
  const withoutTables = { graph: planned, parameters: folded, tables: [], refusal: null, refold: fold };
  if (!gate) return withoutTables;
  const tabulation = tabulate(planned, folded, gate);
  if (typeof tabulation === 'string') return { ...withoutTables, refusal: tabulation };
  const { graph: tabulated, tables, withPieces } = tabulation;
  const absorbed = absorb(tabulated);
  if (tablesOf(absorbed).some((table) => fixedSize(table.operands[1].type.shape) > (gate.mostValues ?? mostValues)))
    return { ...withoutTables, refusal: tooManyPairs };
  const absorbing = foldParameters(simplify(absorbed));
  const refold = (given: Parameters): Parameters => absorbing.fold(withPieces(given));
  return {
    graph: simplify(absorbing.graph),
    parameters: refold(folded),
    tables,
    refusal: null,
    refold: (given) => refold(fold(given)),
  };
}

function tablesOf(graph: Graph): NodeOf<'table'>[] {
  return nodesOf(graph).filter((node) => node.op === 'table');
}

function fixedIn(graph: Graph): (node: Node) => boolean {
  const fixed = fixedNodes(nodesOf(graph));
  return (node) => fixed.has(node);
}
