/** Colours of values: viridis of Matplotlib (CC0), which keeps its order in grey and for every kind of colour vision. */

const stops = [0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725];

/** 0xRRGGBB of a place on the map, 0 to 1; what is beyond has the colour of the end. */
export function mapColor(place: number): number {
  const at = Math.min(1, Math.max(0, place)) * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(at));
  const channel = (bits: number): number => {
    const [from, to] = [(stops[low]! >> bits) & 255, (stops[low + 1]! >> bits) & 255];
    return Math.round(from + (at - low) * (to - from)) << bits;
  };
  return channel(16) | channel(8) | channel(0);
}

/** The least and the greatest finite value; undefined where there is none. */
export function rangeOf(values: ArrayLike<number>): [number, number] | undefined {
  let [least, greatest] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isFinite(value)) [least, greatest] = [Math.min(least, value), Math.max(greatest, value)];
  }
  return least <= greatest ? [least, greatest] : undefined;
}
