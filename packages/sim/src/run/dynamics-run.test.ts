/** Runs: their files, the same bits after any end, structures that fail beside others, and the guards. */
import { describe, expect, it, test } from 'vitest';
import { FormatError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { MemoryStorage, type Appender } from '@mace/io';
import { readExtxyz } from '@mace/io';
import { fixAtoms } from '../constraints/fix-atoms.js';
import { calculatorOf } from '../testing/calculator.js';
import { atomsOf, chain } from '../testing/potentials.js';
import { dynamics } from './dynamics-run.js';
import { parseObservers } from '../observers/index.js';
import type { Frame, Stopped } from './frame.js';
import { readLog } from './log.js';
import { all, ended, many, one, text, usual } from '../testing/runs.js';
import type { RunOptions } from './run-options.js';

describe('files of a run', () => {
  it('has a log with units, a trajectory that ASE reads, an end and a summary', async () => {
    const storage = new MemoryStorage();
    const events = await all(one, { storage, madeWith: { version: '1.2.3' } });
    expect(events.length).toBe(11);
    const log = text(storage, 'log.csv');
    expect(log).toMatch(/^# version: 1\.2\.3\n/);
    expect(log).toContain('# timestep: 0.5\n');
    expect(log).toContain('step,time [fs],potential energy [eV],');
    expect([...readLog(log)['step']!]).toEqual([0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40]);
    const last = events.at(-1) as Frame;
    expect(readLog(log)['temperature']!.at(-1)).toBe(last.temperature);
    const frames = readExtxyz(text(storage, 'trajectory.xyz'));
    expect(frames.map(({ info }) => info['step'])).toEqual([0, 10, 20, 30, 40]);
    expect(frames.at(-1)!.arrays['momenta']!.values).toEqual(last.momenta);
    expect(frames.at(-1)!.info['energy']).toBe(last.energy);
    expect(text(storage, 'final.xyz')).toBe(text(storage, 'trajectory.xyz').slice(-text(storage, 'final.xyz').length));
    const summary = JSON.parse(text(storage, 'summary.json')) as Record<string, unknown>;
    expect(summary).toMatchObject({ outcome: 'finished', steps: 40, atoms: 4 });
  });

  it('has a folder for each of several structures, and the bits of each alone', async () => {
    const storage = new MemoryStorage();
    await all(many, { storage, batchAtoms: 6 });
    expect([...storage.files.keys()].filter((name) => name.endsWith('log.csv')).sort()).toEqual(
      [1, 2, 3, 4, 5].map((number) => `000${number}/log.csv`),
    );
    const others = new MemoryStorage();
    for (const part of [0, 1, 2]) await all(many, { storage: others, shard: { part, parts: 3 } });
    for (const number of [1, 2, 3, 4, 5])
      for (const name of ['trajectory.xyz', 'final.xyz'])
        expect(text(others, `000${number}/${name}`)).toBe(text(storage, `000${number}/${name}`));
  });

  it('takes momenta and velocities of the input', async () => {
    const momenta = { columns: 3, kind: 'real' as const, values: Float64Array.from({ length: 12 }, (_, i) => i / 10) };
    const [first] = (await all({ ...one, arrays: { momenta } }, { steps: 0 })) as Frame[];
    expect(first!.momenta).toEqual(momenta.values);
    const velocities = { ...momenta, values: new Float64Array(12).fill(0.01) };
    const [second] = (await all({ ...one, arrays: { velocities } }, { steps: 0 })) as Frame[];
    // 0.01 Å/fs of carbon: ½·m·v² of 12.011 u, three directions, four atoms, in eV.
    expect(second!.kineticEnergy).toBeCloseTo(0.5 * 12.011 * 12 * 1e-4 * 103.6426965, 5);
    const [drawn] = (await all({ ...one, arrays: { momenta } }, { steps: 0, takesMomenta: false })) as Frame[];
    expect(drawn!.momenta).not.toEqual(momenta.values);
    // What the input says of other places is not said of these.
    expect(first!.structure.arrays).toEqual({});
  });

  it.each<[string, Structure, Partial<RunOptions>]>([
    [
      'of the input',
      { ...one, arrays: { momenta: { columns: 3, kind: 'real', values: new Float64Array(12).fill(1) } } },
      {},
    ],
    ['drawn at 50 K', one, {}],
    ['drawn at 20 K', one, { temperature: { from: 20, to: 30, steps: 5 } }],
    ['none, at rest', one, { ensemble: 'nve', temperature: 0 }],
  ])('says where velocities came from: %s', async (words, structure, options) => {
    const storage = new MemoryStorage();
    await all(structure, { storage, steps: 0, ...options });
    expect(text(storage, 'log.csv')).toContain(`# velocities: ${words}\n`);
  });
});

/** Fails when so many bytes were written, and in the middle of the last ones. */
class FullStorage extends MemoryStorage {
  room = Infinity;

  #take(bytes: Uint8Array): Uint8Array {
    const taken = bytes.slice(0, Math.max(0, this.room));
    this.room -= bytes.length;
    return taken;
  }

  override async replace(name: string, bytes: Uint8Array): Promise<void> {
    if (this.#take(bytes).length < bytes.length) throw new FormatError(`${name}: the disk is full.`);
    await super.replace(name, bytes);
  }

  override async append(name: string, length: number): Promise<Appender> {
    const inner = await super.append(name, length);
    return {
      ...inner,
      get length() {
        return inner.length;
      },
      write: async (bytes) => {
        const taken = this.#take(bytes);
        await inner.write(taken);
        if (taken.length < bytes.length) throw new FormatError(`${name}: the disk is full.`);
      },
    };
  }
}

describe.each<[string, Structure | readonly Structure[], Partial<RunOptions>]>([
  ['one structure', one, {}],
  ['several in groups', many, { batchAtoms: 6 }],
  ['compressed', one, { compress: true }],
  ['observed', one, { observers: parseObservers('rdf,msd,bond:0-1'), observeEvery: 3 }],
  ['a chain of thermostats', one, { ensemble: 'nvt-nh' }],
])('%s goes on to the same bytes', (_, structures, options) => {
  const expectSame = (storage: MemoryStorage, whole: MemoryStorage): void => {
    expect([...storage.files.keys()].sort()).toEqual([...whole.files.keys()].sort());
    for (const [name, bytes] of whole.files)
      expect(Buffer.from(storage.files.get(name)!).toString('latin1'), name).toBe(
        Buffer.from(bytes).toString('latin1'),
      );
  };

  it('after a disk that is full at any byte', async () => {
    const whole = new MemoryStorage();
    await all(structures, { ...options, storage: whole, checkpointSeconds: 0 });
    const total = [...whole.files.values()].reduce((sum, { length }) => sum + length, 0);
    let struck = 0;
    for (let room = 100; room < 20 * total; room = Math.ceil(room * 4)) {
      const storage = new FullStorage();
      storage.room = room;
      const error = await all(structures, { ...options, storage, checkpointSeconds: 0 }).catch(
        (reason: unknown) => reason,
      );
      if (Array.isArray(error)) break;
      struck++;
      expect((error as Error).message).toContain('the disk is full');
      storage.room = Infinity;
      await all(structures, { ...options, storage, checkpointSeconds: 0, restart: true });
      expectSame(storage, whole);
    }
    expect(struck).toBeGreaterThan(3);
  });

  it('after it was cancelled, and to more steps', async () => {
    const whole = new MemoryStorage();
    await all(structures, { ...options, storage: whole });
    const storage = new MemoryStorage();
    const cancellation = { aborted: false };
    const events: (Frame | Stopped)[] = [];
    const stopped = (async (): Promise<void> => {
      for await (const event of dynamics(calculatorOf(chain), structures as Structure, {
        ...usual,
        ...options,
        limits: { closest: 0.01 },
        storage,
        cancellation,
      })) {
        events.push(event);
        if (events.length === 5) cancellation.aborted = true;
      }
    })();
    await expect(stopped).rejects.toThrow(/stopped after step \d+/);
    await all(structures, { ...options, storage, steps: 24, restart: true });
    await all(structures, { ...options, storage, restart: true });
    expectSame(storage, whole);
  });
});

it('observers may change on the way: what has a state goes on, the others begin', async () => {
  const storage = new MemoryStorage();
  await all(one, { storage, steps: 20, observers: parseObservers('msd'), observeEvery: 2 });
  const lines = async (options: Partial<RunOptions>): Promise<object> => {
    await all(one, { storage, restart: true, ...options });
    const { observed } = JSON.parse(text(storage, 'summary.json')) as {
      observed: { spelling: string; frames: number }[];
    };
    return Object.fromEntries(observed.map(({ spelling, frames }) => [spelling, frames]));
  };
  const both = parseObservers('msd,bond:0-1');
  expect(await lines({ steps: 30, observers: both, observeEvery: 2 })).toEqual({ msd: 16, 'bond:0-1': 5 });
  expect(await lines({ steps: 40, observers: both, observeEvery: 5 })).toEqual({ msd: 2, 'bond:0-1': 2 });
});

test('a run of one and a run of several do not mix', async () => {
  const [of1, of2] = [new MemoryStorage(), new MemoryStorage()];
  await all(one, { storage: of1 });
  await expect(ended(many, { storage: of1 })).rejects.toThrow(/restart\.json: there is a run of one structure already/);
  await all(many, { storage: of2 });
  await expect(ended(one, { storage: of2 })).rejects.toThrow(
    /restart-0001\.json: there is a run of several structures/,
  );
});

test.each<[Partial<RunOptions>, RegExp]>([
  [{ restart: true }, /restart is true; expected false without storage/],
  [{ observers: 'rdf' as never }, /observers is rdf; expected plans/],
  [{ ensemble: () => ({}) as never }, /before of the ensemble is undefined; expected a function/],
  [{ timestep: '0.1' as never }, /timestep is "0.1"; expected/],
])('options that are none: %j', async (options, message) => {
  await expect(ended(one, options)).rejects.toThrow(message);
});

test('what is no structure is said', async () => {
  await expect(ended(undefined as never, {})).rejects.toThrow(/Not a structure: undefined/);
});

describe('a run is refused', () => {
  it.each<[string, Partial<RunOptions>, Structure, RegExp]>([
    ['without asking to go on', {}, one, /restart\.json: there is a run already/],
    [
      'with other settings',
      { restart: true, timestep: 1, seed: 3 },
      one,
      /timestep was 0\.5 and is 1; seed was 0 and is 3/,
    ],
    ['with another structure', { restart: true }, atomsOf(6, 4, (i) => i / 11), /begun with other structures/],
    [
      'with other constraints',
      { restart: true, steps: 60, constraints: (structure) => [fixAtoms(structure, [0])] },
      one,
      /begun with other constraints: they left 12 degrees of freedom, and these leave 9\./,
    ],
    ['with fewer steps', { restart: true, steps: 39 }, one, /has made 40 steps; 39 were asked for/],
    ['with steps that are none', { steps: 1.5 }, one, /steps is 1\.5; expected a whole number/],
    ['with an unknown shard', { shard: { part: 2, parts: 2 } }, one, /shard is part 2 of 2/],
    ['with limits that are none', { limits: { drift: -1 } }, one, /limits\.drift is -1/],
  ])('%s', async (_, options, structure, message) => {
    const storage = new MemoryStorage();
    await all(one, { storage });
    const before = new Map(storage.files);
    await expect(ended(structure, { storage, ...options })).rejects.toThrow(message);
    expect(storage.files).toEqual(before);
  });

  it('by a calculator with tables, where it had none', async () => {
    const storage = new MemoryStorage();
    await all(one, { storage });
    const withTables = { ...calculatorOf(chain), tables: true };
    await expect(ended(one, { storage, restart: true, steps: 50 }, withTables)).rejects.toThrow(
      /tables was false and is true/,
    );
  });

  it('where files stand that it has not written', async () => {
    const storage = new MemoryStorage();
    await storage.replace('trajectory.xyz', new Uint8Array(3));
    await expect(ended(one, { storage, restart: true })).rejects.toThrow(/trajectory\.xyz: it is there already/);
  });
});

describe('a structure that fails', () => {
  const isFar = (structure: Structure): string | null =>
    structure.numbers.length === 3 && Math.hypot(...structure.positions) > 1.65 ? 'too far out' : null;

  it.each([
    ['when it is bound', (structure: Structure) => (structure.numbers.length === 3 ? 'unknown element' : null), 0],
    ['on its way', isFar, 1],
  ])('%s leaves the others alone', async (_, refuses, least) => {
    const [good, storage] = [new MemoryStorage(), new MemoryStorage()];
    const options = { temperature: 300, limits: { temperature: 1e5 } };
    await all(many, { ...options, storage: good });
    const events = await all(many, { ...options, storage }, calculatorOf(chain, refuses));
    const stopped = events.filter((event): event is Stopped => 'error' in event);
    expect(stopped.map(({ error }) => error.message)).toEqual([
      expect.stringMatching(/^structure 1, step \d+: (too far out|unknown element)/),
    ]);
    expect(JSON.parse(text(storage, '0002/summary.json'))).toMatchObject({ outcome: 'stopped' });
    expect(text(storage, '0002/log.csv') !== '').toBe(least === 1);
    for (const number of [1, 3, 4, 5])
      expect(text(storage, `000${number}/trajectory.xyz`)).toBe(text(good, `000${number}/trajectory.xyz`));
    const again = await all(many, { ...options, storage, restart: true }, calculatorOf(chain, refuses));
    expect(again.map((event) => event.index)).toEqual([1]);
  });

  it('before it was one is yielded in its place, and the others keep their numbers', async () => {
    const storage = new MemoryStorage();
    const events = await all([one, new Error('no file'), one], { storage });
    expect(events.filter((event) => 'error' in event)).toEqual([{ index: 1, error: new Error('no file') }]);
    expect([...storage.files.keys()].filter((name) => name.endsWith('final.xyz')).sort()).toEqual([
      '0001/final.xyz',
      '0003/final.xyz',
    ]);
  });

  it('stays where it was dropped when another fails in the same part of the run', async () => {
    // The fourth explodes; later the second is refused, and all others are done again from where they were kept.
    const structures = [1, 3, 1, 5].map((count) => atomsOf(6, count, (i) => i / (3 * count)));
    let [asked, pushed] = [0, 0];
    const refuses = ({ numbers }: Structure): string | null =>
      numbers.length === 3 && ++asked > 10 ? 'refused' : null;
    const pushing = calculatorOf((x, forces, ...others) => {
      const energy = chain(x, forces, ...others);
      if (x.length === 15 && ++pushed > 4) forces[0] = 500;
      return energy;
    }, refuses);
    const storage = new MemoryStorage();
    const limits = { temperature: 1e5 };
    const events = await all(structures, { storage, logEvery: 40, steps: 40, temperature: 300, limits }, pushing);
    const stopped = events.filter((event): event is Stopped => 'error' in event);
    expect(stopped.map(({ index }) => index)).toEqual([3, 1]);
    expect([...storage.files.keys()].filter((name) => name.endsWith('final.xyz')).sort()).toEqual([
      '0001/final.xyz',
      '0003/final.xyz',
    ]);
  });

  it('alone is thrown, and kept as it was', async () => {
    const storage = new MemoryStorage();
    const run = ended(one, { storage, temperature: 300, limits: { largestForce: 1.5 }, steps: 4000 });
    await expect(run).rejects.toThrow(/^step \d+: the force on atom \d is [\d.]+ eV\/Å; the limit is 1\.5\. Relax/);
    expect(readExtxyz(text(storage, 'stopped.xyz')).length).toBe(1);
  });

  it.each<[string, Partial<RunOptions>, RegExp]>([
    ['too hot', { limits: { temperature: 60 } }, /the temperature is \d+ K; the limit is 60 K/],
    ['too near', { limits: { closest: 20 } }, /atoms \d \(C\) and \d \(C\) are \d\.\d+ Å apart/],
    [
      'not keeping its energy',
      { ensemble: 'nve', limits: { drift: 1e-7 } },
      /has changed by -?\de?[\d.e-]+ eV an atom/,
    ],
    [
      'not as the user wants it',
      { guards: [({ step }) => (step >= 8 ? 'eight steps are enough' : null)] },
      /step 8: eight steps/,
    ],
  ])('%s', async (_, options, message) => {
    await expect(ended(one, { temperature: 300, steps: 400, ...options })).rejects.toThrow(message);
  });
});
