/** A report of the kit as the file that `benchmarks/results/conformance` has of it. */
import type { BackendRun } from './agreement.js';

/** Written in by the build: hashes of the sources that a report of each backend speaks for, by the package of the backend. */
declare const conformanceSources: Readonly<Record<string, string>>;

/** @returns a name such as `wasm-page-f32-default.json`; `part` stands where not the whole kit ran */
export function reportFile({ backend, precision, report }: BackendRun): {
  readonly name: string;
  readonly text: string;
} {
  const sources = conformanceSources[report!.backend];
  const label = report!.only === null ? 'default' : 'part';
  return {
    name: `${backend}-page-${precision}-${label}.json`,
    text: `${JSON.stringify({ ...(sources !== undefined && { sources }), ...report }, null, 2)}\n`,
  };
}
