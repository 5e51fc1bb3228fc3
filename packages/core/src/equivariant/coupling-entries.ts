/**
 * A coupling tensor U of the symmetric contraction as the list of its non-zero elements, and as the dense array of files.
 *
 * Most of U is zero: for ℓmax = 3 and ν = 3 less than one element in a hundred is not.
 */
import { ShapeError } from '../errors.js';

/** Non-zero elements of one U [2L+1, D, …, D, K] with ν axes of length D, in no particular order. */
export interface CouplingEntries {
  /** L. */
  readonly degree: number;
  /** ν. */
  readonly order: number;
  /** D. */
  readonly dimension: number;
  /** K; at least 1. */
  readonly paths: number;
  /** First index of each element. */
  readonly component: Uint16Array;
  /** The ν middle indices of each element, one after the other. */
  readonly factors: Uint16Array;
  /** Last index of each element. */
  readonly path: Uint32Array;
  readonly value: Float64Array;
}

/**
 * The elements of a stored U.
 *
 * @param shape - [2L+1, D, …, D, K], or [D, …, D, K] for L = 0, as upstream writes it
 * @throws ShapeError if the shape is not that of an U of this degree and order
 */
export function denseToEntries(
  shape: readonly number[],
  data: ArrayLike<number>,
  degree: number,
  order: number,
): CouplingEntries {
  const full = degree === 0 && shape.length === order + 1 ? [1, ...shape] : [...shape];
  const size = full[1] ?? 0;
  const paths = full.at(-1) ?? 0;
  const expected = [2 * degree + 1, ...Array.from({ length: order }, () => size), paths];
  const wantedSize = expected.reduce((product, n) => product * n, 1);
  if (paths < 1 || full.join() !== expected.join() || data.length !== wantedSize) {
    throw new ShapeError(
      `coupling tensor of wrong shape: U_matrix_${order} for degree ${degree}: expected [${degree === 0 ? '' : `${2 * degree + 1}, `}${'D, '.repeat(order)}K], ` +
        `got [${shape.join(', ')}] with ${data.length} values. The file does not fit its own configuration.`,
    );
  }
  const list = new EntryList();
  const block = size ** order;
  for (let at = 0; at < data.length; at++) {
    const value = data[at]!;
    if (value === 0) continue;
    const row = Math.floor(at / paths);
    list.add(Math.floor(row / block), row % block, at % paths, value);
  }
  return list.finish(degree, order, size, paths);
}

/** The tensor as upstream stores it: [2L+1, D, …, D, K], without the first axis for L = 0. */
export function entriesToDense(entries: CouplingEntries): { shape: number[]; data: Float64Array } {
  const { degree, order, dimension: size, paths } = entries;
  const block = size ** order;
  const data = new Float64Array((2 * degree + 1) * block * paths);
  entries.value.forEach((value, e) => {
    let code = 0;
    for (let n = 0; n < order; n++) code = code * size + entries.factors[e * order + n]!;
    data[(entries.component[e]! * block + code) * paths + entries.path[e]!] = value;
  });
  const shape = [...Array.from({ length: order }, () => size), paths];
  return { shape: degree === 0 ? shape : [2 * degree + 1, ...shape], data };
}

/** Collects elements whose middle indices come as one code. */
export class EntryList {
  readonly #component: number[] = [];
  readonly #code: number[] = [];
  readonly #path: number[] = [];
  readonly #value: number[] = [];

  add(component: number, code: number, path: number, value: number): void {
    this.#component.push(component);
    this.#code.push(code);
    this.#path.push(path);
    this.#value.push(value);
  }

  finish(degree: number, order: number, size: number, paths: number): CouplingEntries {
    const factors = new Uint16Array(this.#code.length * order);
    this.#code.forEach((code, e) => {
      for (let n = order - 1, rest = code; n >= 0; n--, rest = Math.floor(rest / size))
        factors[e * order + n] = rest % size;
    });
    return {
      degree,
      order,
      dimension: size,
      paths,
      factors,
      component: Uint16Array.from(this.#component),
      path: Uint32Array.from(this.#path),
      value: Float64Array.from(this.#value),
    };
  }
}
