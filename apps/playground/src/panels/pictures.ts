/** How often the structure is drawn while it moves, or is turned by hand. */

/** Milliseconds, as of `performance.now()`: when the last pictures were drawn. */
let times: number[] = [];

export function countPicture(): void {
  times = [...recent(), performance.now()];
}

export function picturesOfLastSecond(): number {
  return recent().length;
}

function recent(): number[] {
  const now = performance.now();
  return times.filter((time) => now - time < 1000);
}
