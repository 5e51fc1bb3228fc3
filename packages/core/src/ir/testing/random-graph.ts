/**
 * Random well-typed graphs with everything needed to run them, from a seed. For tests of passes, derivatives, backends.
 *
 * Values stay finite and moderate: arguments are guarded, and what may grow is scaled down. Comparisons are shifted by
 * random amounts, so that rounding does not decide them. Neutral operations occur often, so passes find something.
 */
import { GraphBuilder } from '../builder.js';
import { fixedSize } from '../infer.js';
import { polynomialTable } from '../polynomial.js';
import type { Dim, Graph, IndexMap, Monomial, Node, OpName, Shape } from '../types.js';
import {
  allMaps,
  elements,
  pair,
  randomInputs,
  seededRandom,
  sizeOf,
  sizeOfShape,
  type RandomInputs,
} from './random-inputs.js';

export { seededRandom } from './random-inputs.js';

/** A graph with its parameters and one set of inputs. */
export interface RandomGraph extends RandomInputs {
  readonly graph: Graph;
  readonly parameters: Readonly<Record<string, Float64Array>>;
}

export interface RandomGraphOptions {
  /** Steps after each op was tried once; a step adds one to a few nodes. Default 30. */
  readonly steps?: number;
  /** Ops that no step aims at; a guard may still use a basic one (`add`, `mul`, `sin`, `broadcast`, …). Default none. */
  readonly exclude?: readonly OpName[];
  /** Whether layout ops and gathers are applied to masks too. Default true. */
  readonly maskLayout?: boolean;
  /** Only what can be differentiated once: no tables of order 1. Exclude `table` to differentiate twice. Default false. */
  readonly differentiable?: boolean;
}

/**
 * The graph of a seed. Output `total` is one number that depends on every node; others are single nodes.
 * Inputs: `vectors[edges 3]`, `features[atoms 4]`, `weights[graphs 2]`, `unused[atoms]`.
 */
export function randomGraph(seed: number, options: RandomGraphOptions = {}): RandomGraph {
  const generator = new Generator(seed, options);
  const graph = generator.run(options.steps ?? 30);
  return { graph, parameters: generator.parameters, ...randomInputs(graph, seed) };
}

const largestBound = 4;
const largestRow = 48;
const largestRank = 4;
const factors = [0, 1, -1, 2, 0.5, -0.7, 1.3];

type MakerName = Exclude<OpName, 'input'>;

class Generator {
  readonly parameters: Record<string, Float64Array> = {};
  readonly #build = new GraphBuilder();
  readonly #random: () => number;
  readonly #pool: Node[] = [];
  /** Largest magnitude that each value can have. */
  readonly #bounds = new Map<Node, number>();
  readonly #excluded: ReadonlySet<string>;
  readonly #maskLayout: boolean;
  readonly #differentiable: boolean;

  constructor(seed: number, options: RandomGraphOptions) {
    this.#random = seededRandom(seed);
    this.#excluded = new Set(options.exclude ?? []);
    this.#maskLayout = options.maskLayout ?? true;
    this.#differentiable = options.differentiable ?? false;
  }

  run(steps: number): Graph {
    const build = this.#build;
    build.input('unused', ['atoms']);
    for (const [name, shape] of [
      ['vectors', ['edges', 3]],
      ['features', ['atoms', 4]],
      ['weights', ['graphs', 2]],
    ] as const) {
      this.#keep(build.input(name, shape), 1);
    }
    this.#keep(this.#parameter([elements, 2, 2]), 1);
    const makers = (Object.keys(this.#makers) as MakerName[]).filter((op) => !this.#excluded.has(op));
    for (const op of this.#shuffled(makers)) this.#step(op, 6);
    for (let i = 0; i < steps; i++) this.#step(this.#choose(makers), 1);
    return build.finish('random', this.#outputs());
  }

  #step(op: MakerName, attempts: number): void {
    const scope = this.#choose(['geometry', 'interaction[0]/convolution', 'interaction[0]/linear', 'readout', '']);
    for (let attempt = 0; attempt < attempts; attempt++) {
      const run = (): boolean => this.#makers[op]();
      if (scope === '' ? run() : this.#build.scoped(scope, run)) return;
    }
  }

  /** Each tries to add a value that uses its op; false if the operands that it drew do not fit. */
  readonly #makers: Readonly<Record<MakerName, () => boolean>> = {
    parameter: () => this.#keep(this.#parameter([this.#choose([1, 2, elements]), 2, this.#choose([1, 3])]), 1),
    constant: () => this.#keep(this.#constant([this.#choose([1, 2, elements]), this.#choose([1, 2, 3])]), 2),
    neg: () => this.#unary((x) => this.#build.neg(x)),
    sin: () =>
      this.#unary(
        (x) => this.#build.sin(x),
        () => 1,
      ),
    cos: () =>
      this.#unary(
        (x) => this.#build.cos(x),
        () => 1,
      ),
    tanh: () =>
      this.#unary(
        (x) => this.#build.tanh(x),
        () => 1,
      ),
    exp: () =>
      this.#unary(
        (x) => this.#build.exp(x),
        (bound) => Math.exp(bound),
      ),
    sqrt: () =>
      this.#unary(
        (x) => this.#build.sqrt(this.#positive(x)),
        () => 1.3,
      ),
    log: () =>
      this.#unary(
        (x) => this.#build.log(this.#positive(x)),
        () => 0.7,
      ),
    add: () =>
      this.#pair(
        (a, b) => this.#build.add(a, b),
        (a, b) => a + b,
      ),
    sub: () =>
      this.#pair(
        (a, b) => this.#build.sub(a, b),
        (a, b) => a + b,
      ),
    mul: () =>
      this.#pair(
        (a, b) => this.#build.mul(a, b),
        (a, b) => a * b,
      ),
    max: () =>
      this.#pair(
        (a, b) => this.#build.max(a, this.#apart(b)),
        (a, b) => Math.max(a, b + 1),
      ),
    div: () =>
      this.#pair(
        (a, b) => this.#build.div(a, this.#positive(b)),
        (a) => 2 * a,
      ),
    pow: () =>
      this.#random() < 0.4
        ? this.#unary(
            (x) => this.#build.pow(x, this.#build.fill(this.#choose([1, 2, 3]), x)),
            (bound) => Math.max(1, bound ** 3),
          )
        : this.#pair(
            (a, b) =>
              this.#build.pow(
                this.#positive(a),
                this.#random() < 0.5 ? b : this.#build.fill(this.#choose([0, 0.5, -1, 1.7]), a),
              ),
            () => 16,
          ),
    less: () =>
      this.#pair(
        (a, b) => this.#build.less(a, this.#apart(b)),
        () => 1,
      ),
    select: () =>
      this.#pair((a, b) => {
        const known = this.#pool.filter((node) => node.type.kind === 'mask' && sameDims(node.type.shape, a.type.shape));
        const mask = known.length > 0 ? this.#choose(known) : this.#build.less(a, this.#apart(this.#mate(a)));
        return this.#build.select(mask, a, b);
      }, Math.max),
    sum: () => {
      const x = this.#real((node) => node.type.shape.length > 0);
      const axes = x.type.shape.map((_, axis) => axis).filter(() => this.#random() < 0.5);
      if (axes.length === 0) axes.push(this.#integer(x.type.shape.length));
      return this.#keep(
        this.#build.sum(x, axes),
        this.#bound(x) * sizeOfShape(axes.map((axis) => x.type.shape[axis]!)),
      );
    },
    reshape: () => {
      const x = this.#any();
      return this.#keep(this.#build.reshape(x, this.#reshaped(x.type.shape)), this.#bound(x));
    },
    transpose: () => {
      const x = this.#any((node) => node.type.shape.length > 1);
      return this.#keep(this.#build.transpose(x, this.#shuffled(x.type.shape.map((_, axis) => axis))), this.#bound(x));
    },
    broadcast: () => {
      const x = this.#any((node) => node.type.shape.length < largestRank);
      const at = this.#integer(x.type.shape.length + 1);
      const inserted = (dim: Dim): Dim[] => [...x.type.shape.slice(0, at), dim, ...x.type.shape.slice(at)];
      const grow = this.#choose<Dim>([2, 3, 'atoms', 'edges']);
      // Only as the first dimension may a runtime size be gathered, so put it there.
      if (typeof grow === 'string' && (at > 0 || x.type.shape.some((dim) => typeof dim === 'string'))) return false;
      return this.#keep(this.#build.broadcast(this.#build.reshape(x, inserted(1)), inserted(grow)), this.#bound(x));
    },
    slice: () => {
      const x = this.#any((node) => node.type.shape.some((dim) => typeof dim === 'number' && dim > 1));
      const axis = this.#fixedAxis(x.type.shape, 2);
      if (axis === undefined) return false;
      const size = x.type.shape[axis] as number;
      const start = this.#integer(size);
      const stop = start + 1 + this.#integer(size - start);
      return this.#keep(this.#build.slice(x, axis, start, stop), this.#bound(x));
    },
    pad: () => {
      const x = this.#real();
      const axis = this.#fixedAxis(x.type.shape, 1);
      if (axis === undefined) return false;
      return this.#keep(this.#build.pad(x, axis, this.#integer(3), 1 + this.#integer(2)), this.#bound(x));
    },
    concat: () => {
      const x = this.#any();
      const axis = this.#fixedAxis(x.type.shape, 1);
      if (axis === undefined) return false;
      const size = x.type.shape[axis] as number;
      const part = (): Node => {
        const mate =
          x.type.kind === 'mask' || this.#random() < 0.3
            ? x
            : this.#random() < 0.2
              ? this.#build.fill(0, x)
              : this.#mate(x);
        const start = this.#integer(size);
        return this.#build.slice(mate, axis, start, start + 1 + this.#integer(size - start));
      };
      return this.#keep(
        this.#build.concat([part(), x, ...(this.#random() < 0.5 ? [part()] : [])], axis),
        Math.max(this.#bound(x), largestBound),
      );
    },
    matmul: () => (this.#random() < 0.5 ? this.#plainMatmul() : this.#groupedMatmul()),
    gather: () => {
      const map = this.#choose(allMaps);
      const x = this.#any((node) => node.type.shape[0] === map.to);
      if (x.type.shape[0] !== map.to) return false;
      return this.#keep(this.#build.gather(x, map), this.#bound(x));
    },
    segmentSum: () => {
      const map = this.#choose(allMaps);
      const x = this.#real((node) => node.type.shape[0] === map.from);
      if (x.type.shape[0] !== map.from) return false;
      return this.#keep(this.#build.segmentSum(x, map), this.#bound(x) * sizeOf(map.from));
    },
    polynomial: () => this.#polynomial(),
    table: () => this.#table(),
    call: () => {
      const a = this.#real();
      const b = this.#mate(a);
      const body = callBody(a.type.shape);
      const [first, second] = ['gated', 'mean'].map((output) => this.#build.call('gate', body, [a, b], output));
      this.#keep(first!, this.#bound(a));
      return this.#keep(second!, (this.#bound(a) + largestBound) / 2);
    },
  };

  #plainMatmul(): boolean {
    const build = this.#build;
    const x = this.#real((node) => node.type.shape.length > 0 && typeof node.type.shape.at(-1) === 'number');
    const inner = x.type.shape.at(-1);
    if (typeof inner !== 'number') return false;
    const columns = 1 + this.#integer(3);
    const bound = this.#bound(x) * inner;
    switch (this.#choose(['nn', 'nt', 'tn'] as const)) {
      case 'nn':
        return this.#keep(build.matmul(x, this.#parameter([inner, columns])), bound);
      case 'nt':
        return this.#keep(build.matmul(x, this.#parameter([columns, inner]), 'nt'), bound);
      case 'tn':
        return this.#keep(
          build.matmul(x, this.#mate(x), 'tn'),
          largestBound * this.#bound(x) * sizeOfShape(x.type.shape.slice(0, -1)),
        );
    }
  }

  #groupedMatmul(): boolean {
    const build = this.#build;
    const group = this.#choose(allMaps);
    const fits = (node: Node): boolean =>
      node.type.shape.length > 1 && node.type.shape[0] === group.from && typeof node.type.shape.at(-1) === 'number';
    const x = this.#real(fits);
    if (!fits(x)) return false;
    const inner = x.type.shape.at(-1) as number;
    const columns = this.#choose([1, 3, 5]);
    const bound = this.#bound(x) * inner;
    if (typeof group.to === 'string') {
      const matrices = this.#real(
        (node) =>
          node.type.shape.length === 3 &&
          node.type.shape[0] === group.to &&
          node.type.shape[1] === inner &&
          typeof node.type.shape[2] === 'number',
      );
      const ok =
        matrices.type.shape.length === 3 &&
        matrices.type.shape[0] === group.to &&
        matrices.type.shape[1] === inner &&
        typeof matrices.type.shape[2] === 'number';
      return ok && this.#keep(build.matmul(x, matrices, 'nn', group), bound * this.#bound(matrices));
    }
    switch (this.#choose(['nn', 'nt', 'tn'] as const)) {
      case 'nn':
        return this.#keep(build.matmul(x, this.#parameter([group.to, inner, columns]), 'nn', group), bound);
      case 'nt':
        return this.#keep(build.matmul(x, this.#parameter([group.to, columns, inner]), 'nt', group), bound);
      case 'tn':
        return this.#keep(
          build.matmul(x, this.#mate(x), 'tn', group),
          largestBound * this.#bound(x) * sizeOfShape(x.type.shape.slice(0, -1)),
        );
    }
  }

  #polynomial(): boolean {
    const build = this.#build;
    const fits = (node: Node): boolean =>
      node.type.shape.length > 0 && node.type.shape.slice(1).every((dim) => typeof dim === 'number');
    const first = this.#real(fits);
    if (!fits(first)) return false;
    const rows = first.type.shape[0]!;
    const channels = this.#random() < 0.5 || first.type.shape.length < 2 ? 1 : (first.type.shape.at(-1) as number);
    const others = Array.from({ length: this.#integer(3) }, () =>
      this.#real((node) => fits(node) && node.type.shape[0] === rows),
    );
    const operands = [first, ...others.filter((node) => fits(node) && node.type.shape[0] === rows)].map((node) => {
      const size = fixedSize(node.type.shape.slice(1));
      const own =
        node.type.shape.at(-1) === channels && node.type.shape.length > 1 && this.#random() < 0.7 ? channels : 1;
      return build.reshape(node, [rows, size / own, own]);
    });
    if (this.#random() < 0.2) operands.push(build.broadcast(this.#constant([1, 2, 1]), [rows, 2, 1]));
    const outputs = 1 + this.#integer(4);
    const monomials = Array.from(
      { length: this.#random() < 0.1 ? 0 : 1 + this.#integer(6) },
      (): Monomial => ({
        out: this.#integer(outputs),
        coefficient: this.#choose([1, -0.5, 2 * this.#random() - 1]),
        factors: Array.from({ length: this.#integer(4) }, () => {
          const operand = this.#integer(operands.length);
          return { operand, component: this.#integer(operands[operand]!.type.shape[1] as number) };
        }),
      }),
    );
    return this.#keep(build.polynomial(operands, polynomialTable(outputs, monomials)), 6 * largestBound ** 3);
  }

  /** A table of cubics, which interpolation reproduces exactly: table and body agree to rounding. */
  #table(): boolean {
    const build = this.#build;
    const x = this.#real((node) => node.type.shape.length === 1 && node.type.shape[0] === 'edges');
    if (x.type.shape.length !== 1 || x.type.shape[0] !== 'edges') {
      const wide = this.#real((node) => node.type.shape[0] === 'edges');
      if (wide.type.shape[0] !== 'edges' || wide.type.shape.length < 2) return false;
      return (
        this.#keep(
          build.sum(wide, wide.type.shape.map((_, axis) => axis).slice(1)),
          this.#bound(wide) * sizeOfShape(wide.type.shape.slice(1)),
        ) && this.#table()
      );
    }
    const distance = build.shift(build.scale(build.sin(x), 0.8), 1.5);
    const map = this.#random() < 0.7 ? pair : undefined;
    const groups = (map?.to ?? 1) as number;
    const functions = 2;
    const range = [0.5, 3] as const;
    const knots = 6;
    const cubics = Array.from({ length: groups * 4 * functions }, () => 0.2 * (2 * this.#random() - 1));
    const cubic = (group: number, power: number, f: number): number => cubics[(group * 4 + power) * functions + f]!;
    const data: number[] = [];
    for (let group = 0; group < groups; group++) {
      for (let knot = 0; knot < knots; knot++) {
        const r = range[0] + ((range[1] - range[0]) * knot) / (knots - 1);
        for (let f = 0; f < functions; f++)
          data.push([0, 1, 2, 3].reduce((sum, p) => sum + cubic(group, p, f) * r ** p, 0));
        for (let f = 0; f < functions; f++)
          data.push([1, 2, 3].reduce((sum, p) => sum + p * cubic(group, p, f) * r ** (p - 1), 0));
      }
    }
    const knotData = this.#parameter([groups, knots, 2, functions], data);
    const derivative = cubics.map((_, i) => {
      const power = Math.floor(i / functions) % 4;
      return power < 3 ? (power + 1) * cubics[i + functions]! : 0;
    });
    const body = cubicBody('radial', cubics, groups, functions, map);
    const slope = cubicBody('radialSlope', derivative, groups, functions, map);
    const shared = { range, knots, ...(map ? { map } : {}) };
    const slopeOnly = !this.#differentiable && this.#random() < 0.4;
    return this.#keep(
      build.table(
        distance,
        knotData,
        slopeOnly ? { body: slope, order: 1, ...shared } : { body, slope, order: 0, ...shared },
      ),
      12,
    );
  }

  /** Every value that nothing uses goes into `total`; a few are outputs of their own. */
  #outputs(): Record<string, Node> {
    const build = this.#build;
    const used = new Set(this.#pool.flatMap((node) => node.operands as readonly Node[]));
    const real = (node: Node): Node => {
      if (node.type.kind === 'real') return node;
      const ones = build.broadcast(
        build.constant(
          [1],
          node.type.shape.map(() => 1),
        ),
        node.type.shape,
      );
      return build.select(node, ones, build.fill(0, ones));
    };
    const sinks = this.#pool.filter((node) => !used.has(node)).map(real);
    const total = sinks
      .map((node) =>
        build.sum(
          node,
          node.type.shape.map((_, axis) => axis),
        ),
      )
      .reduce((sum, node) => build.add(sum, node));
    const outputs: Record<string, Node> = { total };
    sinks.slice(-8).forEach((node, i) => {
      outputs[`value${i}`] = node;
    });
    return outputs;
  }

  #unary(make: (x: Node) => Node, bound: (bound: number) => number = (same) => same): boolean {
    const x = this.#real();
    return this.#keep(make(x), bound(this.#bound(x)));
  }

  #pair(make: (a: Node, b: Node) => Node, bound: (a: number, b: number) => number): boolean {
    const a = this.#real();
    return this.#keep(make(a, this.#mate(a)), bound(this.#bound(a), largestBound));
  }

  /** A value with the type of `x`, at most `largestBound`. */
  #mate(x: Node): Node {
    const build = this.#build;
    const same = this.#pool.filter(
      (node) => node !== x && node.type.kind === 'real' && sameDims(node.type.shape, x.type.shape),
    );
    if (same.length > 0 && this.#random() < 0.6) return this.#choose(same);
    switch (this.#integer(5)) {
      case 0:
        return build.fill(this.#choose(factors), x);
      case 1:
        return build.mul(build.sin(x), build.fill(this.#choose(factors), x));
      case 2:
        return build.neg(x);
      case 3: {
        const source = x.type.shape.map((dim) => (typeof dim === 'number' && this.#random() < 0.7 ? dim : 1));
        return build.broadcast(
          fixedSize(source) <= 12 ? this.#constant(source) : this.#parameter(source),
          x.type.shape,
        );
      }
      default:
        return build.cos(build.shift(x, 0.3));
    }
  }

  /** ½ + sin²x. */
  #positive(x: Node): Node {
    const sine = this.#build.sin(x);
    return this.#build.shift(this.#build.mul(sine, sine), 0.5);
  }

  /** Shifted by a random amount, so that no comparison is a tie. */
  #apart(x: Node): Node {
    return this.#build.shift(this.#build.scale(x, 0.7 + 0.1 * this.#random()), 0.2 * (this.#random() - 0.5) + 1e-3);
  }

  #keep(node: Node, bound: number): boolean {
    const { shape } = node.type;
    if (
      shape.length > largestRank ||
      fixedSize(shape) > largestRow ||
      fixedSize(shape) === 0 ||
      shape.filter((dim) => typeof dim === 'string').length > 2
    )
      return false;
    const small = bound <= largestBound || node.type.kind === 'mask';
    const value = small ? node : this.#build.scale(node, 1 / bound);
    if (!this.#bounds.has(value)) this.#pool.push(value);
    this.#bounds.set(value, small ? bound : 1);
    return true;
  }

  #parameter(shape: readonly number[], values?: readonly number[]): Node {
    const name = `block.${Object.keys(this.parameters).length}.weight`;
    this.parameters[name] = Float64Array.from(
      values ?? Array.from({ length: fixedSize(shape) }, () => 2 * this.#random() - 1),
    );
    return this.#build.parameter(name, shape);
  }

  #constant(shape: readonly number[]): Node {
    const value = this.#choose(factors);
    const same = this.#random() < 0.4;
    return this.#build.constant(
      Array.from({ length: fixedSize(shape) }, () => (same ? value : 4 * this.#random() - 2)),
      shape,
    );
  }

  #reshaped(shape: Shape): Dim[] {
    const split = shape.flatMap((dim): Dim[] =>
      typeof dim === 'number' && dim % 2 === 0 && this.#random() < 0.4
        ? this.#random() < 0.5
          ? [2, dim / 2]
          : [dim / 2, 2]
        : [dim],
    );
    const merged: Dim[] = [];
    for (const dim of split) {
      const last = merged[merged.length - 1];
      if (typeof dim === 'number' && typeof last === 'number' && this.#random() < 0.5)
        merged[merged.length - 1] = last * dim;
      else merged.push(dim);
    }
    if (merged.length < largestRank && this.#random() < 0.4) merged.splice(this.#integer(merged.length + 1), 0, 1);
    return merged.length <= largestRank ? merged : [...shape];
  }

  #fixedAxis(shape: Shape, least: number): number | undefined {
    const axes = shape
      .map((_, axis) => axis)
      .filter((axis) => typeof shape[axis] === 'number' && (shape[axis] as number) >= least);
    return axes.length > 0 ? this.#choose(axes) : undefined;
  }

  /** A value that fits if there is one; late ones more often, so that graphs get deep. */
  #any(fits: (node: Node) => boolean = () => true): Node {
    const ok = this.#pool.filter((node) => (this.#maskLayout || node.type.kind === 'real') && fits(node));
    return ok.length > 0 ? ok[Math.floor(Math.sqrt(this.#random()) * ok.length)]! : this.#pool[0]!;
  }

  #real(fits: (node: Node) => boolean = () => true): Node {
    return this.#any((node) => node.type.kind === 'real' && fits(node));
  }

  #bound(node: Node): number {
    return this.#bounds.get(node) ?? largestBound;
  }

  #integer(below: number): number {
    return Math.floor(this.#random() * below);
  }

  #choose<T>(from: readonly T[]): T {
    return from[this.#integer(from.length)]!;
  }

  #shuffled<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.#integer(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    return shuffled;
  }
}

/** `gated` = a·½(1 + tanh(b/2)), `mean` = ½(a + b). */
function callBody(shape: Shape): Graph {
  const build = new GraphBuilder();
  const a = build.input('a', shape);
  const b = build.input('b', shape);
  const gate = build.scoped('gate', () => build.scale(build.shift(build.tanh(build.scale(b, 0.5)), 1), 0.5));
  return build.finish('gate', { gated: build.mul(a, gate), mean: build.scale(build.add(a, b), 0.5) });
}

/** Σ_p c[group, p, f] r^p. */
function cubicBody(
  name: string,
  cubics: readonly number[],
  groups: number,
  functions: number,
  map: IndexMap | undefined,
): Graph {
  const build = new GraphBuilder();
  const r = build.input('r', ['edges']);
  const shape = ['edges', functions] as const;
  const all = build.constant(cubics, [groups, 4, functions]);
  const own = map ? build.gather(all, map) : build.broadcast(all, ['edges', 4, functions]);
  const coefficient = (power: number): Node => build.reshape(build.slice(own, 1, power, power + 1), shape);
  const wide = build.expand(r, shape, [0]);
  let value = coefficient(3);
  for (const power of [2, 1, 0]) value = build.add(build.mul(value, wide), coefficient(power));
  return build.finish(name, { value });
}

function sameDims(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}
