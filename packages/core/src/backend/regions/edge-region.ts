/**
 * What an edge region computes, read from its body: a form that is linear in four things, and which derivatives of it are
 * wanted.
 *
 * The form is F = Σ coefficient · x[a] · scalars[b] · weights[p] · result[o] over channels and edges, where x and result are rows of
 * atoms found by index maps, scalars have one channel, and weights belong to the edge or are tables of its distance. Where x is
 * the same for all atoms of an element it may be in the tables, and the form does without. A convolution is ∂F/∂result
 * summed by receiver; its reverse is made of the others.
 */
import { fixedSize } from '../../ir/infer.js';
import type { Graph, IndexMap, Node, NodeOf } from '../../ir/types.js';

export interface EdgeTerm {
  readonly coefficient: number;
  readonly x: number;
  readonly scalar: number;
  readonly weight: number;
  readonly result: number;
}

/** Rows of atoms, [map.to components channels], by the number of the body's input. */
export interface EdgeRows {
  readonly input: number;
  readonly map: IndexMap;
  readonly components: number;
}

/** Weights [edges components channels] as they are, or as tables of the distance. */
export type EdgeWeights =
  | { readonly kind: 'values'; readonly input: number; readonly components: number }
  | {
      readonly kind: 'table';
      readonly distance: number;
      readonly pieces: number;
      /** Coefficients of a piece. */
      readonly terms: number;
      readonly components: number;
      readonly attributes: NodeOf<'table'>['attributes'];
    };

/**
 * `result`, `x`: ∂F/∂… summed along its map. `scalars`: [edges components]. `weights`: [edges components channels].
 * `distance`: through tables, [edges].
 */
export type EdgeDerivative = 'result' | 'x' | 'scalars' | 'weights' | 'distance';

export interface EdgeRegion {
  readonly channels: number;
  /** Null where the form has none; terms then say 0. */
  readonly x: EdgeRows | null;
  readonly scalars: { readonly input: number; readonly components: number };
  readonly weights: EdgeWeights;
  /** Of a convolution, where it goes; of a reverse, the cotangent that comes in. */
  readonly result: Omit<EdgeRows, 'input'> & { readonly input: number | null };
  readonly terms: readonly EdgeTerm[];
  readonly outputs: Readonly<Record<string, EdgeDerivative>>;
}

/** The operands of a polynomial over edges by what they are. */
interface Factors {
  readonly mapped: readonly (EdgeRows & { readonly operand: number })[];
  readonly scalars: (EdgeRegion['scalars'] & { readonly operand: number }) | null;
  readonly weights: (EdgeWeights & { readonly operand: number }) | null;
}

interface Part {
  readonly polynomial: NodeOf<'polynomial'>;
  readonly factors: Factors;
  readonly sink:
    | { readonly kind: 'rows'; readonly map: IndexMap }
    | { readonly kind: 'scalars' | 'weights' | 'distance' };
}

const known = new WeakMap<Graph, EdgeRegion | null>();

/** The region that a body is, or null. */
export function edgeRegion(body: Graph): EdgeRegion | null {
  let found = known.get(body);
  if (found === undefined) known.set(body, (found = describe(body)));
  return found;
}

/**
 * The region with its cotangent along the map `owner`, if it can be seen so: where neither of the two rows of atoms has a
 * derivative of its own, either may be the cotangent.
 */
export function ownedBy(region: EdgeRegion, owner: string | null): EdgeRegion {
  const { x, result, terms, outputs } = region;
  if (!x || result.input === null || Object.values(outputs).includes('x')) return region;
  if (result.map.name === owner || x.map.name !== owner) return region;
  return {
    ...region,
    x: { input: result.input, map: result.map, components: result.components },
    result: x,
    terms: inOrder(terms.map((term) => ({ ...term, x: term.result, result: term.x }))),
  };
}

function describe(body: Graph): EdgeRegion | null {
  const parts = Object.entries(body.outputs).map(([name, node]) => [name, partOf(body, node)] as const);
  if (parts.some(([, part]) => part === null)) return null;
  const found = parts as [string, Part][];
  return found.length === 1 ? convolution(found[0]!) : reverse(found);
}

function convolution([name, { polynomial, factors, sink }]: [string, Part]): EdgeRegion | null {
  const { mapped, scalars, weights } = factors;
  if (sink.kind !== 'rows' || mapped.length > 1 || !scalars || !weights) return null;
  const x = mapped[0] ?? null;
  const roles: Roles = { x: x ? x.operand : absent, scalar: scalars.operand, weight: weights.operand, result: null };
  const terms = termsOf(polynomial, roles);
  return (
    terms && {
      channels: polynomial.type.shape[2] as number,
      x,
      scalars,
      weights,
      result: { input: null, map: sink.map, components: polynomial.attributes.table.outputs },
      terms,
      outputs: { [name]: 'result' },
    }
  );
}

/** The role that a part is the derivative by. */
const derivedRole = { rows: 'x', scalars: 'scalar', weights: 'weight', distance: 'weight' } as const;

function reverse(parts: readonly [string, Part][]): EdgeRegion | null {
  const roles = parts.map(([, { sink }]) => derivedRole[sink.kind]);
  if (new Set(roles).size < roles.length) return null;
  // The cotangent is what every part reads.
  const all = parts.map(([, part]) => part.factors.mapped.map(({ input }) => input));
  for (const input of all[0]!) {
    const region = all.every((inputs) => inputs.includes(input)) && reverseWith(input, parts);
    if (region) return region;
  }
  return null;
}

function reverseWith(cotangent: number, parts: readonly [string, Part][]): EdgeRegion | null {
  const factors = parts.map(([, part]) => part.factors);
  const others = factors.map(({ mapped }) => mapped.filter(({ input }) => input !== cotangent));
  const x = only(others.flat());
  const scalars = only(factors.flatMap((each) => each.scalars ?? []));
  const weights = only(factors.flatMap((each) => each.weights ?? []));
  const result = factors[0]!.mapped.find(({ input }) => input === cotangent);
  if (x === undefined || !scalars || !weights || !result) return null;
  const outputs: Record<string, EdgeDerivative> = {};
  let terms: readonly EdgeTerm[] | null = null;
  for (const [name, { polynomial, factors, sink }] of parts) {
    const at = (input: number): number | null => factors.mapped.find((rows) => rows.input === input)?.operand ?? null;
    const roles: Roles = {
      x: x ? at(x.input) : absent,
      result: at(cotangent),
      scalar: factors.scalars?.operand ?? null,
      weight: factors.weights?.operand ?? null,
    };
    const own = termsOf(polynomial, roles);
    const missing = (['x', 'scalar', 'weight'] as const).filter((role) => roles[role] === null);
    if (!own || missing.length !== 1 || missing[0] !== derivedRole[sink.kind] || roles.result === null) return null;
    if (sink.kind === 'rows' && sink.map.name !== x?.map.name) return null;
    if (sink.kind === 'distance' && weights.kind !== 'table') return null;
    if (terms && !sameTerms(terms, own)) return null;
    terms ??= own;
    outputs[name] = sink.kind === 'rows' ? 'x' : sink.kind;
  }
  const channels = parts[0]![1].polynomial.type.shape[2] as number;
  return terms && { channels, x, scalars, weights, result, terms, outputs };
}

/** What all of these are; null when there are none, undefined when they differ. */
function only<T extends { readonly operand: number }>(found: readonly T[]): T | null | undefined {
  const identity = ({ operand: _, ...what }: T): string => JSON.stringify({ ...what, attributes: undefined });
  if (found.some((each) => identity(each) !== identity(found[0]!))) return undefined;
  return found[0] ?? null;
}

/** An output as a polynomial and what is done with it. */
function partOf(body: Graph, output: Node): Part | null {
  const made = (polynomial: Node, sink: Part['sink']): Part | null => {
    const factors = polynomial.op === 'polynomial' && factorsOf(body, polynomial);
    return factors ? { polynomial: polynomial as NodeOf<'polynomial'>, factors, sink } : null;
  };
  if (output.op === 'polynomial') return made(output, { kind: 'weights' });
  if (output.op === 'segmentSum') return made(output.operands[0], { kind: 'rows', map: output.attributes.map });
  if (output.op !== 'sum') return null;
  const [inner] = output.operands;
  const { axes } = output.attributes;
  if (inner.op === 'polynomial' && axes.length === 1 && axes[0] === 2) return made(inner, { kind: 'scalars' });
  if (inner.op !== 'mul' || axes.length !== 1 || axes[0] !== 1) return null;
  const slope = inner.operands.find(({ op }) => op === 'table');
  const flat = inner.operands.find(({ op }) => op === 'reshape');
  if (slope?.op !== 'table' || slope.attributes.order !== 1 || flat?.op !== 'reshape') return null;
  return made(flat.operands[0], { kind: 'distance' });
}

function factorsOf(body: Graph, { operands }: NodeOf<'polynomial'>): Factors | null {
  const inputs = body.inputs as readonly Node[];
  const mapped: (EdgeRows & { operand: number })[] = [];
  let scalars: Factors['scalars'] = null;
  let weights: Factors['weights'] = null;
  for (const [operand, node] of operands.entries()) {
    const components = node.type.shape[1] as number;
    const table = node.op === 'reshape' ? node.operands[0] : null;
    if (node.op === 'gather' && inputs.includes(node.operands[0]))
      mapped.push({ operand, input: inputs.indexOf(node.operands[0]), map: node.attributes.map, components });
    else if (inputs.includes(node) && node.type.shape[2] === 1 && !scalars)
      scalars = { operand, input: inputs.indexOf(node), components };
    else if (inputs.includes(node) && !weights)
      weights = { operand, kind: 'values', input: inputs.indexOf(node), components };
    else if (table?.op === 'table' && table.attributes.order === 0 && !weights) {
      const [distance, pieces] = table.operands.map((each) => inputs.indexOf(each)) as [number, number];
      if (distance < 0 || pieces < 0) return null;
      const terms = table.operands[1].type.shape[1] as number;
      weights = { operand, kind: 'table', distance, pieces, terms, components, attributes: table.attributes };
    } else return null;
  }
  return { mapped, scalars, weights };
}

const absent = 'absent' as const;

/** Operand number of each role; the one that is null is what the polynomial gives. */
interface Roles {
  readonly x: number | null | typeof absent;
  readonly scalar: number | null;
  readonly weight: number | null;
  readonly result: number | null;
}

/** The terms of the form, if the polynomial is linear in each of its operands; in a fixed order. */
function termsOf({ attributes: { table }, operands, type }: NodeOf<'polynomial'>, roles: Roles): EdgeTerm[] | null {
  if (type.shape[2] === 1 || operands.some((node) => fixedSize(node.type.shape) === 0)) return null;
  const names = ['x', 'scalar', 'weight', 'result'] as const;
  const used = names.filter((name) => typeof roles[name] === 'number');
  if (used.length !== operands.length || used.length !== (roles.x === absent ? 2 : 3)) return null;
  const terms: EdgeTerm[] = [];
  for (const { out, coefficient, factors } of table.monomials) {
    if (factors.length !== used.length) return null;
    const term = { coefficient, x: roles.x === absent ? 0 : out, scalar: out, weight: out, result: out };
    for (const name of used) {
      const factor = factors.find(({ operand }) => operand === roles[name]);
      if (!factor) return null;
      term[name] = factor.component;
    }
    terms.push(term);
  }
  return inOrder(terms);
}

function inOrder(terms: EdgeTerm[]): EdgeTerm[] {
  return terms.sort((a, b) => a.weight - b.weight || a.x - b.x || a.result - b.result || a.scalar - b.scalar);
}

function sameTerms(a: readonly EdgeTerm[], b: readonly EdgeTerm[]): boolean {
  return (
    a.length === b.length &&
    a.every((term, i) => {
      const other = b[i]!;
      const same = (['x', 'scalar', 'weight', 'result'] as const).every((name) => term[name] === other[name]);
      return same && Math.abs(term.coefficient - other.coefficient) <= 1e-12 * Math.abs(term.coefficient);
    })
  );
}
