/** The unit cell: its edges, and atoms put back into it. */

type Point = { readonly x: number; readonly y: number; readonly z: number };

/** The twelve edges; three begin at the origin, along the vectors. @param cell - rows, Å [3 3] */
export function cellEdges(cell: Float64Array): [Point, Point][] {
  const corner = (i: number, j: number, k: number): Point => ({
    x: i * cell[0]! + j * cell[3]! + k * cell[6]!,
    y: i * cell[1]! + j * cell[4]! + k * cell[7]!,
    z: i * cell[2]! + j * cell[5]! + k * cell[8]!,
  });
  return [0, 1].flatMap((i) =>
    [0, 1].flatMap((j): [Point, Point][] => [
      [corner(0, i, j), corner(1, i, j)],
      [corner(i, 0, j), corner(i, 1, j)],
      [corner(i, j, 0), corner(i, j, 1)],
    ]),
  );
}

/** Positions with every atom inside the cell along periodic directions [atoms 3]; as they are for a cell without volume. */
export function wrapped(x: Float32Array, cell: Float64Array, pbc: readonly boolean[]): Float32Array {
  const [a, b, c] = [0, 3, 6].map((at) => [cell[at]!, cell[at + 1]!, cell[at + 2]!]) as [number[], number[], number[]];
  const cross = (u: number[], v: number[]): number[] => [
    u[1]! * v[2]! - u[2]! * v[1]!,
    u[2]! * v[0]! - u[0]! * v[2]!,
    u[0]! * v[1]! - u[1]! * v[0]!,
  ];
  const dot = (u: number[], v: number[]): number => u[0]! * v[0]! + u[1]! * v[1]! + u[2]! * v[2]!;
  const volume = dot(a, cross(b, c));
  if (volume === 0) return x;
  const inverse = [cross(b, c), cross(c, a), cross(a, b)].map((row) => row.map((value) => value / volume));
  const out = Float32Array.from(x);
  for (let i = 0; i < x.length; i += 3) {
    const point = [x[i]!, x[i + 1]!, x[i + 2]!];
    const shift = inverse.map((row, axis) => (pbc[axis] ? Math.floor(dot(row, point) + 1e-6) : 0));
    for (let axis = 0; axis < 3; axis++)
      out[i + axis] = point[axis]! - shift[0]! * a[axis]! - shift[1]! * b[axis]! - shift[2]! * c[axis]!;
  }
  return out;
}
