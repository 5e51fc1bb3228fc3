/** `--resume` of relax and eval: results are known again by what they were computed from, wherever they stand, and none is lost. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '@mace/core/generators';
import { makeStructure, type Structure } from '@mace/core/structure';
import { writeExtxyz } from '@mace/io';
import { killedUntilDone } from './testing/killed.js';
import { file, folder, mace } from './testing/run.js';

const random = seededRandom(7);
const water = (i: number): Structure =>
  makeStructure({
    symbols: ['O', 'H', 'H'],
    positions: [0, 0, 0, 0.96, 0, 0, -0.24, 0.93, 0].map((x) => x + 0.1 * (random() - 0.5)),
    // What looks like a key of ours within a text is none.
    info: { name: `w${i} MACE_input=sha256:${'0'.repeat(64)} MACE_settings=none x` },
  });
const waters = Array.from({ length: 12 }, (_, i) => water(i));
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const verbs = [
  ['relax', ['--fmax', '0.1']],
  ['eval', ['--batch-size', '2']],
] as const;

const inputs: Readonly<Record<string, readonly Structure[]>> = {
  'all.xyz': waters,
  'behind.xyz': waters.slice(1),
  'reversed.xyz': [...waters].reverse(),
  'third.xyz': waters.filter((_, i) => i % 3 === 0),
  'twice.xyz': [...waters.slice(4, 6), ...waters.slice(4, 6), waters[0]!],
  'more.xyz': [water(20), ...waters.slice(0, 7), water(21), ...waters.slice(7)],
};
beforeAll(async () => {
  for (const [name, structures] of Object.entries(inputs)) file(name, writeExtxyz(structures));
  for (const [verb, options] of verbs)
    for (const name of Object.keys(inputs))
      expect(await mace(verb, name, ...options, '--output', `${verb}-${name}`, ...resumed(verb))).toMatchObject({
        code: 0,
        err: '',
      });
});
/** Only then results of eval say what they were computed from. */
const resumed = (verb: string): string[] => (verb === 'eval' ? ['--resume'] : []);

describe.each(verbs)('%s', (verb, options) => {
  const goOn = (input: string, output: string, ...more: string[]): ReturnType<typeof mace> =>
    mace(verb, input, ...options, '--output', output, '--resume', ...more);
  const whole = (): string => read(`${verb}-all.xyz`);

  test.each([
    ['behind.xyz', 11, 1],
    ['reversed.xyz', 12, 0],
    ['third.xyz', 4, 8],
    ['twice.xyz', 5, 9],
    ['more.xyz', 12, 0],
  ])('%s takes %i results over, from what was stopped and from what ended, and keeps %i', async (name, taken, kept) => {
    for (const ending of ['.partial', '']) {
      const output = `${verb} of${ending} ${name}`;
      writeFileSync(join(folder, `${output}${ending}`), whole());
      const { code, out, err } = await goOn(name, output);
      expect([code, out]).toEqual([0, expect.stringContaining(`${taken} of them are of the run before`)]);
      expect(read(output)).toBe(read(`${verb}-${name}`));
      expect(existsSync(join(folder, `${output}.partial`))).toBe(kept > 0);
      expect(err).toContain(kept === 0 ? '' : `${kept} result${kept === 1 ? ' ' : 's '}`);
      // What no structure asked for is there for the next.
      const all = await goOn('all.xyz', output);
      expect(all.out).toContain('12 of them are of the run before');
      expect(read(output)).toBe(whole());
    }
  });

  test('a part of the structures finds its results in the whole', async () => {
    writeFileSync(join(folder, `${verb} part.xyz`), whole());
    const { out } = await goOn('all.xyz', `${verb} part.xyz`, '--shard', '1/3');
    expect(out).toContain('4 of them are of the run before');
    expect(read(`${verb} part.xyz`)).toBe(read(`${verb}-third.xyz`));
  });

  test('in another order it goes on too, killed at random moments', async () => {
    const output = `${verb} killed.xyz`;
    writeFileSync(join(folder, `${output}.partial`), whole().slice(0, 2500));
    const args = [verb, 'more.xyz', ...options, '--output', output, '--resume'];
    await killedUntilDone(args, `${output}.partial`, { random, bytes: whole().length, kills: 3 });
    expect(read(output)).toBe(read(`${verb}-more.xyz`));
  });

  test.each([
    [['--precision', 'f32'], 'precision was f64 and is f32'],
    [['--charge', '1'], null],
    verb === 'relax'
      ? [['--fmax', '0.2', '--fixed', '0,1-2,O'], 'fixed was not given and is 0,1-2,O']
      : [['--return-node-energies'], 'returnNodeEnergies was not given and is true'],
  ] as const)('with %j it is refused, and nothing is lost', async (other, difference) => {
    for (const ending of ['.partial', '']) {
      const name = `${verb} other.xyz${ending}`;
      const before = whole().slice(0, ending === '' ? undefined : 2500);
      writeFileSync(join(folder, name), before);
      const { code, err } = await goOn('all.xyz', `${verb} other.xyz`, ...other);
      expect(code).toBe(1);
      if (difference !== null) expect(err).toContain(difference);
      if (difference !== null) expect(err).toMatch(/^error \(format\): .* begin anew with another --output/);
      expect(read(name)).toBe(before);
      // Of what was stopped only the torn end may go.
      const again = await goOn('all.xyz', `${verb} other.xyz`);
      expect(again.code).toBe(0);
      expect(read(`${verb} other.xyz`)).toBe(whole());
    }
  });

  test.each([
    ['results that say nothing of where they are from', writeExtxyz(waters), 'do not say what they were computed from'],
    ['what is no extended XYZ', 'data_x\n_cell_length_a 5\n', 'this is no file of results'],
  ])('%s stay', async (_, text, reason) => {
    for (const name of [`${verb} foreign.xyz`, `${verb} foreign2.xyz.partial`]) {
      writeFileSync(join(folder, name), text);
      const { code, err } = await goOn('all.xyz', name.replace('.partial', ''));
      expect([code, err]).toEqual([1, expect.stringContaining(reason)]);
      expect(read(name)).toBe(text);
    }
    expect(existsSync(join(folder, `${verb} foreign.xyz.partial`))).toBe(false);
  });

  test('keys without a prefix are resumed too', async () => {
    const output = `${verb} bare.xyz`;
    expect((await goOn('all.xyz', output, '--info-prefix', '')).code).toBe(0);
    const bare = read(output);
    expect(bare).toMatch(/ energy=-\d/);
    writeFileSync(join(folder, `${output}.partial`), bare.slice(0, bare.length / 2));
    const { out } = await goOn('reversed.xyz', output, '--info-prefix', '');
    expect(out).toContain('12 of them are of the run before');
  });
});
