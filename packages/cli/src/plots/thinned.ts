/** Long series for a picture: of what falls into one column of pixels the first, the least, the greatest and the last are kept. */

/** Indices in order; all of them where there are few. @param columns - of pixels, about */
export function thinned(x: ArrayLike<number>, y: ArrayLike<number>, columns: number): number[] {
  const all = Array.from({ length: Math.min(x.length, y.length) }, (_, i) => i);
  if (all.length <= 4 * columns) return all;
  const finite = all.filter((i) => Number.isFinite(x[i]));
  const [least, most] = finite.reduce(([a, b], i) => [Math.min(a, x[i]!), Math.max(b, x[i]!)], [Infinity, -Infinity]);
  const kept: number[] = [];
  let [from, column] = [0, -1];
  const keep = (to: number): void => {
    const range = all.slice(from, to);
    const by = (better: (a: number, b: number) => boolean): number | undefined =>
      range.reduce<number | undefined>(
        (best, i) => (Number.isNaN(y[i]) || (best !== undefined && !better(y[i]!, y[best]!)) ? best : i),
        undefined,
      );
    const chosen = [range[0], by((a, b) => a < b), by((a, b) => a > b), range.at(-1)].filter((i) => i !== undefined);
    kept.push(...[...new Set(chosen)].sort((a, b) => a - b));
  };
  for (const i of all) {
    const next = Math.floor(((x[i]! - least) / (most - least)) * columns);
    if (next !== column && i > from) {
      keep(i);
      from = i;
    }
    column = next;
  }
  keep(all.length);
  return kept;
}
