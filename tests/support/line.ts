/** A straight line through a series whose neighbors have to do with each other. */

/**
 * The slope by least squares, and its standard error from what twenty parts of the series are off the line.
 * @param x - evenly spaced
 */
export function lineThrough(x: readonly number[], y: readonly number[]): { slope: number; error: number } {
  const parts = 20;
  const size = Math.floor(x.length / parts);
  const meanOf = (values: readonly number[], part: number): number =>
    mean(values.slice(part * size, (part + 1) * size));
  const at = Array.from({ length: parts }, (_, part) => meanOf(x, part));
  const of = Array.from({ length: parts }, (_, part) => meanOf(y, part));
  const [middle, level] = [mean(at), mean(of)];
  const spread = at.reduce((sum, one) => sum + (one - middle) ** 2, 0);
  const slope = at.reduce((sum, one, part) => sum + (one - middle) * (of[part]! - level), 0) / spread;
  const off = at.reduce((sum, one, part) => sum + (of[part]! - level - slope * (one - middle)) ** 2, 0);
  return { slope, error: Math.sqrt(off / (parts - 2) / spread) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
