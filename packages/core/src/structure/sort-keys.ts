/**
 * Sorts a short run of numbers in place: the senders of one receiver. Internal to the neighbor search.
 *
 * Insertion sort in runs, then merging: several times faster than the built-in sort on the usual fifty keys, and n·log n on thousands.
 */

const run = 12;

/** Sorts `keys[0 .. count)` ascending; `scratch` is at least as long and is overwritten. */
export function sortKeys(keys: Float64Array, scratch: Float64Array, count: number): void {
  for (let begin = 0; begin < count; begin += run) {
    const end = begin + run < count ? begin + run : count;
    for (let k = begin + 1; k < end; k++) {
      const key = keys[k]!;
      let hole = k;
      while (hole > begin && keys[hole - 1]! > key) {
        keys[hole] = keys[hole - 1]!;
        hole--;
      }
      keys[hole] = key;
    }
  }
  let from = keys;
  let to = scratch;
  for (let width = run; width < count; width *= 2) {
    for (let begin = 0; begin < count; begin += 2 * width) {
      const middle = begin + width < count ? begin + width : count;
      const end = middle + width < count ? middle + width : count;
      let left = begin;
      let right = middle;
      let at = begin;
      while (left < middle && right < end) {
        const p = from[left]!;
        const q = from[right]!;
        if (p <= q) {
          to[at++] = p;
          left++;
        } else {
          to[at++] = q;
          right++;
        }
      }
      while (left < middle) to[at++] = from[left++]!;
      while (right < end) to[at++] = from[right++]!;
    }
    const swap = from;
    from = to;
    to = swap;
  }
  if (from !== keys) for (let k = 0; k < count; k++) keys[k] = from[k]!;
}
