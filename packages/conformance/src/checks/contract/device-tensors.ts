/** Tensors that stay on the device, where the backend claims them; refused where it does not. */
import { concreteShape, type Backend, type DeviceTensor, type RealArray, type RunInputs } from '@mace/core/backend';
import type { Subject } from '../../subject.js';
import type { Check, Finding } from './check.js';
import { compiled, readAll, refusal, runCopied } from './check.js';
import { different } from './compare.js';
import { numbers, sample, sampleInputs, usualDims } from './examples.js';

const values = numbers(60, 8);

export const deviceTensorChecks: Readonly<Record<string, Check>> = {
  'device-tensors/round-trip': ifClaimed(async (subject, backend) => {
    const precise = subject.precision === 'f64' ? values : values.map(Math.fround);
    const tensor = backend.upload(precise, [20, 3]);
    try {
      const shape =
        tensor.shape.join(' ') === '20 3' ? [] : [`upload to [20 3] made a tensor [${tensor.shape.join(' ')}].`];
      const found = await tensor.read();
      return [...shape, ...differentValues('upload, then read', precise, found, 'Copy the numbers as they are.')];
    } finally {
      tensor.dispose();
    }
  }),

  'device-tensors/copied': ifClaimed(async (_subject, backend) => {
    const given = values.map(Math.fround);
    const tensor = backend.upload(given, [60]);
    try {
      given.fill(9);
      (await tensor.read()).fill(11);
      const found = await tensor.read();
      return differentValues(
        'the array of an upload and the array of a read were written to; the tensor changed',
        values.map(Math.fround),
        found,
        'Copy in both directions.',
      );
    } finally {
      tensor.dispose();
    }
  }),

  'device-tensors/as-inputs': ifClaimed((subject, backend) =>
    compiled(subject, sample, async (executable) => {
      const inputs = sampleInputs(1);
      const wanted = await runCopied(executable, inputs);
      const tensors = uploaded(backend, inputs);
      try {
        const found = await runCopied(executable, { ...inputs, values: tensors });
        const fault = await different(subject, sample, inputs, wanted, found);
        return fault ? [`a run on uploaded tensors is not as on arrays: ${fault}.`] : [];
      } finally {
        disposeAll(tensors);
      }
    }),
  ),

  'device-tensors/run-on-device': ifClaimed((subject) =>
    compiled(subject, sample, async (executable) => {
      if (!executable.runOnDevice)
        return ['deviceTensors is claimed, but an executable has no runOnDevice. Add it, or do not claim it.'];
      const inputs = sampleInputs(1);
      const wanted = await runCopied(executable, inputs);
      const tensors = await executable.runOnDevice(inputs);
      try {
        const shapes = Object.entries(sample.graph.outputs).flatMap(([name, { type }]) => {
          const [expected, found] = [concreteShape(type.shape, inputs.dims), tensors[name]?.shape ?? []];
          return expected.join(' ') === found.join(' ')
            ? []
            : [`runOnDevice: output ${name} is [${found.join(' ')}]; expected [${expected.join(' ')}].`];
        });
        const fault = await different(subject, sample, inputs, wanted, await readAll(tensors));
        return [...shapes, ...(fault ? [`runOnDevice is not as run: ${fault}.`] : [])];
      } finally {
        disposeAll(tensors);
      }
    }),
  ),

  'device-tensors/fed-back': ifClaimed((subject) =>
    compiled(subject, sample, async (executable) => {
      if (!executable.runOnDevice) return { unavailable: 'the backend keeps no tensors on a device.' };
      const inputs = sampleInputs(1);
      const tensors = await executable.runOnDevice(inputs);
      try {
        const withStart = (start: RealArray | DeviceTensor): RunInputs => ({
          ...inputs,
          values: { ...inputs.values, start },
        });
        const atoms = (await readAll(tensors)).atoms!;
        const wanted = await runCopied(executable, withStart(atoms));
        const found = await runCopied(executable, withStart(tensors.atoms!));
        const fault = await different(subject, sample, withStart(atoms), wanted, found);
        return fault ? [`an output of runOnDevice as an input is not as its array: ${fault}.`] : [];
      } finally {
        disposeAll(tensors);
      }
    }),
  ),

  'device-tensors/freed': ifClaimed((subject, backend) =>
    compiled(subject, sample, async (executable) => {
      const inputs = sampleInputs(1);
      const start = backend.upload(inputs.values.start!, [usualDims.atoms, 4]);
      start.dispose();
      const run = (): unknown => executable.run({ ...inputs, values: { ...inputs.values, start } });
      return [
        ...(await refusal('read of a tensor that was disposed of', () => start.read(), { code: 'disposed' })),
        ...(await refusal('run on a tensor that was disposed of', run, { code: 'disposed', naming: 'start' })),
      ];
    }),
  ),

  'device-tensors/unclaimed': async (subject) => {
    const backend = await subject.backend();
    if (backend.capabilities.deviceTensors) return { unavailable: 'device tensors are claimed.' };
    return compiled(subject, sample, async (executable) => {
      const inputs = sampleInputs(1);
      const start = backend.upload(inputs.values.start!, [usualDims.atoms, 4]);
      try {
        const run = (): unknown => executable.run({ ...inputs, values: { ...inputs.values, start } });
        return [
          ...(executable.runOnDevice
            ? ['deviceTensors is not claimed, but an executable has runOnDevice. Claim it, or leave runOnDevice out.']
            : []),
          ...(await refusal('run on a tensor, where deviceTensors is not claimed', run, {
            code: 'shape',
            naming: 'start',
          })),
        ];
      } finally {
        start.dispose();
      }
    });
  },
};

function ifClaimed(check: (subject: Subject, backend: Backend) => Promise<Finding>): Check {
  return async (subject) => {
    const backend = await subject.backend();
    return backend.capabilities.deviceTensors
      ? check(subject, backend)
      : { unavailable: 'device tensors are not claimed.' };
  };
}

function uploaded(backend: Backend, { dims, values: arrays }: RunInputs): Record<string, DeviceTensor> {
  return Object.fromEntries(
    sample.graph.inputs.map(({ attributes: { name }, type }) => [
      name,
      backend.upload(arrays[name] as RealArray, concreteShape(type.shape, dims)),
    ]),
  );
}

function disposeAll(tensors: Readonly<Record<string, DeviceTensor>>): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

function differentValues(what: string, wanted: RealArray, found: RealArray, remedy: string): string[] {
  const at = wanted.findIndex((value: number, i: number) => value !== found[i]);
  return at < 0 && found.length === wanted.length
    ? []
    : [
        `${what}: value ${Math.max(at, 0)} of ${wanted.length}: expected ${wanted[Math.max(at, 0)]}, got ${found[Math.max(at, 0)]}. ${remedy}`,
      ];
}
