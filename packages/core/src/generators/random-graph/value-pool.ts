/**
 * The values of a random graph so far, with the largest magnitude that each can have, and what makers draw from them.
 *
 * Values stay finite and moderate: what may grow is scaled down when it is kept, and arguments are guarded by the makers.
 */
import { concreteShape } from '../../backend/index.js';
import { GraphBuilder, fixedSize, sameShape, type Dim, type Node, type Shape } from '../../ir/index.js';
import type { Dims } from '../random-inputs.js';
import { Draw } from '../seeded-random.js';

/** Tries to add a value that uses its op; false if the operands that it drew do not fit. */
export type Maker = (pool: ValuePool) => boolean;

export interface ValuePoolOptions {
  readonly seed: number;
  readonly dims: Dims;
  /** Whether layout ops and gathers are applied to masks too. */
  readonly maskLayout: boolean;
  /** Only what can be differentiated once. */
  readonly differentiable: boolean;
}

export const largestBound = 4;
export const largestRank = 4;
const largestRow = 48;
const factors = [0, 1, -1, 2, 0.5, -0.7, 1.3];

export class ValuePool {
  readonly build = new GraphBuilder();
  readonly draw: Draw;
  readonly differentiable: boolean;
  readonly parameters: Record<string, Float64Array> = {};
  readonly values: Node[] = [];
  readonly #bounds = new Map<Node, number>();
  readonly #dims: Dims;
  readonly #maskLayout: boolean;

  constructor({ seed, dims, maskLayout, differentiable }: ValuePoolOptions) {
    this.draw = new Draw(seed);
    this.differentiable = differentiable;
    this.#dims = dims;
    this.#maskLayout = maskLayout;
  }

  /** Adds a value that is at most `bound`, scaled down if that is much; false if its shape is too large. */
  keep(node: Node, bound: number): boolean {
    const { shape } = node.type;
    if (
      shape.length > largestRank ||
      fixedSize(shape) > largestRow ||
      fixedSize(shape) === 0 ||
      shape.filter((dim) => typeof dim === 'string').length > 2
    )
      return false;
    const small = bound <= largestBound || node.type.kind === 'mask';
    const value = small ? node : this.build.scale(node, 1 / bound);
    if (!this.#bounds.has(value)) this.values.push(value);
    this.#bounds.set(value, small ? bound : 1);
    return true;
  }

  /** Largest magnitude of a value. */
  bound(node: Node): number {
    return this.#bounds.get(node) ?? largestBound;
  }

  /** Number of values of a shape. */
  sizeOf(shape: readonly Dim[]): number {
    return concreteShape(shape, this.#dims).reduce((size, dim) => size * dim, 1);
  }

  /** A value that fits if there is one, else the first; late ones more often, so that graphs get deep. */
  any(fits: (node: Node) => boolean = () => true): Node {
    const ok = this.values.filter((node) => (this.#maskLayout || node.type.kind === 'real') && fits(node));
    return ok.length > 0 ? ok[Math.floor(Math.sqrt(this.draw.number()) * ok.length)]! : this.values[0]!;
  }

  /** Like `any`, masks left out. */
  real(fits: (node: Node) => boolean = () => true): Node {
    return this.any((node) => node.type.kind === 'real' && fits(node));
  }

  /** A value with the type of `x`, at most `largestBound`. */
  mate(x: Node): Node {
    const { build, draw } = this;
    const same = this.values.filter(
      (node) => node !== x && node.type.kind === 'real' && sameShape(node.type.shape, x.type.shape),
    );
    if (same.length > 0 && draw.chance(0.6)) return draw.choose(same);
    switch (draw.integer(5)) {
      case 0:
        return build.fill(draw.choose(factors), x);
      case 1:
        return build.mul(build.sin(x), build.fill(draw.choose(factors), x));
      case 2:
        return build.neg(x);
      case 3: {
        const source = x.type.shape.map((dim) => (typeof dim === 'number' && draw.chance(0.7) ? dim : 1));
        return build.broadcast(fixedSize(source) <= 12 ? this.constant(source) : this.parameter(source), x.type.shape);
      }
      default:
        return build.cos(build.shift(x, 0.3));
    }
  }

  /** ½ + sin²x. */
  positive(x: Node): Node {
    const sine = this.build.sin(x);
    return this.build.shift(this.build.mul(sine, sine), 0.5);
  }

  /** Shifted by a random amount, so that comparisons are not ties. */
  apart(x: Node): Node {
    const { build, draw } = this;
    return build.shift(build.scale(x, 0.7 + 0.1 * draw.number()), draw.symmetric(0.1) + 1e-3);
  }

  /** A new parameter; numbers from −1 to 1 if no values are given. */
  parameter(shape: readonly number[], values?: readonly number[]): Node {
    const name = `block.${Object.keys(this.parameters).length}.weight`;
    this.parameters[name] = Float64Array.from(
      values ?? Array.from({ length: fixedSize(shape) }, () => this.draw.symmetric(1)),
    );
    return this.build.parameter(name, shape);
  }

  /** A constant, often of equal or neutral numbers, at most 2. */
  constant(shape: readonly number[]): Node {
    const value = this.draw.choose(factors);
    const same = this.draw.chance(0.4);
    return this.build.constant(
      Array.from({ length: fixedSize(shape) }, () => (same ? value : this.draw.symmetric(2))),
      shape,
    );
  }

  /** An axis of fixed size, at least `least`; undefined if there is none. */
  fixedAxis(shape: Shape, least: number): number | undefined {
    const axes = shape
      .map((_, axis) => axis)
      .filter((axis) => typeof shape[axis] === 'number' && (shape[axis] as number) >= least);
    return axes.length > 0 ? this.draw.choose(axes) : undefined;
  }
}
