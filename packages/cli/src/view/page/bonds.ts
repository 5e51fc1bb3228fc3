/** Which atoms are drawn as bonded: those nearer than 1.2 times the sum of their covalent radii. */
import { covalentRadii } from '@mace/core/structure';

const factor = 1.2;

/** Bonded atoms of each atom, in space as drawn: not through the walls of a cell. @param x - Å [atoms 3] */
export function bondsOf(numbers: Uint8Array, x: Float32Array): number[][] {
  const own = Array.from(numbers, (number) => covalentRadii[number] ?? 1.7);
  const reach = 2 * factor * Math.max(...new Set(own), 0);
  const bins = new Map<string, number[]>();
  const binOf = (atom: number): number[] => [0, 1, 2].map((axis) => Math.floor(x[3 * atom + axis]! / reach));
  const bonds: number[][] = own.map(() => []);
  own.forEach((radius, i) => {
    const [a, b, c] = binOf(i) as [number, number, number];
    // Pairs with atoms that came before: each pair once.
    for (let da = -1; da <= 1; da++)
      for (let db = -1; db <= 1; db++)
        for (let dc = -1; dc <= 1; dc++)
          for (const j of bins.get(`${a + da} ${b + db} ${c + dc}`) ?? []) {
            const distance = Math.hypot(
              x[3 * i]! - x[3 * j]!,
              x[3 * i + 1]! - x[3 * j + 1]!,
              x[3 * i + 2]! - x[3 * j + 2]!,
            );
            if (distance > factor * (radius + own[j]!)) continue;
            bonds[i]!.push(j);
            bonds[j]!.push(i);
          }
    const key = `${a} ${b} ${c}`;
    const bin = bins.get(key);
    if (bin) bin.push(i);
    else bins.set(key, [i]);
  });
  return bonds;
}
