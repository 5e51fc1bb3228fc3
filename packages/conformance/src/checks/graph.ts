/**
 * A graph on the backend against the same graph on the reference: names, sizes, finiteness, values, untouched inputs.
 * A failure is narrowed down to the first node that goes wrong.
 */
import type { RealArray, RunInputs } from '@mace/core/backend';
import type { GraphCase, Problem, Verdict } from '../case.js';
import { diagnose } from '../diagnose.js';
import type { Outputs, Sample, Subject } from '../subject.js';
import { factors, fraction, largestDifference, toleranceOf } from '../tolerance.js';

/**
 * Small results get their noise measured more than once, for a single number may be right by chance; large ones when they
 * would fail without.
 */
const manySamples = 4;
const smallResult = 4096;

export async function checkGraph(subject: Subject, { graph, parameters, inputs: make }: GraphCase): Promise<Verdict> {
  const inputs = make();
  const before = copyOf(inputs);
  const actual = await subject.run(graph, parameters, inputs);
  const problems: Problem[] = [];
  if (!sameInputs(before, inputs))
    problems.push({
      check: 'inputs-unmodified',
      message: 'the backend wrote to its inputs. They belong to the caller.',
    });

  const size = Object.values(actual).reduce((sum, { length }) => sum + length, 0);
  const noise = await subject.noise(graph, parameters, variants(before, size > smallResult ? 1 : manySamples));
  const { exact } = noise[0]!;
  problems.push(...compareKeys(exact, actual), ...unfiniteOutputs(exact, actual));
  let worst = 0;
  let primitive: readonly Sample[] | null = null;
  for (const [name, wanted] of Object.entries(exact)) {
    const found = actual[name];
    if (!found || found.length !== wanted.length || firstUnfinite(wanted, found) !== null) continue;
    const error = largestDifference(wanted, found);
    let tolerance = toleranceOf(subject.precision, factors.ops, samplesOf(name, noise));
    if (error > tolerance) {
      primitive ??= await subject.primitiveNoise(graph, parameters, variants(before, manySamples));
      tolerance = toleranceOf(subject.precision, factors.ops, samplesOf(name, [...noise, ...primitive]));
    }
    worst = Math.max(worst, fraction(error, tolerance));
    if (error > tolerance) {
      problems.push({
        check: 'values',
        message: `output ${name} is off by ${error.toExponential(2)}; ${tolerance.toExponential(2)} is allowed (${place(wanted, found)}).`,
      });
    }
  }
  if (problems.length > 0) {
    const found = await diagnose(subject, graph, parameters, before);
    if (found) problems[0] = { ...problems[0]!, message: `${problems[0]!.message}\n${found}` };
  }
  return { worst, problems };
}

function compareKeys(wanted: Outputs, found: Outputs): Problem[] {
  const problems: Problem[] = [];
  const [a, b] = [Object.keys(wanted).sort().join(', '), Object.keys(found).sort().join(', ')];
  if (a !== b) problems.push({ check: 'keys', message: `expected the outputs ${a}; got ${b || 'none'}.` });
  for (const [name, { length }] of Object.entries(wanted)) {
    const size = found[name]?.length;
    if (size !== undefined && size !== length)
      problems.push({ check: 'size', message: `output ${name}: expected ${length} values, got ${size}.` });
  }
  return problems;
}

function samplesOf(name: string, samples: readonly Sample[]): { exact: RealArray; rounded: RealArray }[] {
  return samples.map(({ exact, rounded }) => ({ exact: exact[name]!, rounded: rounded[name]! }));
}

function unfiniteOutputs(wanted: Outputs, found: Outputs): Problem[] {
  return Object.keys(wanted).flatMap((name) => {
    const message = found[name]?.length === wanted[name]!.length && firstUnfinite(wanted[name]!, found[name]!);
    return message ? [{ check: 'finite', message: `output ${name}: ${message}` }] : [];
  });
}

function firstUnfinite(wanted: RealArray, found: RealArray): string | null {
  for (let i = 0; i < wanted.length; i++) {
    if (Number.isFinite(wanted[i]!) && !Number.isFinite(found[i]!))
      return `value ${i} of ${wanted.length} is ${found[i]}; expected ${wanted[i]}.`;
  }
  return null;
}

/** Where the largest difference is. */
function place(wanted: RealArray, found: RealArray): string {
  let at = 0;
  for (let i = 0; i < wanted.length; i++)
    if (Math.abs(wanted[i]! - found[i]!) > Math.abs(wanted[at]! - found[at]!)) at = i;
  return `value ${at} of ${wanted.length}: expected ${wanted[at]}, got ${found[at]}`;
}

/** The inputs, and some that differ from them in the last place of float32. */
function variants(inputs: RunInputs, count: number): RunInputs[] {
  return Array.from({ length: count }, (_, k) => ({
    ...inputs,
    values: Object.fromEntries(
      Object.entries(inputs.values).map(([name, values]) => [
        name,
        k === 0 ? values : (values as RealArray).map((x, i) => x * (1 + (((i * 7 + k * 3) % 5) - 2) * 2 ** -24)),
      ]),
    ),
  }));
}

function copyOf(inputs: RunInputs): RunInputs {
  return {
    dims: { ...inputs.dims },
    maps: Object.fromEntries(
      Object.entries(inputs.maps).map(([name, { values, offsets, order }]) => [
        name,
        { values: values.slice(), offsets: offsets.slice(), order: order.slice() },
      ]),
    ),
    values: Object.fromEntries(
      Object.entries(inputs.values).map(([name, values]) => [name, (values as RealArray).slice()]),
    ),
  };
}

function sameInputs(a: RunInputs, b: RunInputs): boolean {
  const same = (x: ArrayLike<number>, y: ArrayLike<number>): boolean => {
    if (x.length !== y.length) return false;
    for (let i = 0; i < x.length; i++) if (!Object.is(x[i], y[i])) return false;
    return true;
  };
  return (
    Object.entries(a.values).every(([name, values]) => same(values as RealArray, b.values[name] as RealArray)) &&
    Object.entries(a.maps).every(([name, map]) =>
      (['values', 'offsets', 'order'] as const).every((part) => same(map[part], b.maps[name]![part])),
    )
  );
}
