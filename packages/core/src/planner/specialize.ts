/**
 * Specialisation: keep only some target rows of an index map (the elements and the head that are there).
 *
 * Every table that is read through the map loses the rows that are not kept. A map with one row left stays a map: what is computed of
 * a row may not depend on which others are kept. Derived maps follow the maps they are made of. Works on any graph; it knows names of maps, not of models.
 */
import { GraphError } from '../errors.js';
import { mapOf, rewrite, type Dim, type Graph, type GraphBuilder, type IndexMap, type Node } from '../ir/index.js';

/** Map name → target rows to keep, ascending; maps that are not named keep all. */
export type RowChoice = Readonly<Record<string, readonly number[]>>;

/** The same graph on kept rows. Inputs at run time are those of the original graph. @throws GraphError */
export function specializeRows(graph: Graph, choice: RowChoice): Graph {
  return rewrite(graph, (build, node, operands) => specialized(build, node, operands, choice));
}

function specialized(build: GraphBuilder, node: Node, operands: readonly Node[], choice: RowChoice): Node | null {
  const map = mapOf(node);
  const keep = map && keptRows(map, choice);
  if (!map || !keep) return null;
  const kept = keptMap(map, choice);
  return build.scoped(node.scope, () => {
    if (node.op === 'gather') return build.gather(selectRows(build, operands[0]!, keep), kept);
    if (node.op === 'matmul' && node.attributes.form !== 'tn')
      return build.matmul(operands[0]!, selectRows(build, operands[1]!, keep), node.attributes.form, kept);
    if (node.op === 'table') {
      const groups = keep.map((group) => node.attributes.groups[group]!);
      return build.table(operands[0]!, operands[1]!, { ...node.attributes, map: kept, groups });
    }
    throw new GraphError(
      `${node.op} in ${node.scope} sums into the rows of ${map.name}; specialise the graph before it is differentiated.`,
    );
  });
}

/** The rows that a map keeps: its own, or those of the map that it ends in. */
function keptRows(map: IndexMap, choice: RowChoice): readonly number[] | undefined {
  if (Object.hasOwn(choice, map.name)) return choice[map.name];
  return map.derivation?.kind === 'compose' ? keptRows(map.derivation.second, choice) : undefined;
}

function keptMap(map: IndexMap, choice: RowChoice): IndexMap {
  const keep = keptRows(map, choice)!;
  const to: Dim = keep.length;
  const name = `${map.name}Kept`;
  if (Object.hasOwn(choice, map.name))
    return { name, from: map.from, to, derivation: { kind: 'select', first: map, keep } };
  const { first, second } = map.derivation as { first: IndexMap; second: IndexMap };
  return { name, from: map.from, to, derivation: { kind: 'compose', first, second: keptMap(second, choice) } };
}

function selectRows(build: GraphBuilder, x: Node, keep: readonly number[]): Node {
  return build.concat(
    keep.map((row) => build.slice(x, 0, row, row + 1)),
    0,
  );
}
