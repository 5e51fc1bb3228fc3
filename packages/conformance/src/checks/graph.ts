/**
 * A graph on the backend against the same graph on the reference: names, sizes, finiteness, values, untouched inputs.
 * A failure is narrowed down to the first node that goes wrong.
 */
import { isMaceError } from '@mace/core';
import type { RealArray, RunInputs } from '@mace/core/backend';
import { once, type GraphCase, type Problem, type Verdict } from '../case.js';
import { diagnose } from '../diagnose.js';
import { thrownText } from '../thrown.js';
import type { Outputs, Subject } from '../subject.js';
import { besideSteps, finiteness, numberwise, together, type Judged } from './graph/comparisons.js';
import { graphLaboratoryOf, type GraphLaboratory } from './graph/laboratory.js';

export async function checkGraph(subject: Subject, one: GraphCase): Promise<Verdict> {
  const { runs, compare = 'together' } = one;
  if (compare === 'specials' && (await subject.backend()).capabilities.specials !== 'ieee')
    return { worst: null, problems: [], unavailable: 'the backend promises nothing of special values.' };
  if (one.precision !== undefined && one.precision !== subject.precision)
    return { worst: null, problems: [], unavailable: `it is about numbers of ${one.precision}.` };
  const { graph, parameters } = one.example();
  let laboratory: GraphLaboratory;
  try {
    laboratory = await graphLaboratoryOf(subject, one.example);
  } catch (error) {
    return thrown(error, '', runs[0]!.inputs(graph));
  }
  // Noise grows with what is added up: that of the largest run holds for all of them.
  const largest = once(() => runs.at(-1)!.inputs(graph));
  let worst = 0;
  for (const { name, inputs: make } of runs) {
    const inputs = make(graph);
    const before = copyOf(inputs);
    const where = name === undefined ? '' : `with ${name}: `;
    let found: Outputs;
    try {
      found = await laboratory.found(inputs);
    } catch (error) {
      return thrown(error, where, before);
    }
    const exact = await laboratory.exact(before);
    const problems: Problem[] = [];
    if (!sameInputs(before, inputs))
      problems.push({
        check: 'inputs-unmodified',
        message: 'the backend wrote to its inputs. They belong to the caller.',
      });
    problems.push(...compareKeys(exact, found));
    if (compare !== 'specials') problems.push(...unfiniteOutputs(exact, found));
    for (const output of Object.keys(exact)) {
      const [wanted, actual] = [exact[output]!, found[output]];
      if (!actual || actual.length !== wanted.length) continue;
      if (compare !== 'specials' && firstUnfinite(wanted, actual) !== null) continue;
      const judged = await judge(output, wanted, actual);
      worst = Math.max(worst, judged.worst);
      if (judged.problem) problems.push({ check: 'values', message: `output ${output} ${judged.problem}` });
    }
    if (problems.length > 0) {
      const narrowed = compare === 'together' ? `\n${await diagnose(subject, graph, parameters, before)}` : '';
      problems[0] = {
        ...problems[0]!,
        message: `${where}${problems[0]!.message}${narrowed}`,
      };
      return { worst, problems };
    }

    async function judge(output: string, wanted: RealArray, actual: RealArray): Promise<Judged> {
      switch (compare) {
        case 'together':
          return together(subject.precision, wanted, actual, output, (level) =>
            laboratory.noise(level === 1 ? largest() : before, level),
          );
        case 'numberwise':
          return numberwise(subject.precision, wanted, actual, output, (level) => laboratory.noise(before, level));
        case 'specials':
          return finiteness(subject.precision, graph, output, before, wanted, actual);
        case 'steps':
          return besideSteps(subject.precision, wanted, actual);
      }
    }
  }
  return { worst, problems: [] };

  /** A failed device is for the runner; everything else is looked into here. */
  async function thrown(error: unknown, where: string, inputs: RunInputs): Promise<Verdict> {
    if (isMaceError(error) && error.code === 'device') throw error;
    const narrowed = await diagnose(subject, graph, parameters, inputs);
    const message = `${where}${thrownText(error)}\n${narrowed}`;
    return { worst: null, problems: [{ check: 'throws', message }] };
  }
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
