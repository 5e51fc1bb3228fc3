/** Arrows of forces: how long they are, and of what parts. */

/** Å of the longest arrow of the first frame that has forces; all frames have its scale. */
const longest = 1.6;
/** Å; what is shorter is not drawn. */
const shortest = 0.04;

/** Å of an arrow for each eV/Å, so that the longest is 1.6 Å; undefined where there is nothing to draw. @param forces - eV/Å [atoms 3] */
export function arrowScale(forces: ArrayLike<number>): number | undefined {
  let square = 0;
  for (let i = 0; i < forces.length; i += 3) {
    const one = forces[i]! ** 2 + forces[i + 1]! ** 2 + forces[i + 2]! ** 2;
    if (Number.isFinite(one)) square = Math.max(square, one);
  }
  return square > 0 ? longest / Math.sqrt(square) : undefined;
}

/** A shaft or a head, Å: from a point with a radius to another, where its flat end is. */
export type RodVisitor = (from: readonly number[], fromRadius: number, to: readonly number[], toRadius: number) => void;

/**
 * Tells the shaft and the head of an arrow for every force that is long enough. It begins at the surface of its atom, so that a small
 * one is not hidden in it.
 *
 * @param x - Å [atoms 3] @param radii - Å [atoms] @param scale - Å for each eV/Å
 */
export function eachArrow(
  x: ArrayLike<number>,
  radii: ArrayLike<number>,
  forces: ArrayLike<number>,
  scale: number,
  visit: RodVisitor,
): void {
  const [from, neck, to] = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
  for (let i = 0; i < forces.length; i += 3) {
    const length = scale * Math.hypot(forces[i]!, forces[i + 1]!, forces[i + 2]!);
    if (!(length >= shortest && length < Infinity)) continue;
    const head = Math.min(0.32, 0.45 * length);
    const radius = Math.min(0.065, 0.2 * length);
    const gap = radii[i / 3]! / length;
    for (let axis = 0; axis < 3; axis++) {
      const along = scale * forces[i + axis]!;
      from[axis] = x[i + axis]! + gap * along;
      neck[axis] = from[axis]! + along * (1 - head / length);
      to[axis] = from[axis]! + along;
    }
    visit(from, radius, neck, radius);
    visit(to, 0, neck, 2.3 * radius);
  }
}
