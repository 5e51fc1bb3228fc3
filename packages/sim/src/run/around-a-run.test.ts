/** What goes wrong around a run: storages, observers, guards and options that do not fit, and files that stop in the middle. */
import { describe, expect, it } from 'vitest';
import { FormatError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { MemoryStorage, type Appender } from '@mace/io';
import type { Constraint } from '../constraints/constraint.js';
import { fixAtoms } from '../constraints/fix-atoms.js';
import { calculatorOf } from '../testing/calculator.js';
import { atomsOf, chain } from '../testing/potentials.js';
import { parseObservers } from '../observers/index.js';
import type { Frame, Stopped } from './frame.js';
import { all, ended, one, text } from '../testing/runs.js';
import type { RunOptions } from './run-options.js';

describe('what goes wrong around a run', () => {
  it('a storage that keeps writes back until flush has the same summary', async () => {
    const [plain, late] = [new MemoryStorage(), new LateStorage()];
    await all(one, { storage: plain, steps: 43 });
    await all(one, { storage: late, steps: 43 });
    expect(text(late, 'summary.json')).toBe(text(plain, 'summary.json'));
    expect(JSON.parse(text(plain, 'summary.json'))).toMatchObject({ steps: 43 });
  });

  it('a failure between the last files loses none of them', async () => {
    const storage = new MemoryStorage();
    const replace = storage.replace.bind(storage);
    storage.replace = async (name, bytes) => {
      if (name === 'summary.json') throw new FormatError('full');
      await replace(name, bytes);
    };
    const options = { storage, checkpointSeconds: 0, observers: parseObservers('msd') };
    await expect(all(one, options)).rejects.toThrow('full');
    storage.replace = replace;
    await all(one, { ...options, restart: true });
    const whole = new MemoryStorage();
    await all(one, { ...options, storage: whole });
    expect([...storage.files.keys()].sort()).toEqual([...whole.files.keys()].sort());
    for (const name of whole.files.keys()) expect(text(storage, name), name).toBe(text(whole, name));
  });

  it('tables and pictures of observers that a restart has no more go with the summary that named them', async () => {
    const storage = new MemoryStorage();
    await all(one, { storage, observers: parseObservers('rdf,vacf,msd') });
    const files = ['rdf.csv', 'vacf.csv', 'msd.csv'];
    const there = (): string[] => files.filter((name) => storage.files.has(name));
    const pictures = ['rdf.svg', 'msd.svg', 'log.svg', 'mine.csv'];
    for (const name of pictures) await storage.replace(name, new Uint8Array(1));
    expect(there()).toEqual(files);
    await all(one, { storage, observers: parseObservers('msd'), restart: true, steps: 60 });
    expect(there()).toEqual(['msd.csv']);
    expect(pictures.filter((name) => storage.files.has(name))).toEqual(['msd.svg', 'log.svg', 'mine.csv']);
  });

  it('a structure that an observer does not fit stops alone, and by itself before anything is written', async () => {
    const observers = parseObservers('rdf:O-O');
    const oxygen = atomsOf(8, 3, (i) => i / 12);
    const storage = new MemoryStorage();
    const events = await all([oxygen, one, oxygen], { observers, storage, trajectoryEvery: 100 });
    expect(
      events.filter((event) => 'error' in event).map((event) => [event.index, String((event as Stopped).error)]),
    ).toEqual([[1, expect.stringMatching(/structure 1, step 0: rdf:O-O: .*no O/)]]);
    expect([...storage.files.keys()]).toEqual(expect.arrayContaining(['0001/final.xyz', '0003/final.xyz']));
    const empty = new MemoryStorage();
    await expect(all(one, { observers, storage: empty })).rejects.toThrow('no O');
    expect(empty.files.size).toBe(0);
  });

  it('an observer of a restart that does not fit is refused, and nothing is changed', async () => {
    const storage = new MemoryStorage();
    await all(one, { storage });
    const before = new Map(storage.files);
    const options = { storage, restart: true, steps: 60 };
    await expect(all(one, { ...options, observers: parseObservers('rdf:O-O') })).rejects.toThrow(
      /structure 0: rdf:O-O: .*no O.*Go on without this observer/,
    );
    for (const [name, bytes] of before) expect(storage.files.get(name), name).toEqual(bytes);
    expect(await ended(one, options)).toBe('ended');
  });

  it.each([
    { columns: 1, kind: 'real', values: Float64Array.of(1, 2, 3, 4) },
    { columns: 3, kind: 'text', values: new Array<string>(12).fill('x') },
    { columns: 3, kind: 'real', values: new Float64Array(12).fill(NaN) },
  ] as const)('momenta that are no numbers stop their structure alone: %o', async (momenta) => {
    const events = await all([one, { ...one, arrays: { momenta } } as Structure, one], { steps: 4 });
    expect(
      events.filter((event) => 'error' in event).map((event) => [event.index, String((event as Stopped).error)]),
    ).toEqual([[1, expect.stringMatching(/structure 1, step 0: momenta/)]]);
    expect(events.filter((event) => 'step' in event && event.step === 4).map(({ index }) => index)).toEqual([0, 2]);
  });

  it('a second run in the storage of one that goes on is refused', async () => {
    const storage = new MemoryStorage();
    const both = await Promise.allSettled([all(one, { storage }), all(one, { storage, seed: 2 })]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(String((both[1] as PromiseRejectedResult).reason)).toMatch(/another run writes to it/);
    expect(await ended(one, { storage, restart: true, steps: 50 })).toBe('ended');
  });

  it.each<[Partial<Record<keyof RunOptions | 'step' | 'masses', unknown>>, RegExp]>([
    [{ step: 10 }, /step is no option of dynamics; the nearest is steps/],
    [{ masses: [1] }, /masses is no option of dynamics/],
    [
      { gate: { calculator: calculatorOf(chain), otherwise: 'float64' } },
      /gate.otherwise is float64; expected stop or exact/,
    ],
    [{ gate: {} }, /gate.calculator is undefined/],
    [{ guards: [async () => null] }, /what a guard returns is \[object Promise\]/],
  ])('%o is refused', async (options, message) => {
    await expect(all(one, options as Partial<RunOptions>)).rejects.toThrow(message);
  });

  it('a guard that returns nothing finds nothing', async () => {
    expect(await ended(one, { guards: [() => undefined as unknown as null] })).toBe('ended');
  });

  it('masses of the input are those that move', async () => {
    const masses = { columns: 1, kind: 'real' as const, values: Float64Array.of(13, 13, 14, 14) };
    const [first] = (await all({ ...one, arrays: { masses } }, { steps: 0 })) as Frame[];
    expect(first!.masses).toEqual(masses.values);
    expect(first!.structure.arrays['masses']).toEqual(masses);
    const wrong = { ...masses, values: Float64Array.of(13, 0, 14, 14) };
    await expect(all({ ...one, arrays: { masses: wrong } }, { steps: 0 })).rejects.toThrow(/atom 1 has 0/);
  });

  it('where nothing can move it says so', async () => {
    const constraints = (structure: Structure): Constraint[] => [fixAtoms(structure, [0, 1, 2, 3])];
    await expect(all(one, { constraints })).rejects.toThrow(/all atoms are held, and nothing can move/);
  });
});

/** Bytes that were appended are to be read after `flush` or `close` only, as of private files of a page. */
class LateStorage extends MemoryStorage {
  override async append(name: string, length: number): Promise<Appender> {
    const now = await super.append(name, length);
    let held: Uint8Array[] = [];
    const flush = async (): Promise<void> => {
      for (const bytes of held) await now.write(bytes);
      held = [];
    };
    return {
      get length() {
        return held.reduce((sum, bytes) => sum + bytes.length, now.length);
      },
      write: async (bytes) => void held.push(bytes.slice()),
      flush,
      close: flush,
    };
  }
}
