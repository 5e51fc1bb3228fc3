/**
 * Results against the reference and against each other. Accuracy is asked for in other suites; what is looked for here is a
 * wrong row, a stale number, another run's value, so the tolerances are wide.
 */
import type { RunInputs } from '@mace/core/backend';
import type { Outputs, Subject } from '../../subject.js';
import { largestDifference, toleranceOf, type TestedPrecision } from '../../tolerance.js';
import type { Example } from '../../case.js';

/** Times the noise floor. */
const factor = 64;

/** How two results differ; null if they do not. */
export type Compare = (wanted: Outputs, found: Outputs) => string | null;

/** How results differ from those of the reference; null if they do not. */
export async function wrong(
  subject: Subject,
  example: Example,
  inputs: RunInputs,
  found: Outputs,
  precision: TestedPrecision = subject.precision,
): Promise<string | null> {
  const { exact, rounded } = await referenceOf(subject, example, inputs);
  return withinNoise(exact, rounded, precision)(exact, found);
}

/** How two results of the same inputs differ; null if not. */
export async function different(
  subject: Subject,
  example: Example,
  inputs: RunInputs,
  first: Outputs,
  second: Outputs,
): Promise<string | null> {
  return (await comparison(subject, example, inputs))(first, second);
}

/** Compares results of the same inputs: in every bit where determinism is claimed, else within noise. */
export async function comparison(subject: Subject, example: Example, inputs: RunInputs): Promise<Compare> {
  if ((await subject.backend()).capabilities.deterministic) return differentBits;
  const { exact, rounded } = await referenceOf(subject, example, inputs);
  return withinNoise(exact, rounded, subject.precision);
}

/** The first output that differs in any bit; null if none does. */
export function differentBits(first: Outputs, second: Outputs): string | null {
  for (const [name, wanted] of Object.entries(first)) {
    const found = second[name];
    if (!found || found.length !== wanted.length) return sizes(name, wanted.length, found?.length);
    const at = wanted.findIndex((value: number, i: number) => !Object.is(value, found[i]));
    if (at >= 0) return `output ${name}, value ${at} of ${wanted.length}: expected ${wanted[at]}, got ${found[at]}`;
  }
  return null;
}

async function referenceOf(
  subject: Subject,
  { graph, parameters }: Example,
  inputs: RunInputs,
): Promise<{ exact: Outputs; rounded: Outputs }> {
  const [exact] = await subject.expected(graph, parameters, [inputs], 'f64');
  const [rounded] = await subject.expected(graph, parameters, [inputs], 'f32');
  return { exact: exact!, rounded: rounded! };
}

function withinNoise(exact: Outputs, rounded: Outputs, precision: TestedPrecision): Compare {
  return (wanted, found) => {
    for (const [name, values] of Object.entries(wanted)) {
      const other = found[name];
      if (!other || other.length !== values.length) return sizes(name, values.length, other?.length);
      const tolerance = toleranceOf(precision, factor, [{ exact: exact[name]!, rounded: rounded[name]! }]);
      const error = largestDifference(values, other);
      if (!(error <= tolerance))
        return `output ${name} is off by ${error.toExponential(2)}; ${tolerance.toExponential(2)} is allowed`;
    }
    return null;
  };
}

function sizes(name: string, wanted: number, found: number | undefined): string {
  return `output ${name}: expected ${wanted} values, got ${found ?? 'nothing'}`;
}
