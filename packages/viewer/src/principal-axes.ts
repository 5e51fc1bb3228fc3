/** How a molecule lies: its longest direction, the longest across it, and the shortest. */

type Triple = [number, number, number];

/** Unit vectors, right-handed, of the widest spread of points first. @param x - Å [points 3] */
export function principalAxes(x: ArrayLike<number>): [Triple, Triple, Triple] {
  const count = x.length / 3;
  const mean = [0, 0, 0];
  for (let i = 0; i < x.length; i++) mean[i % 3]! += x[i]! / count;
  const m = [0, 1, 2].map((a) =>
    [0, 1, 2].map((b) => {
      let sum = 0;
      for (let i = 0; i < x.length; i += 3) sum += (x[i + a]! - mean[a]!) * (x[i + b]! - mean[b]!);
      return sum;
    }),
  );
  const v = [0, 1, 2].map((a) => [0, 1, 2].map((b) => Number(a === b)));
  // Jacobi's rotations; three by three, they are done after a few sweeps.
  for (let sweep = 0; sweep < 12; sweep++)
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      if (Math.abs(m[p]![q]!) < 1e-14 * Math.abs(m[0]![0]! + m[1]![1]! + m[2]![2]!)) continue;
      const angle = 0.5 * Math.atan2(2 * m[p]![q]!, m[q]![q]! - m[p]![p]!);
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (const row of [...m, ...v]) [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!];
      const [one, other] = [m[p]!, m[q]!];
      for (let k = 0; k < 3; k++) [one[k], other[k]] = [c * one[k]! - s * other[k]!, s * one[k]! + c * other[k]!];
    }
  const order = [0, 1, 2].sort((a, b) => m[b]![b]! - m[a]![a]!);
  const [first, second] = order.map((k) => v.map((row) => row[k]!)) as [Triple, Triple];
  const third: Triple = [
    first[1] * second[2] - first[2] * second[1],
    first[2] * second[0] - first[0] * second[2],
    first[0] * second[1] - first[1] * second[0],
  ];
  return [first, second, third];
}
