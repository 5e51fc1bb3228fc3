/** What an output file holds: results of this run, and of others only what stands under names of its own. */
import { describe, expect, test } from 'vitest';
import type { Result } from '@mace/core';
import type { AtomArray } from '@mace/core/structure';
import { readStructures } from '@mace/io';
import { withResults } from '../src/result-structure.js';

const molecule: Result = {
  energy: -1,
  interactionEnergy: -0.5,
  energies: Float64Array.of(-1),
  interactionEnergies: Float64Array.of(-0.5),
  forces: new Float64Array(3),
  stress: null,
  volume: null,
  atoms: 1,
  edges: 0,
  head: { value: 'Default', from: 'default' },
  inputs: {},
  backend: 'reference',
  precision: 'f64',
  tables: false,
  warnings: [],
};
const atom = (comment: string, columns = ''): ReturnType<typeof readStructures>[number] =>
  readStructures(`1\n${comment}\nO 0 0 0 ${columns}\n`, { format: 'extxyz' })[0]!;
const keysOf = (record: object): string[] => Object.keys(record).sort();

describe('results of an earlier run', () => {
  const evaluated = atom(
    'Properties=species:S:1:pos:R:3:MACE_forces:R:3:MACE_node_energies:R:1:tags:I:1 MACE_energy=-999 MACE_stress="1 0 0 0 1 0 0 0 1" MACE_forces=1 MACE_extra=T energy=-7 maceration=3',
    '9 9 9 -7 4',
  );

  test('under the prefix of this run are gone, whatever they are; other names stay', () => {
    const { info, arrays } = withResults(evaluated, molecule, { prefix: 'MACE_', nodeEnergies: false });
    expect(info).toEqual({ energy: -7, maceration: 3, MACE_energy: -1 });
    expect(keysOf(arrays)).toEqual(['MACE_forces', 'tags']);
    expect([...(arrays.MACE_forces as AtomArray).values]).toEqual([0, 0, 0]);
  });

  test('under another prefix stay, for it is another run', () => {
    const { info, arrays } = withResults(evaluated, molecule, { prefix: 'two:', nodeEnergies: true });
    expect(info).toMatchObject({ MACE_energy: -999, 'two:energy': -1 });
    expect(keysOf(arrays)).toEqual(['MACE_forces', 'MACE_node_energies', 'tags', 'two:forces', 'two:node_energies']);
  });

  test('without a prefix, or with letters only, those with names of results go, and nothing that a person named', () => {
    const labels = atom(
      'Properties=species:S:1:pos:R:3:forces:R:3:energy_weight:R:1 energy=-7 free_energy=-8 stress="1 0 0 0 1 0 0 0 1" note=x',
      '9 9 9 1',
    );
    const { info, arrays } = withResults(labels, molecule, { prefix: '', nodeEnergies: false });
    expect(info).toEqual({ energy: -1, note: 'x' });
    expect(keysOf(arrays)).toEqual(['energy_weight', 'forces']);
    const named = withResults(atom('Mstress=4 Material=ice'), molecule, { prefix: 'M', nodeEnergies: false });
    expect(named.info).toEqual({ Material: 'ice', Menergy: -1 });
  });
});

test('what an option chose replaces what the structure said', () => {
  const result: Result = {
    ...molecule,
    head: { value: 'dft', from: 'option' },
    inputs: { total_charge: { value: 1, from: 'option' }, total_spin: { value: 2, from: 'option' } },
  };
  const { info } = withResults(atom('charge=-1 head=xtb'), result, { prefix: 'MACE_', nodeEnergies: false });
  expect(info).toEqual({ charge: 1, head: 'dft', total_spin: 2, MACE_energy: -1 });
  const multiple = withResults(atom('spin_multiplicity=3'), result, { prefix: 'MACE_', nodeEnergies: false });
  expect(multiple.info).toEqual({ total_charge: 1, head: 'dft', spin_multiplicity: 2, MACE_energy: -1 });
  const keys = { prefix: 'MACE_', nodeEnergies: false, inputKeys: { total_charge: 'q' } };
  const replaced = withResults(atom('q=-1 charge=3 total_spin=5'), result, keys).info;
  expect(replaced).toEqual({ q: 1, charge: 1, total_spin: 2, head: 'dft', MACE_energy: -1 });
  const added = withResults(atom('Material=ice'), result, keys).info;
  expect(added).toEqual({ Material: 'ice', q: 1, total_spin: 2, head: 'dft', MACE_energy: -1 });
  const own: Result = {
    ...result,
    head: { value: 'xtb', from: 'structure', key: 'head' },
    inputs: { total_charge: { value: -1, from: 'structure', key: 'charge' } },
  };
  const kept = withResults(atom('charge=-1 head=xtb'), own, { prefix: 'MACE_', nodeEnergies: false });
  expect(kept.info).toEqual({ charge: -1, head: 'xtb', MACE_energy: -1 });
});
