/** The rows of benchmarks/suite.mjs as a table for people. */

/**
 * @typedef {{ system: string, model: string, edgesPerAtom: number, side: string, absent?: string, device: string,
 *   usPerAtom: { min: number, median: number } | null, ratio: { min: number, median: number } | null }} SuiteRow
 */

/** @param {{ rows: readonly SuiteRow[], device: string, runtime: string, pinned: boolean, precision: string, threads: number }} result */
export function suiteTable({ rows, device, runtime, pinned, precision, threads }) {
  const lines = rows.map(({ system, model, edgesPerAtom, side, usPerAtom, ratio, absent, device: on }) =>
    [
      system,
      model,
      edgesPerAtom.toFixed(1),
      side,
      ...(usPerAtom && ratio
        ? [usPerAtom.min.toFixed(0), usPerAtom.median.toFixed(0), ratio.min.toFixed(2), ratio.median.toFixed(2)]
        : ['—', '—', '—', '—']),
      (absent ?? on).split('\n').at(-1),
    ].join(' | '),
  );
  return [
    `${device}; ${runtime}; ${precision}, energy + forces, ${threads === 1 ? 'one thread' : `${threads} threads`}${pinned ? `, all on the same core${threads === 1 ? '' : 's'}` : ''}`,
    '',
    'system | model | edges/atom | what | µs/atom (best) | µs/atom (median) | times the first (best) | (median) | device',
    '--- | --- | --- | --- | --- | --- | --- | --- | ---',
    ...lines,
  ].join('\n');
}
