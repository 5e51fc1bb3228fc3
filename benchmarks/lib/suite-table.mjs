/** The rows of benchmarks/suite.mjs as a table for people. */

/**
 * @typedef {{ system: string, model: string, edgesPerAtom: number, side: string, absent?: string, device: string,
 *   usPerAtom: { min: number, median: number } | null, ratio: { min: number, median: number } | null,
 *   shareOfNativePeak: number | null, shareOfPeak: number | null, nativePeak?: number, vectorBits?: number | null, build?: string }} SuiteRow
 */

/** @param {{ rows: readonly SuiteRow[], device: string, runtime: string, pinned: boolean, precision: string, threads: number }} result */
export function suiteTable({ rows, device, runtime, pinned, precision, threads }) {
  const lines = rows.map(
    ({ system, model, edgesPerAtom, side, usPerAtom, ratio, absent, build, device: on, ...shares }) =>
      [
        system,
        model,
        edgesPerAtom.toFixed(1),
        side,
        ...(usPerAtom && ratio
          ? [usPerAtom.min.toFixed(0), usPerAtom.median.toFixed(0), ratio.min.toFixed(2), ratio.median.toFixed(2)]
          : ['—', '—', '—', '—']),
        percent(shares.shareOfPeak),
        percent(shares.shareOfNativePeak),
        (absent ?? (build ? `${on} (${build})` : on)).split('\n').at(-1),
      ].join(' | '),
  );
  const peaks = rows.flatMap(({ nativePeak }) => nativePeak ?? []);
  const bits = rows.find(({ vectorBits }) => vectorBits)?.vectorBits;
  return [
    `${device}${bits ? `, vectors of ${bits} bits` : ''}; ${runtime}; ${precision}, energy + forces, ${threads === 1 ? 'one thread' : `${threads} threads`}${pinned ? `, all on the same core${threads === 1 ? '' : 's'}` : ''}`,
    ...(peaks.length > 0
      ? [
          '',
          `Shares are multiply-adds of our plan in the best time: of SIMD128 in Node, and of native code, numpy's product of matrices, ${(Math.max(...peaks) / 1e9).toFixed(1)}·10⁹ multiply-adds a second.`,
        ]
      : []),
    '',
    'system | model | edges/atom | what | µs/atom (best) | µs/atom (median) | times the first (best) | (median) | of SIMD128 | of native | device',
    '--- | --- | --- | --- | --- | --- | --- | --- | --- | --- | ---',
    ...lines,
  ].join('\n');
}

/** @param {number | null} share */
function percent(share) {
  return share === null ? '—' : `${(100 * share).toFixed(0)} %`;
}
