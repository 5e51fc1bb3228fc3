/** The spectrum of a correlation function: its cosine transform, after a Hann window that lets it end in zero. */

/** cm⁻¹ of 1 THz: over the speed of light, 299,792,458 m/s. */
export const wavenumberOfTerahertz = 1e10 / 299792458;

/**
 * 4∫C(t)/C(0)·cos(2πνt) dt over t ≥ 0, of which the integral over all ν ≥ 0 is 1.
 * @param correlation - C at times 0, 1, … intervals [times]
 * @param interval - fs
 * @returns frequencies from 0 to half of one over the interval, THz; densities, 1/THz [times each]
 */
export function spectrumOf(
  correlation: Float64Array,
  interval: number,
): { readonly frequencies: Float64Array; readonly densities: Float64Array } {
  const last = correlation.length - 1;
  const windowed = correlation.map(
    (value, time) => (value / correlation[0]!) * 0.5 * (1 + Math.cos((Math.PI * time) / last)),
  );
  const cosines = Float64Array.from({ length: 2 * last }, (_, i) => Math.cos((Math.PI * i) / last));
  const picoseconds = interval / 1000;
  const densities = windowed.map((_, frequency) => {
    // The trapezoidal rule: the first value counts half, and the last is zero.
    let sum = 0.5 * windowed[0]!;
    for (let time = 1; time < last; time++) sum += windowed[time]! * cosines[(frequency * time) % (2 * last)]!;
    return 4 * picoseconds * sum;
  });
  return { frequencies: windowed.map((_, k) => k / (2 * last * picoseconds)), densities };
}
