/** The line through points with the least squares of its misses. */
export function lineThrough(
  x: readonly number[],
  y: readonly number[],
): { readonly slope: number; readonly at: (x: number) => number } {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [middleX, middleY] = [mean(x), mean(y)];
  const slope =
    x.reduce((sum, value, i) => sum + (value - middleX) * (y[i]! - middleY), 0) /
    x.reduce((sum, value) => sum + (value - middleX) ** 2, 0);
  return { slope, at: (value) => middleY + slope * (value - middleX) };
}
