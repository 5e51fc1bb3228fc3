/**
 * The typed graph: what a value is, what an op is, what a graph is. Types only.
 *
 * Values are `real` or `mask`; the only integers are index maps. A dimension is a number or one of three
 * names known when the graph runs. `real` becomes f64 or f32 when a graph is compiled, never before.
 */

/** A size known only when the graph runs. Adding one is a decision record. */
export type RuntimeDim = 'atoms' | 'edges' | 'graphs';
export type Dim = number | RuntimeDim;
export type Shape = readonly Dim[];

export type Kind = 'real' | 'mask';
export interface Type {
  readonly kind: Kind;
  readonly shape: Shape;
}

/**
 * A function from the rows of one dimension to the rows of another, such as `sender: edges → atoms`.
 *
 * A map with a `derivation` is computed from others when a graph is bound to its inputs; the caller never fills it.
 */
export interface IndexMap {
  readonly name: string;
  readonly from: Dim;
  readonly to: Dim;
  readonly derivation?: MapDerivation;
}

/**
 * `compose`: row → second(first(row)). `pair`: row → first(row) · |second.to| + second(row), where both
 * targets are fixed sizes. `select`: row → position of first(row) in `keep` (specialisation to kept rows).
 */
export type MapDerivation =
  | { readonly kind: 'compose'; readonly first: IndexMap; readonly second: IndexMap }
  | { readonly kind: 'pair'; readonly first: IndexMap; readonly second: IndexMap }
  | { readonly kind: 'select'; readonly first: IndexMap; readonly keep: readonly number[] };

/** One factor of a monomial: component `component` of operand number `operand`. */
export interface Factor {
  readonly operand: number;
  readonly component: number;
}

/** `coefficient` · Π factors, added into component `out` of the result. */
export interface Monomial {
  readonly out: number;
  readonly coefficient: number;
  readonly factors: readonly Factor[];
}

export interface PolynomialTable {
  readonly outputs: number;
  readonly monomials: readonly Monomial[];
}

/**
 * `nn`: a[…, K]·b[K, N]. `nt`: a[…, K]·b[N, K]ᵀ. `tn`: Σ over all leading dimensions of a[…, K] ⊗ b[…, N] → [K, N].
 *
 * With `group` (rows → groups) the matrix is b[groups, K, N] (or [groups, N, K]) picked by the first dimension
 * of `a`, and `tn` gives [groups, K, N].
 */
export type MatmulForm = 'nn' | 'nt' | 'tn';

type None = Readonly<Record<never, never>>;

/** The pieces of a group of edges: equal intervals of a range in Å, in as many rows from `start` on. */
export interface TableGroup {
  readonly start: number;
  readonly intervals: number;
  readonly range: readonly [from: number, to: number];
}

/** The ops and their attributes. The keys are the op set; there are no others. */
export interface OpAttributes {
  // Leaves.
  input: { readonly name: string };
  parameter: { readonly name: string };
  constant: { readonly values: readonly number[] };
  // Pointwise. Operands have equal shapes; broadcasting is an op, never implied.
  neg: None;
  sqrt: None;
  exp: None;
  log: None;
  sin: None;
  cos: None;
  tanh: None;
  add: None;
  sub: None;
  mul: None;
  div: None;
  pow: None;
  max: None;
  less: None;
  select: None;
  // Reduction and layout. `broadcast` and `reshape` take their target from the node's type.
  sum: { readonly axes: readonly number[] };
  reshape: None;
  transpose: { readonly order: readonly number[] };
  broadcast: None;
  slice: { readonly axis: number; readonly start: number; readonly stop: number };
  pad: { readonly axis: number; readonly before: number; readonly after: number };
  concat: { readonly axis: number };
  // Linear algebra, graph, algebra.
  matmul: { readonly form: MatmulForm; readonly group?: IndexMap };
  gather: { readonly map: IndexMap };
  segmentSum: { readonly map: IndexMap };
  polynomial: { readonly table: PolynomialTable };
  /**
   * A function of distance in pieces, or its slope (`order` 1): operands `r[edges]` and the pieces `[rows, terms, F]`, at
   * least two terms: coefficients of the powers 0, 1, … of the distance from the middle of the interval. From `cutoff` on, in Å
   * and rounded as the run rounds, value and slope are 0. Inference only.
   * `groups`: one for each target of `map`, or one for all edges; two may share their rows.
   * `body` computes exactly what this table stands for; `slope` is the body of its derivative (order 0 only).
   */
  table: {
    readonly body: Graph;
    readonly slope?: Graph;
    readonly order: 0 | 1;
    readonly map?: IndexMap;
    readonly cutoff: number;
    readonly groups: readonly TableGroup[];
  };
  /** A named composite with its body: a backend may know the name, and can always inline the body. */
  call: { readonly name: string; readonly body: Graph; readonly output: string };
}
export type OpName = keyof OpAttributes;
export type LeafName = 'input' | 'parameter' | 'constant';
export type BinaryName = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'max' | 'less' | 'matmul' | 'table';
export type VariadicName = 'concat' | 'polynomial' | 'call';

/** Operands of an op as a tuple of the right length, so that rules and lowerings can destructure. */
export type Operands<K extends OpName, V> = K extends LeafName
  ? readonly []
  : K extends BinaryName
    ? readonly [V, V]
    : K extends 'select'
      ? readonly [V, V, V]
      : K extends VariadicName
        ? readonly V[]
        : readonly [V];

interface NodeBase<K extends OpName> {
  readonly id: number;
  readonly op: K;
  readonly operands: Operands<K, Node>;
  readonly attributes: OpAttributes[K];
  readonly type: Type;
  /** Where in the model it came from: `interaction[0]/convolution`. */
  readonly scope: string;
}
export type Node = { [K in OpName]: NodeBase<K> }[OpName];
export type NodeOf<K extends OpName> = Extract<Node, { op: K }>;

/** A typed, acyclic program. Immutable; every pass returns a new one. */
export interface Graph {
  readonly name: string;
  readonly maps: readonly IndexMap[];
  readonly inputs: readonly NodeOf<'input'>[];
  readonly parameters: readonly NodeOf<'parameter'>[];
  readonly outputs: Readonly<Record<string, Node>>;
}
