/** What `mace relax` says of its results: on the terminal, as JSON, in the file and by its exit status. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeStructure, volumeOf } from '@mace/core/structure';
import { writeExtxyz } from '@mace/io';
import { readStructureFile } from '@mace/io/node';
import { bundled, file, folder, jsonLines, mace } from './testing/run.js';

const water = (reach: number): string =>
  writeExtxyz([
    makeStructure({ symbols: ['O', 'H', 'H'], positions: [0, 0, 0, reach, 0, 0, -0.24, 0.93, 0], info: { step: 7 } }),
  ]);
const gigapascal = 1 / 160.21766208;

test('the exit status is 1 where none reached --fmax, and what was reached is written', async () => {
  file('water.xyz', water(1));
  const short = await mace('relax', 'water.xyz', '--steps', '1', '--output', 'short.xyz');
  expect([short.code, short.err]).toEqual([1, expect.stringContaining('the structure did not reach --fmax 0.01')]);
  expect((await readStructureFile(join(folder, 'short.xyz')))[0]!.info.MACE_converged).toBe(false);
  file('two.xyz', water(1) + writeExtxyz([makeStructure({ symbols: ['O'], positions: [0, 0, 0] })]));
  expect((await mace('relax', 'two.xyz', '--steps', '1')).code).toBe(0);
});

test('the enthalpy, the stress by component and the space group that was kept', async () => {
  const args = ['relax', bundled('ice.xyz'), '--cell', '--pressure', '2', '--symmetry', '--fmax', '0.2'];
  const { out } = await mace(...args, '--output', 'pressed.xyz');
  const [end] = await readStructureFile(join(folder, 'pressed.xyz'));
  const { MACE_energy: energy, MACE_enthalpy: enthalpy, MACE_space_group: group } = end!.info;
  expect(enthalpy).toBeCloseTo(Number(energy) + 2 * gigapascal * volumeOf(end!.cell!), 6);
  expect(group).toBe('P 2_1 2_1 2_1 (19)');
  const [line] = jsonLines((await mace(...args, '--json')).out);
  expect(line).toMatchObject({ enthalpy, spaceGroup: group });
  const stress = line!.stress as number[][];
  const six = [stress[0]![0]!, stress[1]![1]!, stress[2]![2]!].map((x) => (x / gigapascal).toFixed(4));
  for (const text of [Number(enthalpy).toFixed(8), String(group), ...six]) expect(out).toContain(text);
  const plain = await mace('relax', bundled('ice.xyz'), '--fmax', '0.3', '--json');
  expect(jsonLines(plain.out)[0]).toMatchObject({ enthalpy: null });
});

describe('a frame of dynamics', () => {
  const momenta = { columns: 3, kind: 'real', values: new Float64Array(9).fill(0.1) } as const;
  const frame = makeStructure({
    symbols: ['O', 'H', 'H'],
    positions: [0, 0, 0, 1, 0, 0, -0.24, 0.93, 0],
    info: { step: 200, time: 100, temperature: 186.5, name: 'w' },
  });

  test('loses what is of its motion, which is said', async () => {
    file('moving.xyz', writeExtxyz([{ ...frame, arrays: { momenta } }]));
    const { err } = await mace('relax', 'moving.xyz', '--output', 'still.xyz');
    expect(err).toBe(
      'note: left out of still.xyz: step, time, temperature, momenta: of the structure before it was relaxed\n',
    );
    const [still] = await readStructureFile(join(folder, 'still.xyz'));
    expect(still!.info).toMatchObject({ name: 'w' });
    expect(Object.keys({ ...still!.info, ...still!.arrays })).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(step|time|temperature|momenta)$/)]),
    );
  });

  test('words of a structure that does not move are its own', async () => {
    file('resting.xyz', writeExtxyz([frame]));
    const { err } = await mace('relax', 'resting.xyz', '--output', 'same.xyz');
    const [same] = await readStructureFile(join(folder, 'same.xyz'));
    expect([err, same!.info.temperature]).toEqual(['', 186.5]);
  });
});

test('without a prefix there are the names that ASE reads, and other keys of the structure stay', async () => {
  file('water.xyz', water(1));
  const { code } = await mace('relax', 'water.xyz', '--info-prefix', '', '--output', 'bare.xyz');
  const [bare] = await readStructureFile(join(folder, 'bare.xyz'));
  expect(code).toBe(0);
  expect(bare!.info).toMatchObject({ energy: expect.any(Number), step: 7, MACE_converged: true });
  expect(Object.keys(bare!.arrays)).toEqual(['forces']);
});

test('atoms that are too near are noted, at the start and in the end', async () => {
  file('near.xyz', water(0.001));
  const start = await mace('relax', 'near.xyz');
  expect(start.err).toMatch(/^note: structure 0: at the start atoms 1 \(H\) and 0 \(O\) are 0\.001 Å apart; the limit/);
  expect(start.err).not.toContain('in the relaxed structure');
  const end = await mace('relax', 'near.xyz', '--fixed', 'O,H', '--output', 'near-end.xyz');
  expect(end.err).toContain('in the relaxed structure atoms 1 (H) and 0 (O) are 0.001 Å apart');
  expect((await readStructureFile(join(folder, 'near-end.xyz')))[0]!.info.MACE_warnings).toContain('0.001 Å apart');
});

test('optimizers have the names of ASE too, and one that is not here is refused with the nearest', async () => {
  file('water.xyz', water(1));
  const run = async (name: string): Promise<string> =>
    (await mace('relax', 'water.xyz', '--optimizer', name, '--json')).out;
  for (const [theirs, ours] of [
    ['LBFGS', 'lbfgs'],
    ['FIRE', 'fire'],
    ['BFGSLineSearch', 'bfgs-line-search'],
  ] as const)
    expect(await run(theirs)).toBe(await run(ours));
  const { code, err } = await mace('relax', 'water.xyz', '--optimizer', 'BFGS');
  expect([code, err]).toEqual([1, expect.stringMatching(/lbfgs.* or bfgs-line-search/)]);
});
