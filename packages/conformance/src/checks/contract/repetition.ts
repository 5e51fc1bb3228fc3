/** The tenth time is as the first: runs, runs on the device, new weights, compilations, uploads; and nothing given out changes. */
import type { DeviceTensor, RunInputs } from '@mace/core/backend';
import { randomInputs } from '@mace/core/generators';
import type { Example } from '../../case.js';
import { everyOp, everyOpParameters } from '../../every-op.js';
import type { Outputs } from '../../subject.js';
import { compiled, copied, outcomeOf, readAll, runCopied, runEither, type Check } from './check.js';
import { differentBits, wrong } from './compare.js';
import { numbers, sample, sampleInputs, sampleParameters, wide, wideInputs, wideParameters } from './examples.js';
import type { TestedExecutable } from '../../tested-executable.js';

const times = 12;

export const repetitionChecks: Readonly<Record<string, Check>> = {
  'repeated/runs': (subject) =>
    compiled(subject, wide, async (executable) => {
      const kept: { found: Outputs; copy: Outputs }[] = [];
      for (let i = 0; i < times; i++) {
        const inputs = wideInputs(i % 3);
        const found = await executable.run(inputs);
        const fault = await wrong(subject, wide, inputs, found);
        if (fault) return [`run ${i + 1} of ${times} of one executable: ${fault}.`];
        kept.push({ found, copy: copied(found) });
      }
      for (const [i, { found, copy }] of kept.entries()) {
        const fault = differentBits(copy, found);
        if (fault)
          return [`the result of run ${i + 1} of ${times} changed in a later one: ${fault}. Return fresh arrays.`];
      }
      return [];
    }),

  'repeated/runs-on-device': (subject) =>
    compiled(subject, wide, async (executable) => {
      if (!executable.runOnDevice) return { unavailable: 'the backend keeps no tensors on a device.' };
      const kept: { inputs: RunInputs; tensors: Readonly<Record<string, DeviceTensor>> }[] = [];
      try {
        for (let i = 0; i < times; i++) {
          const inputs = wideInputs(i % 3);
          kept.push({ inputs, tensors: await executable.runOnDevice(inputs) });
          // Runs to the host between them may not touch what is kept.
          if (i % 4 === 3) await executable.run(wideInputs(7));
        }
        for (const [i, { inputs, tensors }] of kept.entries()) {
          for (const tensor of Object.values(tensors)) (await tensor.read()).fill(3);
          const fault = await wrong(subject, wide, inputs, await readAll(tensors));
          if (fault)
            return [
              `the tensors of runOnDevice ${i + 1} of ${times}, read after the last: ${fault}. Give each run its own.`,
            ];
          // Those that remain must not notice.
          if (i % 2 === 0) for (const tensor of Object.values(tensors)) tensor.dispose();
        }
        return [];
      } finally {
        for (const { tensors } of kept) for (const tensor of Object.values(tensors)) tensor.dispose();
      }
    }),

  'repeated/parameters': (subject) =>
    compiled(subject, wide, async (executable) => {
      for (let i = 0; i < times; i++) {
        const example: Example = { graph: wide.graph, parameters: wideParameters(i % 3) };
        await executable.setParameters(example.parameters);
        const inputs = wideInputs(1);
        const fault = await wrong(subject, example, inputs, await runEither(executable, inputs, i));
        if (fault) return [`a run after setParameters, call ${i + 1} of ${times}: ${fault}.`];
      }
      return [];
    }),

  'repeated/every-op': (subject) =>
    compiled(subject, everyOp(), async (executable) => {
      const dims = { atoms: 9, edges: 9, graphs: 2 };
      for (let i = 0; i < times; i++) {
        const replaced = i >= times / 2;
        const parameters = everyOpParameters(replaced ? 0.5 : 1);
        if (replaced) await executable.setParameters(parameters);
        const example: Example = { graph: everyOp().graph, parameters };
        // Each twice in a row.
        const inputs = randomInputs(example.graph, { seed: i >> 1, dims });
        const fault = await wrong(subject, example, inputs, await runEither(executable, inputs, i));
        if (fault)
          return [
            `run ${i + 1} of ${times} of a graph of every op${replaced ? ', after setParameters' : ''}: ${fault}.`,
          ];
      }
      return [];
    }),

  'repeated/compilations': async (subject) => {
    const all: { executable: TestedExecutable; example: Example }[] = [];
    try {
      for (let i = 0; i < 6; i++) {
        const example: Example = i % 3 === 2 ? wide : { graph: sample.graph, parameters: sampleParameters(i) };
        all.push({ example, executable: await subject.compile(example.graph, example.parameters) });
      }
      for (let round = 0; round < 2; round++) {
        for (const [i, { executable, example }] of all.entries()) {
          if (round === 1 && i % 2 === 0) continue;
          const inputs = example === wide ? wideInputs(i) : sampleInputs(i);
          const fault = await wrong(subject, example, inputs, copied(await executable.run(inputs)));
          if (fault)
            return [
              `executable ${i + 1} of 6 that are alive${round === 1 ? ', after every other one was disposed of' : ''}: ${fault}. Each has its own parameters and buffers.`,
            ];
        }
        if (round === 0) all.forEach(({ executable }, i) => i % 2 === 0 && executable.dispose());
      }
      return [];
    } finally {
      for (const { executable } of all) executable.dispose();
    }
  },

  'repeated/failures': (subject) =>
    compiled(subject, wide, async (executable) => {
      const inputs = wideInputs(1);
      const events: Readonly<Record<string, () => Promise<unknown>>> = {
        'a run that is refused': () => executable.run({ ...inputs, values: {} }),
        'a run with an index map out of range': () => executable.run(pointingNowhere(inputs)),
        'a run that is cancelled': () => executable.run(inputs, { cancellation: { aborted: true } }),
        'setParameters that is refused': () => executable.setParameters({ bias: wide.parameters.bias! }),
        ...(executable.runOnDevice && {
          'a runOnDevice that is refused': () => executable.runOnDevice!({ ...inputs, values: {} }),
        }),
      };
      for (const [what, happen] of Object.entries(events))
        for (let i = 1; i <= 4; i++) {
          await outcomeOf(happen);
          for (const next of ['next', 'second'] as const) {
            const fault = await wrong(subject, wide, inputs, await runCopied(executable, inputs));
            if (fault) return [`the ${next} run after ${what}, time ${i}: ${fault}. A failure leaves nothing behind.`];
          }
        }
      return [];
    }),

  'repeated/uploads': async (subject) => {
    const backend = await subject.backend();
    const lengths = [1, 2, 3, 7, 31, 64, 65, 255, 256, 257, 1000, 5000];
    const all = lengths.flatMap((length, i) =>
      [Float64Array, Float32Array].map((kind) => {
        const given = kind.from(numbers(length, i).map(Math.fround));
        const wanted = given.slice();
        const shape = i % 3 === 0 ? [length] : i % 3 === 1 ? [1, length] : [length, 1, 1];
        const tensor = backend.upload(given, shape);
        given.fill(9);
        return { tensor, wanted };
      }),
    );
    try {
      // Executables come and go beside them.
      await compiled(subject, sample, (executable) => executable.run(sampleInputs(1)));
      for (const [i, { tensor, wanted }] of all.entries()) {
        (await tensor.read()).fill(11);
        const found = await tensor.read();
        const at = wanted.findIndex((value: number, k: number) => value !== found[k]);
        if (at >= 0 || found.length !== wanted.length)
          return [
            `tensor ${i + 1} of ${all.length}, of ${wanted.length} numbers: value ${at} is ${found[at]}, expected ${wanted[at]}, after its array and what was read before were written to. Copy in both directions.`,
          ];
        if (i % 2 === 0) tensor.dispose();
      }
      return [];
    } finally {
      for (const { tensor } of all) tensor.dispose();
    }
  },
};

function pointingNowhere(inputs: RunInputs): RunInputs {
  const receiver = inputs.maps.receiver!;
  const values = receiver.values.slice().fill(-1);
  return { ...inputs, maps: { ...inputs.maps, receiver: { ...receiver, values } } };
}
