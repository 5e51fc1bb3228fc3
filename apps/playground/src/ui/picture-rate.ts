/** How often the structure is drawn while it moves. */

/** Pictures that are counted. */
const most = 10;
/** Milliseconds, as of `performance.now()`: when the last pictures were drawn. */
const times: number[] = [];

export function countPicture(): void {
  times.push(performance.now());
  if (times.length > most) times.shift();
}

/** Of the last ten, up to now: it falls where a picture takes long. */
export function picturesPerSecond(): number {
  return times.length === 0 ? 0 : (1000 * times.length) / (performance.now() - times[0]!);
}
