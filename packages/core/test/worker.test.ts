/** A calculator behind a port is the calculator: the same bits, errors, cancellation and order of calls. */
import { Worker, MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import {
  BackendUnavailableError,
  CancelledError,
  DeviceError,
  DisposedError,
  StructureError,
  UnsupportedError,
  createCalculator,
  isMaceError,
  reference,
  type Calculator,
  type MaceError,
} from '@mace/core';
import type { Backend, BackendDefinition, RunOptions, RunOutputs, RunValues } from '@mace/core/backend';
import { deterministicModel, tinyModels, tinyStructure } from '@mace/core/generators';
import { makeStructure, type Structure } from '@mace/core/structure';
import { connectCalculator, serveCalculator, type ConnectOptions, type Port } from '@mace/core/worker';
import { packError, unpackError } from '../src/worker/errors-across.js';

const model = deterministicModel(tinyModels.B.config);
const crystal = tinyStructure('crystal');
const molecule = tinyStructure('molecule');
const readout = 'readouts.0.linear.weight';

/** The reference, with something done before each run. */
function before(name: string, first: (options: RunOptions) => Promise<void>): BackendDefinition {
  const create = async (): Promise<Backend> => {
    const backend = await reference().create();
    return {
      ...backend,
      compile: async (...given) => {
        const executable = await backend.compile(...given);
        return {
          ...executable,
          bind: async (sizes) => {
            const binding = await executable.bind(sizes);
            const run = async (values: RunValues, options: RunOptions = {}): Promise<RunOutputs> => {
              await first(options);
              return binding.run(values, options);
            };
            return { ...binding, run: run as typeof binding.run };
          },
        };
      },
    };
  };
  return { ...reference(), name, create };
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));
/** Runs as long as nobody cancels it, five seconds at most. */
const patient = before('patient', async ({ cancellation }) => {
  for (let tries = 0; tries < 2500 && !cancellation?.aborted; tries++) await soon();
});
const telling = before('telling', async ({ profile }) => profile?.('kernel', 0.25));

const open: MessagePort[] = [];
afterEach(() => open.splice(0).forEach((port) => port.close()));

function served(): { outside: MessagePort; inside: MessagePort } {
  const { port1: outside, port2: inside } = new MessageChannel();
  open.push(outside);
  serveCalculator(inside, [reference(), patient, telling]);
  return { outside, inside };
}

const connected = (options: Partial<ConnectOptions> = {}, port: Port = served().outside): Promise<Calculator> =>
  connectCalculator(port, { model, backend: 'reference', ...options });

/** What a promise is refused with, and that it is. */
async function refusal(promise: Promise<unknown>): Promise<MaceError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(Error);
  return outcome as MaceError;
}

describe('same as createCalculator, to the bit', () => {
  test.each([
    ['f64', false],
    ['f32', true],
  ] as const)('%s with tables %s: every method', async (precision, tables) => {
    const options = { precision, tables, batchAtoms: 5 };
    const [here, there] = [
      await createCalculator({ model, backend: reference(), ...options }),
      await connected(options),
    ];
    const all = { properties: ['forces', 'stress', 'atomStresses', 'descriptors'] } as const;
    const weights = { [readout]: model.weights[readout]!.data.map((value) => 1.1 * value) };
    const results = async (calculator: Calculator): Promise<unknown[]> => {
      const found: unknown[] = [calculator.backend, calculator.device, calculator.precision];
      found.push(await calculator.evaluate(crystal, all), await calculator.evaluateAll([molecule, crystal, molecule]));
      const prepared = await calculator.prepare([crystal, molecule]);
      const { atoms, edges, parts, withTables } = prepared;
      found.push({ atoms, edges, parts, withTables }, prepared.cost(), await prepared.run(), await prepared.run());
      prepared.dispose();
      found.push(await calculator.hessian(molecule));
      found.push(
        await calculator.hessianVector(
          molecule,
          Float64Array.from(molecule.positions, (_, k) => k % 3),
        ),
      );
      await calculator.setParameters(weights);
      found.push(await calculator.evaluate(crystal), await calculator.peak(), calculator.memory());
      await calculator.dispose();
      found.push(calculator.memory());
      return found;
    };
    expect(await results(there)).toEqual(await results(here));
  });

  test('systems that move, are replaced and reordered', async () => {
    const [here, there] = [await createCalculator({ model, backend: reference() }), await connected()];
    const structures = [crystal, molecule];
    const moved = Float64Array.from(structures.flatMap((one) => [...one.positions])).map((x, k) => x + 0.01 * (k % 4));
    const far = moved.map((x, k) => x + 0.3 * Math.sin(k));
    const cells = Float64Array.from(
      structures.flatMap(({ cell }) => [...(cell ?? new Float64Array(9))]),
      (x) => 1.01 * x,
    );
    const other: Structure = makeStructure({ ...molecule, positions: molecule.positions.map((x) => 1.02 * x) });
    const results = async (calculator: Calculator): Promise<unknown[]> => {
      const found: unknown[] = [];
      const system = await calculator.bind(structures, { properties: ['forces', 'stress', 'atomEnergies'] });
      const note = async (): Promise<void> => {
        const arrays = await system.compute();
        found.push(arrays, system.lists, system.order, system.offsets, system.structures());
      };
      await note();
      system.update(moved);
      await note();
      system.update(far, cells);
      await note();
      await system.reorder();
      await note();
      await system.replace(new Map([[1, other]]));
      await note();
      const forces = new Float64Array(moved.length);
      const arrays = await system.compute({ into: { forces } });
      expect(arrays.forces).toBe(forces);
      found.push(forces);
      for (const wrong of [
        () => system.compute({ into: { forces: new Float64Array(1) } }),
        () => system.replace(new Map([[7, other]])),
        async () => system.update(moved.subarray(3)),
        async () =>
          system.update(
            moved,
            cells.map(() => NaN),
          ),
      ])
        found.push((await refusal(wrong())).message);
      await note();
      system.dispose();
      found.push((await refusal(system.compute())).message);
      await calculator.dispose();
      return found;
    };
    expect(await results(there)).toEqual(await results(here));
  });

  test('a computation while structures are replaced is of those before or of those after, and no mixture', async () => {
    const there = await connected();
    const other = makeStructure({
      numbers: [...molecule.numbers].reverse(),
      positions: molecule.positions.map((x) => 1.02 * x),
    });
    const system = await there.bind([molecule]);
    const [, { energies }] = await Promise.all([system.replace(new Map([[0, other]])), system.compute()]);
    const [was, is] = await there.evaluateAll([molecule, other]);
    const distance = Math.min(...[was!, is!].map(({ energy }) => Math.abs(energies[0]! - energy)));
    expect(distance).toBeLessThan(1e-9);
    expect((await system.compute()).energies[0]).toBeCloseTo(is!.energy, 9);
  });

  test('a port of events, as pages have it', async () => {
    const { outside, inside } = served();
    expect(() => serveCalculator(inside, [reference()])).toThrow(/served already/);
    const port: Port = {
      postMessage: (message, transfer) => outside.postMessage(message, transfer),
      addEventListener: (event, listener) => outside.addEventListener(event as 'message', listener),
      removeEventListener: (event, listener) => outside.removeEventListener(event as 'message', listener),
      start: () => outside.start(),
    };
    const there = await connected({}, port);
    const here = await createCalculator({ model, backend: reference() });
    expect(await there.evaluate(crystal)).toEqual(await here.evaluate(crystal));
    await there.dispose();
  });

  test('systems whose members are replaced at once, while others move', async () => {
    const calculator = await connected();
    const [z] = tinyModels.B.config.atomicNumbers;
    const pair = (x: number): Structure => makeStructure({ numbers: [z!, z!], positions: [0, 0, 0, x, 0, 0] });
    const triple = makeStructure({ numbers: [z!, z!, z!], positions: [0, 0, 0, 1.2, 0, 0, 0, 1.3, 0] });
    const system = await calculator.bind([pair(1), pair(1.1), pair(1.2)]);
    const replacing = [system.replace(new Map([[0, triple]])), system.replace(new Map([[1, pair(1.5)]]))];
    system.update([...pair(1).positions, ...pair(1.1).positions, ...pair(1.7).positions]);
    const before = await system.compute();
    await Promise.all(replacing);
    const wanted = await calculator.evaluateAll([triple, pair(1.5), pair(1.7)]);
    expect([...before.energies]).toEqual(wanted.map(({ energy }) => energy));
    expect([...(await system.compute()).energies]).toEqual([...before.energies]);
    const number = { energies: 3 as unknown as Float64Array };
    await expect(system.compute({ into: number })).rejects.toThrow(/a Float64Array of 3 values, got Number/);
    await calculator.dispose();
  });
});

describe('errors cross as themselves', () => {
  test('of a structure, of a backend that is not served, of a precision', async () => {
    const there = await connected();
    const iron = makeStructure({ symbols: ['Fe'], positions: [0, 0, 0] });
    const error = await refusal(there.evaluate(iron));
    const here = await createCalculator({ model, backend: reference() });
    expect(error).toBeInstanceOf(StructureError);
    expect([error.message, error.code, isMaceError(error)]).toEqual([
      (await refusal(here.evaluate(iron))).message,
      'structure',
      true,
    ]);
    const unknown = await refusal(connected({ backend: 'quantum' }));
    expect(unknown).toBeInstanceOf(BackendUnavailableError);
    expect(unknown.message).toMatch(/no backend quantum; it serves reference, patient, telling/);
    const precision = await refusal(connected({ precision: 'f16' as 'f32' }));
    expect([precision.code, (precision as UnsupportedError).reason]).toEqual(['unsupported', 'precision']);
  });

  test('every class, with reason, cause and name', () => {
    for (const error of [
      new DeviceError('out-of-memory', 'full', { cause: new RangeError('size') }),
      new UnsupportedError('op', 'no'),
      new CancelledError('stop'),
      new TypeError('mistake'),
    ]) {
      const again = unpackError(structuredClone(packError(error)));
      expect(again).toEqual(error);
      expect([again.constructor, again.name, again.stack]).toEqual([error.constructor, error.name, error.stack]);
      expect((again as DeviceError).reason).toBe((error as DeviceError).reason);
      expect((again.cause as Error | undefined)?.constructor).toBe((error.cause as Error | undefined)?.constructor);
    }
  });

  test('what cannot cross is named, and nothing of it is done', async () => {
    const given = await refusal(connected({ backend: reference() as unknown as string }));
    expect([given.code, given.message]).toEqual(['unsupported', expect.stringMatching(/serveCalculator/)]);
    const odd = await refusal(connected({ model: { ...model, provenance: { when: () => 0 } as never } }));
    expect(odd.message).toMatch(/^create in a worker: options\.model\.provenance\.when is a function/);
    const there = await connected();
    const error = await refusal(there.evaluate(crystal, { inputs: { charge: (() => 1) as unknown as number } }));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error.message).toMatch(/options\.inputs\.charge is a function/);
    const system = await there.bind([molecule]);
    system.update(molecule.positions.map((x) => 1.02 * x));
    await refusal(system.compute({ into: { forces: (() => 0) as never } }));
    const { energies } = await system.compute();
    const here = await createCalculator({ model, backend: reference() });
    const alone = await here.bind([molecule]);
    alone.update(molecule.positions.map((x) => 1.02 * x));
    expect(energies).toEqual((await alone.compute()).energies);
  });
});

describe('calls', () => {
  test('a cancellation is looked at outside; other calls go on', async () => {
    const { outside } = served();
    const [slow, quick] = [await connected({ backend: 'patient' }, outside), await connected({}, outside)];
    const cancellation = { aborted: false };
    const running = refusal(slow.evaluate(crystal, { cancellation }));
    const { energy } = await quick.evaluate(crystal);
    expect(Number.isFinite(energy)).toBe(true);
    cancellation.aborted = true;
    expect(await running).toBeInstanceOf(CancelledError);
    expect(await refusal(slow.hessian(molecule, { cancellation }))).toBeInstanceOf(CancelledError);
    // The same structures run again once it is taken back.
    const prepared = await slow.prepare([crystal], { cancellation });
    expect(await refusal(prepared.run())).toBeInstanceOf(CancelledError);
    cancellation.aborted = false;
    const again = refusal(prepared.run());
    await soon();
    cancellation.aborted = true;
    expect(await again).toBeInstanceOf(CancelledError);
    const system = await slow.bind([molecule]);
    const computing = refusal(system.compute({ cancellation: AbortSignal.timeout(20) }));
    expect(await computing).toBeInstanceOf(CancelledError);
  });

  test('a profile is told outside, of prepared structures at each run; what it throws ends the call', async () => {
    const there = await connected({ backend: 'telling' });
    const told: [string, number][] = [];
    const profile = (kernel: string, seconds: number): void => void told.push([kernel, seconds]);
    await there.evaluate(crystal, { profile });
    const prepared = await there.prepare([crystal], { profile });
    await prepared.run();
    await prepared.run();
    expect(told).toEqual([1, 2, 3].map(() => ['kernel', 0.25]));
    const failing = there.evaluate(crystal, {
      profile: () => {
        throw new RangeError('mine');
      },
    });
    expect(await refusal(failing)).toEqual(new RangeError('mine'));
    expect((await there.evaluate(crystal)).atoms).toBe(crystal.numbers.length);
  });

  test('computes what it was given, however the caller goes on with it; calls before new weights have the old ones', async () => {
    const there = await connected();
    const here = await createCalculator({ model, backend: reference() });
    const mine = makeStructure({ ...molecule, positions: molecule.positions.slice() });
    const weights = { [readout]: model.weights[readout]!.data.slice().fill(0.3) };
    const first = there.evaluate(mine);
    const change = there.setParameters(weights);
    const second = there.evaluate(mine);
    mine.positions.fill(0);
    weights[readout]!.fill(9);
    expect(await first).toEqual(await here.evaluate(molecule));
    await change;
    await here.setParameters({ [readout]: model.weights[readout]!.data.slice().fill(0.3) });
    expect(await second).toEqual(await here.evaluate(molecule));
    expect(there.model).toBe(model);
  });

  test('asks before anybody serves wait until somebody does', async () => {
    const { port1: outside, port2: inside } = new MessageChannel();
    open.push(outside);
    // As a port of a page that drops what comes before there is a listener.
    const dropped = inside.once('message', () => {});
    const there = connected({}, outside);
    await soon();
    serveCalculator(dropped, { reference });
    expect((await there).backend).toBe('reference');
  });
});

describe('the end', () => {
  test('of a calculator: refused as in one thread, others on the port go on', async () => {
    const { outside } = served();
    const [one, other] = [await connected({}, outside), await connected({}, outside)];
    const prepared = await one.prepare([crystal]);
    const system = await one.bind([crystal]);
    const during = one.evaluate(crystal);
    await Promise.all([during, one.dispose(), one.dispose()]);
    for (const late of [one.evaluate(crystal), prepared.run(), system.compute(), one.peak()])
      expect(await refusal(late)).toBeInstanceOf(DisposedError);
    expect((await other.evaluate(crystal)).energy).toBe((await during).energy);
    await other.dispose();
    expect((await (await connected({}, outside)).evaluate(crystal)).energy).toBe((await during).energy);
  });

  test('of a port: what waits and what comes is refused, and inside everything is disposed of', async () => {
    let isDisposed = false;
    const create = async (): Promise<Backend> => {
      const backend = await patient.create();
      return { ...backend, dispose: async () => void (isDisposed = true) };
    };
    const { port1: outside, port2: inside } = new MessageChannel();
    serveCalculator(inside, { patient: () => ({ ...patient, create }) });
    const there = await connected({ backend: 'patient' }, outside);
    const waiting = refusal(there.evaluate(crystal));
    outside.close();
    for (const error of [await waiting, await refusal(there.evaluate(crystal)), await refusal(connected({}, outside))])
      expect([error.constructor, (error as DeviceError).reason]).toEqual([DeviceError, 'lost']);
    await there.dispose();
    await expect.poll(() => isDisposed).toBe(true);
  });

  test.each([
    ['throws', "throw new Error('no such thing')", /connectCalculator: the worker is lost: it failed: no such thing/],
    ['ends', 'process.exit(3)', /it ended with code 3/],
  ])('of a worker that %s', async (_, code, message) => {
    const worker = new Worker(code, { eval: true });
    const error = await refusal(connected({}, worker));
    expect([error.constructor, error.message]).toEqual([DeviceError, expect.stringMatching(message)]);
    await worker.terminate();
    expect((await refusal(connected({}, worker))).message).toMatch(message);
    const ended = new Worker('', { eval: true });
    await new Promise((resolve) => ended.once('exit', resolve));
    expect((await refusal(connected({}, ended))).message).toMatch(/it has ended/);
  });
});
