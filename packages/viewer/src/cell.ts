/** The cell: a basis to search and wrap in, its edges, and the lattice vectors that bring atoms back into it. */

/** Lattice vectors, or unit vectors in place of those that are none, and the inverse. */
export interface Basis {
  /** Å, vectors as rows [3 3]. */
  readonly rows: Float64Array;
  /** Fractions are `position · inverse` [3 3]. */
  readonly inverse: Float64Array;
  readonly periodic: readonly [boolean, boolean, boolean];
}

type Vector = [number, number, number];

/**
 * A basis that exists for any cell: where its vectors are not independent, those that are not periodic are replaced; where the others are
 * not either, nothing is periodic.
 * @param cell - Å [3 3]
 */
export function basisOf(cell: ArrayLike<number> | null, pbc: readonly boolean[]): Basis {
  const vectors = [0, 1, 2].map((k): Vector | undefined =>
    cell ? [cell[3 * k]!, cell[3 * k + 1]!, cell[3 * k + 2]!] : undefined,
  );
  const made = completed(vectors) ?? completed(vectors.map((vector, k) => (pbc[k] ? vector : undefined)));
  const [a, b, c] = (made ?? completed([undefined, undefined, undefined])) as [Vector, Vector, Vector];
  const volume = dot(a, cross(b, c));
  const inverse = new Float64Array(9);
  [cross(b, c), cross(c, a), cross(a, b)].forEach((column, k) =>
    column.forEach((value, axis) => (inverse[3 * axis + k] = value / volume)),
  );
  const periodic = vectors.map((vector, k) => made !== undefined && vector !== undefined && pbc[k] === true);
  return { rows: Float64Array.of(...a, ...b, ...c), inverse, periodic: periodic as [boolean, boolean, boolean] };
}

/** For each atom the whole lattice vectors to add so that it lies in the cell [atoms 3]; zero along directions that are not periodic. */
export function wrapsInto(x: ArrayLike<number>, { inverse, periodic }: Basis): Int32Array {
  const wraps = new Int32Array(x.length);
  for (let i = 0; i < x.length; i += 3)
    for (let k = 0; k < 3; k++) {
      if (!periodic[k]) continue;
      const fraction = x[i]! * inverse[k]! + x[i + 1]! * inverse[3 + k]! + x[i + 2]! * inverse[6 + k]!;
      // An atom on the lower wall stays there, whatever rounding says.
      wraps[i + k] = -Math.floor(fraction + 1e-6);
    }
  return wraps;
}

/** Positions and whole lattice vectors [atoms 3]. */
export function translated(x: ArrayLike<number>, wraps: Int32Array, { rows }: Basis): Float64Array {
  const out = Float64Array.from(x);
  for (let i = 0; i < out.length; i += 3)
    for (let k = 0; k < 3; k++)
      if (wraps[i + k] !== 0)
        for (let axis = 0; axis < 3; axis++) out[i + axis]! += wraps[i + k]! * rows[3 * k + axis]!;
  return out;
}

/** The twelve edges, from and to, Å [12 6]; three begin at the origin, along the vectors. */
export function cellEdges(cell: ArrayLike<number>): Float64Array {
  const corner = (...along: readonly number[]): number[] =>
    [0, 1, 2].map((axis) => along.reduce((sum, times, k) => sum + times * cell[3 * k + axis]!, 0));
  const edges = [0, 1].flatMap((i) =>
    [0, 1].flatMap((j) => [
      [...corner(0, i, j), ...corner(1, i, j)],
      [...corner(i, 0, j), ...corner(i, 1, j)],
      [...corner(i, j, 0), ...corner(i, j, 1)],
    ]),
  );
  return Float64Array.from(edges.flat());
}

/** Unit vectors across those that are given in the places of the others; undefined where the given ones are not independent. */
function completed(given: readonly (Vector | undefined)[]): Vector[] | undefined {
  const rows = [...given];
  for (let k = 0; k < 3; k++) {
    if (rows[k]) continue;
    const [one, other] = rows.filter((row) => row !== undefined);
    const axes = [0, 1, 2].map((axis): Vector => [Number(axis === 0), Number(axis === 1), Number(axis === 2)]);
    // The axis least along what is there makes the best one across it.
    const least = (v: Vector): Vector =>
      axes.reduce((best, axis) => (Math.abs(dot(axis, v)) < Math.abs(dot(best, v)) ? axis : best));
    const across = one && other ? cross(one, other) : one ? cross(one, least(one)) : axes[k]!;
    const length = Math.hypot(...across);
    if (!(length > 0)) return undefined;
    rows[k] = across.map((value) => value / length) as Vector;
  }
  const [a, b, c] = rows as Vector[];
  const volume = Math.abs(dot(a!, cross(b!, c!)));
  return volume > 1e-9 * Math.hypot(...a!) * Math.hypot(...b!) * Math.hypot(...c!) ? (rows as Vector[]) : undefined;
}

function cross(u: Vector, v: Vector): Vector {
  return [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
}

function dot(u: Vector, v: Vector): number {
  return u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
}
