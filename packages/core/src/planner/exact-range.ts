/**
 * Where the intervals of a table lie, so that a distance from the middle of one has no rounding error, in float32 neither.
 *
 * One that it had would be the same for all distances of an interval: it would not average out as others do, and compressed
 * structures, whose energy changes most with all distances at once, would lose a digit.
 */

/** Of the length of an interval. With these the middles of 2¹⁴ intervals are exact in the 24 bits of a float32. */
const bitsOfLength = 9;
/** Å: where a range starts is a multiple, so that a distance from there is exact too, up to 128 Å. */
const unitOfStart = 2 ** -16;

/**
 * A range that starts at most 1/256 of its length earlier and ends at most 2⁻¹⁶ Å earlier. One that would start at nothing stays as
 * it is.
 */
export function exactRange(
  [from, to]: readonly [number, number],
  intervals: number,
): readonly [from: number, to: number] {
  const least = (to - from) / intervals;
  const unit = 2 ** (Math.floor(Math.log2(least)) + 1 - bitsOfLength);
  const length = Math.ceil(least / unit) * unit;
  const start = Math.floor((to - intervals * length) / unitOfStart) * unitOfStart;
  return start > 0 ? [start, start + intervals * length] : [from, to];
}
