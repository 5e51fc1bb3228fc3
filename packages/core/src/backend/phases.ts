/**
 * Order for a run in chunks of atoms: which steps compute a row from the same row of what they read, so that several can
 * follow each other while a few atoms and their edges are in a cache, and which need all rows of something first.
 *
 * Edges belong to the atom that the `owner` map gives. Chunks of atoms with the edges of these atoms can be computed apart from
 * each other, in any order and by any thread, from the start of a phase to its end.
 */
import { fixedSize } from '../ir/infer.js';
import { mapOf } from '../ir/attributes.js';
import { rowsRead } from '../ir/row-locality.js';
import { isLeaf } from '../ir/traverse.js';
import type { IndexMap, Node, NodeOf, RuntimeDim } from '../ir/types.js';
import { edgeRegion, ownedBy, type EdgeRegion } from './regions/edge-region.js';
import type { Program, Step } from './pipeline.js';

export interface Phase<Context, Value> {
  /** Steps by rows run chunk by chunk; the others once, as a whole. */
  readonly byRows: boolean;
  readonly steps: readonly Step<Context, Value>[];
}

export interface PhasePlan<Context, Value> {
  /** Everything but the fixed steps. */
  readonly phases: readonly Phase<Context, Value>[];
  /** Name of the map from edges to the atoms that own them; null where nothing says so, and all atoms are one chunk. */
  readonly owner: string | null;
  /** Number of the phase that makes a value first. Fixed ones have none. */
  readonly phaseOf: ReadonlyMap<Node, number>;
  /** Values that every chunk adds to, for rows outside of it too. */
  readonly scattered: ReadonlySet<Node>;
  /** Whether a step needs no more of an operand than the rows of its chunk. */
  readsRows(node: Node, operand: Node): boolean;
}

export interface PhaseOptions {
  /**
   * Whether a value is made again in every phase that reads it, instead of being kept for all rows. Asked of values that are made
   * by rows and read by rows.
   */
  readonly recompute?: (node: Node) => boolean;
}

/** A step appears in the phase that it has to be in, and in later ones that make its value again. */
export function planPhases<Context, Value>(
  program: Program<Context, Value>,
  { recompute = () => false }: PhaseOptions = {},
): PhasePlan<Context, Value> {
  const steps = program.steps.filter(({ fixed }) => !fixed);
  const owner = ownerOf(steps.map(({ node }) => node));
  const readsRows = (node: Node, operand: Node): boolean => rowsOf(node, operand, owner);
  const scattered = new Set(steps.map(({ node }) => node).filter((node) => scatters(node, owner)));
  // Even levels run by rows, odd ones as a whole.
  const levels = new Map<Node, number>();
  for (const { node, operands } of steps) {
    const byRows = runsByRows(node, owner);
    let level = byRows ? 0 : -1;
    for (const operand of operands) {
      const before = levels.get(operand);
      if (before === undefined) continue;
      const whole = before % 2 !== 0;
      const complete = whole ? before : before + 1;
      const together = !whole && readsRows(node, operand) && !scattered.has(operand);
      level = Math.max(level, byRows ? (together ? before : complete + 1) : complete);
    }
    levels.set(node, level);
  }
  const readers = readersOf(steps);
  delay(steps, levels, readers, readsRows);
  const readByRows = new Map<Node, boolean>();
  /** Whether all that later phases read of a value, or of it in another shape, is by rows. */
  const onlyRows = (node: Node): boolean => {
    let only = readByRows.get(node);
    if (only === undefined) {
      only = readers
        .get(node)!
        .every((reader) => readsRows(reader, node) && (!viewOps.includes(reader.op) || onlyRows(reader)));
      readByRows.set(node, only);
    }
    return only;
  };
  const used = [...new Set(levels.values())].sort((a, b) => a - b);
  const stepOf = new Map(steps.map((step) => [step.node, step]));
  /** The steps of a level, and those that make again what they read. */
  const stepsOf = (level: number): readonly Step<Context, Value>[] => {
    const present = new Set(steps.filter(({ node }) => levels.get(node) === level));
    if (level % 2 !== 0) return [...present];
    for (const { operands } of present) {
      for (const operand of operands) {
        const made = stepOf.get(operand);
        const byRows = made !== undefined && levels.get(operand)! % 2 === 0 && levels.get(operand)! < level;
        if (byRows && onlyRows(operand) && !scattered.has(operand) && recompute(operand)) present.add(made);
      }
    }
    return steps.filter((step) => present.has(step));
  };
  return {
    owner,
    scattered,
    readsRows,
    phases: used.map((level) => ({ byRows: level % 2 === 0, steps: stepsOf(level) })),
    phaseOf: new Map([...levels].map(([node, level]) => [node, used.indexOf(level)])),
  };
}

/** What may be another look at its first operand. */
const viewOps: readonly string[] = ['reshape', 'broadcast', 'gather'];

function readersOf<Context, Value>(steps: readonly Step<Context, Value>[]): Map<Node, Node[]> {
  const readers = new Map<Node, Node[]>(steps.map(({ node }) => [node, []]));
  for (const { node, operands } of steps) for (const operand of operands) readers.get(operand)?.push(node);
  return readers;
}

/**
 * Puts steps by rows into the phase of the first that reads them, where that does not need more numbers to be kept: so a
 * wide value is made where it is used.
 */
function delay<Context, Value>(
  steps: readonly Step<Context, Value>[],
  levels: Map<Node, number>,
  readers: ReadonlyMap<Node, readonly Node[]>,
  readsRows: (node: Node, operand: Node) => boolean,
): void {
  for (const { node, operands } of [...steps].reverse()) {
    const level = levels.get(node)!;
    const of = readers.get(node)!;
    if (level % 2 !== 0 || of.length === 0 || node.op === 'call') continue;
    const latest = Math.min(
      ...of.map((reader) => {
        const at = levels.get(reader)!;
        return at % 2 !== 0 ? at - 1 : readsRows(reader, node) ? at : at - 2;
      }),
    );
    const read = operands.filter((operand) => levels.has(operand) && operand.op !== 'input');
    const width = read.reduce((sum, operand) => sum + rowNumbers(operand), 0);
    if (latest > level && rowNumbers(node) >= width) levels.set(node, latest);
  }
}

/** The dimension that rows of a value are of, if it has one and no other. */
export function rowDim({ type: { shape } }: Node): RuntimeDim | null {
  const dims = shape.filter((dim) => typeof dim === 'string');
  return dims.length === 1 && typeof shape[0] === 'string' ? shape[0] : null;
}

/** The map along which edge regions sum, or, where there are none, any sum of edges. */
function ownerOf(nodes: readonly Node[]): string | null {
  const counts = new Map<string, number>();
  const count = ({ name, from, to, derivation }: IndexMap, weight: number): void => {
    if (from === 'edges' && to === 'atoms' && !derivation) counts.set(name, (counts.get(name) ?? 0) + weight);
  };
  for (const node of nodes) {
    const region = node.op === 'call' ? edgeRegion(node.attributes.body) : null;
    // Of a reverse without a derivative by x, either of its maps may be the owner's.
    if (region && (region.result.input === null || Object.values(region.outputs).includes('x')))
      count(region.result.map, nodes.length);
    if (node.op === 'segmentSum') count(node.attributes.map, 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

function runsByRows(node: Node, owner: string | null): boolean {
  const dim = rowDim(node);
  if ((dim !== 'atoms' && dim !== 'edges') || isLeaf(node)) return false;
  if (node.op === 'call') {
    const region = regionOf(node, owner);
    return region !== null && (region.result.input === null || region.result.map.name === owner);
  }
  // Rows that a map names are complete before, or those of the chunk; any row of what has rows at run time is too many.
  return node.operands.every((operand, i) => rowsRead(node, i) !== 'all' || operand.type.shape.every(isNumber));
}

/** Whether row r of a node depends on row r of an operand alone, where rows of edges are those of the atom that owns them. */
function rowsOf(node: Node, operand: Node, owner: string | null): boolean {
  if (node.op === 'call') return regionReadsRows(node, operand, owner);
  const dim = rowDim(node);
  return (node.operands as readonly Node[]).every((each, i) => {
    if (each !== operand) return true;
    const read = rowsRead(node, i);
    return read === 'own' ? dim !== null && rowDim(operand) === dim : read === 'mapped' && mapOf(node)?.name === owner;
  });
}

function regionReadsRows(node: NodeOf<'call'>, operand: Node, owner: string | null): boolean {
  const region = regionOf(node, owner);
  if (region?.result.map.name !== owner || rowDim(operand) === null) return false;
  const uses = node.operands.flatMap((each, input) => (each === operand ? [input] : []));
  return !uses.some((input) => input === region.x?.input);
}

function regionOf(node: NodeOf<'call'>, owner: string | null): EdgeRegion | null {
  const region = edgeRegion(node.attributes.body);
  return region && ownedBy(region, owner);
}

/** The derivative by x goes to the rows of senders. */
function scatters(node: Node, owner: string | null): boolean {
  if (node.op !== 'call' || !runsByRows(node, owner)) return false;
  const region = edgeRegion(node.attributes.body)!;
  return region.result.input !== null && region.outputs[node.attributes.output] === 'x';
}

function isNumber(dim: unknown): dim is number {
  return typeof dim === 'number';
}

/** Numbers in a row. */
export function rowNumbers({ type: { shape } }: Node): number {
  return fixedSize(shape.slice(1));
}
