/** What a run is given: checked by name and size, read in either kind of array, never written. */
import { indexMapValues, type IndexMapValues, type RealArray, type RunInputs } from '@mace/core/backend';
import type { Subject } from '../../subject.js';
import type { Check } from './check.js';
import { compiled, refusal, runCopied } from './check.js';
import { wrong } from './compare.js';
import { sample, sampleInputs, usualDims } from './examples.js';

export const inputChecks: Readonly<Record<string, Check>> = {
  'inputs/missing': (subject) =>
    refused(subject, 'a run without the input features', 'features', ({ values, ...rest }) => ({
      ...rest,
      values: without(values, 'features'),
    })),

  'inputs/ill-sized': (subject) =>
    refused(subject, 'a run whose input start has one value too many', 'start', ({ values, ...rest }) => ({
      ...rest,
      values: { ...values, start: Float64Array.from([...(values.start as RealArray), 0]) },
    })),

  'inputs/missing-map': (subject) =>
    refused(subject, 'a run without the index map receiver', 'receiver', ({ maps, ...rest }) => ({
      ...rest,
      maps: without(maps, 'receiver'),
    })),

  'inputs/ill-sized-map': (subject) =>
    refused(subject, 'a run whose index map sender has one row too few', 'sender', ({ maps, ...rest }) => ({
      ...rest,
      maps: { ...maps, sender: indexMapValues(maps.sender!.values.slice(1), usualDims.atoms) },
    })),

  'inputs/map-out-of-range': async (subject) => [
    ...(await refused(subject, 'a run whose index map receiver names an atom past the last', 'receiver', (inputs) =>
      pointing(inputs, usualDims.atoms),
    )),
    ...(await refused(subject, 'a run whose index map receiver names atom -1', 'receiver', (inputs) =>
      pointing(inputs, -1),
    )),
  ],

  'inputs/negative-size': (subject) => refused(subject, 'a run with dims.graphs = -1', 'graphs', sized(-1)),

  'inputs/fractional-size': async (subject) => [
    ...(await refused(subject, 'a run with dims.graphs = 1.5', 'graphs', sized(1.5))),
    ...(await refused(subject, 'a run with dims.graphs = NaN', 'graphs', sized(NaN))),
  ],

  'inputs/unmodified': (subject) =>
    compiled(subject, sample, async (executable) => {
      const [inputs, same] = [sampleInputs(3), sampleInputs(3)];
      await executable.run(inputs);
      return [
        ...changes('input', inputs.values, same.values, (values) => [values as RealArray]),
        ...changes('index map', inputs.maps, same.maps, ({ values, offsets, order }) => [values, offsets, order]),
      ];
    }),

  'inputs/either-array': (subject) =>
    compiled(subject, sample, async (executable) => {
      const inputs = sampleInputs(4);
      const single = Object.entries(inputs.values).map(([name, values]) => [name, Float32Array.from(values)] as const);
      for (const kind of [Float32Array, Float64Array]) {
        const values = Object.fromEntries(single.map(([name, array]) => [name, kind.from(array)]));
        const fault = await wrong(
          subject,
          sample,
          { ...inputs, values },
          await runCopied(executable, { ...inputs, values }),
        );
        if (fault)
          return [`a run with inputs as ${kind.name}: ${fault}. Accept both kinds of array in every precision.`];
      }
      return [];
    }),
};

function refused(
  subject: Subject,
  call: string,
  naming: string,
  edit: (inputs: RunInputs) => RunInputs,
): Promise<string[]> {
  return compiled(subject, sample, (executable) =>
    refusal(call, () => executable.run(edit(sampleInputs(1))), { code: 'shape', naming }),
  );
}

function without<T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([own]) => own !== name));
}

function sized(graphs: number): (inputs: RunInputs) => RunInputs {
  return (inputs) => ({ ...inputs, dims: { ...inputs.dims, graphs } });
}

/** The last row of `receiver` points to `target`; offsets and order stay as they were. */
function pointing(inputs: RunInputs, target: number): RunInputs {
  const receiver = inputs.maps.receiver as IndexMapValues;
  const values = receiver.values.slice();
  values[values.length - 1] = target;
  return { ...inputs, maps: { ...inputs.maps, receiver: { ...receiver, values } } };
}

function changes<T>(
  kind: string,
  found: Readonly<Record<string, T>>,
  wanted: Readonly<Record<string, T>>,
  arrays: (value: T) => readonly ArrayLike<number>[],
): string[] {
  const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
    a.length === b.length && Array.from(a).every((value, i) => Object.is(value, b[i]));
  return Object.keys(wanted)
    .filter((name) => !arrays(wanted[name]!).every((array, i) => same(array, arrays(found[name]!)[i]!)))
    .map((name) => `a run wrote to the ${kind} ${name}. Inputs belong to the caller: copy what has to change.`);
}
