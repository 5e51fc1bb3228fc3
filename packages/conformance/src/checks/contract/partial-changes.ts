/** What changes a little has changed: one number of a parameter, an input or an index map, in a new array or in the same one. */
import { indexMapValues, type RealArray, type RunInputs } from '@mace/core/backend';
import type { Example } from '../../case.js';
import type { Parameters, Subject } from '../../subject.js';
import { compiled, runEither, type Check, type Finding } from './check.js';
import { wrong } from './compare.js';
import { sample, sampleInputs, wide, wideInputs, wideParameters } from './examples.js';

/** Ways to change an array so that a careless look takes it for the one before. */
const changes: Readonly<Record<string, (values: RealArray) => void>> = {
  'its first number': (values) => (values[0]! += 1),
  'its last number': (values) => (values[values.length - 1]! -= 1),
  'an inner number': (values) => (values[values.length >> 1]! += 1),
  'two inner numbers whose sum is as before': (values) => {
    values[1]! += 1;
    values[values.length - 2]! -= 1;
  },
  'every number but the first and the last': (values) => {
    for (let i = 1; i < values.length - 1; i++) values[i] = 0.5 - values[i]!;
  },
};

/** An array and a change of it. */
type Step = readonly [name: string, what: string];

export const partialChangeChecks: Readonly<Record<string, Check>> = {
  'partial/parameters': (subject) => inEveryTurn(parameterSteps, (steps) => changedParameters(subject, steps, false)),
  'partial/parameters-in-place': (subject) => changedParameters(subject, parameterSteps, true),
  'partial/inputs': (subject) => inEveryTurn(inputSteps, (steps) => changedInputs(subject, wide, steps, false)),
  'partial/inputs-in-place': (subject) => changedInputs(subject, wide, inputSteps, true),
  'partial/few-inputs-in-place': (subject) => changedInputs(subject, sample, fewInputSteps, true),
  'partial/maps': (subject) => changedMaps(subject, false),
  'partial/maps-in-place': (subject) => changedMaps(subject, true),
};

const parameterSteps = stepsOf(Object.keys(wideParameters(1)));
const inputSteps = stepsOf(Object.keys(wideInputs(1).values));
const fewInputSteps = stepsOf(Object.keys(fewInputs().values));

/** Six and eight numbers. */
function fewInputs(): RunInputs {
  return sampleInputs(1, { atoms: 2, edges: 2, graphs: 1 });
}

function stepsOf(names: readonly string[]): Step[] {
  return Object.keys(changes).flatMap((what) => names.map((name): Step => [name, what]));
}

/** Each step is once the first, once the second, and so on: a careless look may be taken at one call alone. */
async function inEveryTurn(
  steps: readonly Step[],
  check: (steps: readonly Step[]) => Promise<Finding>,
): Promise<Finding> {
  for (let first = 0; first < steps.length; first++) {
    const found = await check([...steps.slice(first), ...steps.slice(0, first)]);
    if ('unavailable' in found || found.length > 0) return found;
  }
  return [];
}

function changedParameters(subject: Subject, steps: readonly Step[], inPlace: boolean): Promise<Finding> {
  let given: Record<string, RealArray> = copyOf(wideParameters(1));
  return compiled(subject, { graph: wide.graph, parameters: copyOf(given) }, async (executable) => {
    const inputs = wideInputs(1);
    await executable.run(inputs);
    let call = 0;
    for (const [name, what] of steps) {
      if (!inPlace) given = copyOf(given);
      changes[what]!(given[name]!);
      await executable.setParameters(given);
      const example: Example = { graph: wide.graph, parameters: copyOf(given) };
      const fault = await wrong(subject, example, inputs, await runEither(executable, inputs, call++));
      if (fault)
        return [
          `setParameters, call ${call}: ${what} of ${name} has changed, and the next run is not that of the new ones: ${fault}. Take every array that is given.`,
        ];
    }
    return [];
  });
}

function changedInputs(subject: Subject, example: Example, steps: readonly Step[], inPlace: boolean): Promise<Finding> {
  return compiled(subject, example, async (executable) => {
    let inputs = example === wide ? wideInputs(1) : fewInputs();
    await executable.run(inputs);
    let call = 0;
    for (const [name, what] of steps) {
      if (!inPlace) inputs = { ...inputs, values: copyOf(arraysOf(inputs)) };
      changes[what]!(inputs.values[name] as RealArray);
      const fault = await wrong(subject, example, inputs, await runEither(executable, inputs, call++));
      if (fault)
        return [
          `run ${call + 1} of one executable: ${what} of ${name} has changed since the run before, and the result is not that of the new inputs: ${fault}. Read inputs in every run.`,
        ];
    }
    return [];
  });
}

/** Targets exchanged, so that the sizes of segments stay; then moved, so that they do not. */
function changedMaps(subject: Subject, inPlace: boolean): Promise<Finding> {
  return compiled(subject, wide, async (executable) => {
    let inputs: RunInputs = wideInputs(1);
    await executable.run(inputs);
    let call = 0;
    for (let round = 0; round < 2; round++)
      for (const name of ['sender', 'receiver', 'graph'])
        for (const exchange of [true, false]) {
          const map = inputs.maps[name]!;
          const targets = map.values.slice();
          const [first, last] = differing(targets);
          if (exchange) [targets[first], targets[last]] = [targets[last]!, targets[first]!];
          else targets[first] = targets[last]!;
          const made = indexMapValues(targets, map.offsets.length - 1);
          if (inPlace) for (const part of ['values', 'offsets', 'order'] as const) map[part].set(made[part]);
          else inputs = { ...inputs, maps: { ...inputs.maps, [name]: made } };
          const fault = await wrong(subject, wide, inputs, await runEither(executable, inputs, call++));
          if (fault)
            return [
              `run ${call + 1} of one executable: two rows of the index map ${name} have ${exchange ? 'exchanged their targets' : 'the same target now'}, and the result is not that of the new map: ${fault}. Read maps in every run.`,
            ];
        }
    return [];
  });
}

/** The first two inner rows with different targets. */
function differing(targets: Int32Array): [number, number] {
  for (let i = 1; i < targets.length - 1; i++)
    for (let j = i + 1; j < targets.length - 1; j++) if (targets[i] !== targets[j]) return [i, j];
  return [0, targets.length - 1];
}

function arraysOf({ values }: RunInputs): Record<string, RealArray> {
  return values as Record<string, RealArray>;
}

function copyOf(arrays: Parameters): Record<string, RealArray> {
  return Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, values.slice()]));
}
