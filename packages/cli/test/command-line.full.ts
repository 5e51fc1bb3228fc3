/** The built command line, as a person or a program runs it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, verify } from '@mace/core/ir';
import { readStructureFile } from '@mace/io/node';
import { bundled, file, folder, jsonLines, mace, oracleModel } from './testing/run.js';

describe('mace eval', () => {
  test('--json prints one object per structure and nothing else', async () => {
    const { code, out } = await mace('eval', '--structures', bundled('ice.xyz'), '--json');
    expect(code).toBe(0);
    const [frame, ...rest] = jsonLines(out);
    expect(rest).toEqual([]);
    for (const key of [
      'index',
      'formula',
      'atoms',
      'edges',
      'energy',
      'interactionEnergy',
      'energies',
      'interactionEnergies',
      'forces',
      'virial',
      'stress',
      'volume',
      'maxForce',
      'head',
      'totalCharge',
      'totalSpin',
      'backend',
      'precision',
      'warnings',
    ]) {
      expect(frame).toHaveProperty(key);
    }
    const energies = frame!.energies as number[];
    expect(energies.reduce((a, b) => a + b, 0)).toBeCloseTo(frame!.energy as number, 9);
    expect(frame!.forces).toHaveLength(frame!.atoms as number);
    expect(frame!.stress).toHaveLength(3);
    const trace = [0, 1, 2].map(
      (i) => (frame!.stress as number[][])[i]![i]! * (frame!.volume as number) + (frame!.virial as number[][])[i]![i]!,
    );
    trace.forEach((difference) => expect(Math.abs(difference)).toBeLessThan(1e-9));
  });

  test('a molecule has no stress, and a virial', async () => {
    const [frame] = jsonLines((await mace('eval', '--structures', bundled('caffeine.xyz'), '--json')).out);
    expect(frame!.stress).toBeNull();
    expect(frame!.volume).toBeNull();
    expect(frame!.virial).toHaveLength(3);
  });

  test("mace-torch's spellings, and a result file under its names", async () => {
    const output = join(folder, 'out.xyz');
    const { code, err } = await mace(
      'eval',
      '--configs',
      bundled('ice.xyz'),
      '--default_dtype',
      'float32',
      '--batch_size',
      '2',
      '--info_prefix',
      'MINE_',
      '--compute_stress',
      '--return_descriptors',
      '--return_node_energies',
      '--output',
      output,
      '--json',
    );
    expect(err).toBe('');
    expect(code).toBe(0);
    const [structure] = await readStructureFile(output);
    expect(typeof structure!.info.MINE_energy).toBe('number');
    expect(structure!.info.MINE_stress).toBeDefined();
    expect(structure!.arrays.MINE_forces!.columns).toBe(3);
    expect(structure!.arrays.MINE_node_energies!.columns).toBe(1);
    expect(structure!.arrays.MINE_descriptors!.columns).toBeGreaterThan(1);
  });

  test('many structures: results in the order of the file, whatever the batch', async () => {
    const frames = [1, 0.98, 1.05, 1.1].map(
      (scale) => `3\nscale=${scale} pbc="F F F"\nO 0 0 0\nH ${0.96 * scale} 0 0\nH 0 ${0.96 * scale} 0\n`,
    );
    const all = file('many waters.xyz', frames.join(''));
    const one = jsonLines((await mace('eval', '--structures', all, '--json', '--batch-size', '1')).out);
    const large = jsonLines((await mace('eval', '--structures', all, '--json', '--batch-atoms', '1')).out);
    expect(large).toEqual(one);
    const four = jsonLines((await mace('eval', '--structures', all, '--json', '--batch-size', '4')).out);
    expect(one).toEqual(four);
    expect(one.map((frame) => frame.index)).toEqual([0, 1, 2, 3]);
    const people = await mace('eval', '--structures', all);
    expect(people.out).toContain('energy (eV)');
    expect(people.out.split('\n').filter((line) => line.includes('H2O'))).toHaveLength(4);
  });

  test('notes stand in the table, in --json and in the output file', async () => {
    const near = '2\n\nH 0 0 0\nH 0 0 0.2\n';
    const structures = file('near.xyz', near + near + '2\n\nH 0 0 0\nH 0 0 0.74\n');
    const output = join(folder, 'notes.xyz');
    const people = await mace('eval', '--structures', structures, '--output', output);
    expect(people.out.match(/note: atoms 0 and 1 are 0\.200 Å apart/g)).toHaveLength(1);
    expect(people.out).toContain('2 of 3 structures have notes');
    const written = await readStructureFile(output);
    expect(written.map(({ info }) => typeof info.MACE_warnings)).toEqual(['string', 'string', 'undefined']);
    const frames = jsonLines((await mace('eval', '--structures', structures, '--json')).out);
    expect(frames.map(({ warnings }) => (warnings as string[]).length)).toEqual([1, 1, 0]);
  });

  test('head, charge and spin come from the structure or from options, and the output says which', async () => {
    const model = oracleModel('omol-like');
    const structures = file(
      'ion.xyz',
      '1\ncharge=-1 spin=2\nO 0 0 0\n2\nProperties=species:S:1:pos:R:3\nO 0 0 0\nH 0 0 1\n',
    );
    const [ion, plain] = jsonLines((await mace('eval', '--model', model, '--structures', structures, '--json')).out);
    expect([ion!.totalCharge, ion!.totalSpin, ion!.inputsFrom]).toEqual([
      -1,
      2,
      { head: 'default', total_charge: 'charge', total_spin: 'spin' },
    ]);
    expect([plain!.totalCharge, plain!.totalSpin]).toEqual([0, 1]);
    const [option] = jsonLines(
      (await mace('eval', '--model', model, '--structures', structures, '--charge', '1', '--spin', '2', '--json')).out,
    );
    expect(option!.totalCharge).toBe(1);
    expect(option!.energy).not.toBe(ion!.energy);
  });

  test('mistakes are one message on standard error, and exit code 1', async () => {
    const water = file('water.xyz', '3\n\nO 0 0 0\nH 1 0 0\nH 0 1 0\n');
    const cases: [string[], RegExp][] = [
      [['eval', '--structures', file('salt.xyz', '1\n\nNa 0 0 0\n')], /Na.*H C N O|H C N O.*Na/s],
      [['eval', '--structures', file('close.xyz', '2\n\nO 0 0 0\nO 0 0 0\n')], /structure/],
      [['eval', '--structures', join(folder, 'nowhere.xyz')], /no such file/],
      [['eval', '--structures', file('short.xyz', '3\n\nO 0 0 0\n')], /short\.xyz/],
      [['eval', '--structures', water, '--backend', 'abacus'], /Known: reference/],
      [['eval', '--structures', water, '--model', water], /no model file/],
      [['eval', '--structures', water, '--precision', 'f16'], /f64/],
      [['eval', '--model', oracleModel('heads-3'), '--structures', water, '--head', 'none'], /dft, ccsd, xtb/],
      [['eval', '--structures', water, '--batch-size', 'many'], /batch-size/],
    ];
    for (const [args, message] of cases) {
      const { code, out, err } = await mace(...args);
      expect(code, args.join(' ')).toBe(1);
      expect(err, args.join(' ')).toMatch(message);
      expect(err).not.toMatch(/\n\s+at /);
      expect(out).toBe('');
    }
  });

  test('a refused structure is named, after the results of those before it', async () => {
    const structures = file('second.xyz', '1\n\nO 0 0 0\n1\n\nNa 0 0 0\n1\n\nH 0 0 0\n');
    const { code, out, err } = await mace('eval', '--structures', structures, '--json');
    expect(code).toBe(1);
    expect(jsonLines(out).map((frame) => frame.index)).toEqual([0]);
    expect(err).toContain('structure 1 of the input');
    expect(err).toContain('With --on-error skip it is left out');
  });

  test('the only structure of the only file is named by the file', async () => {
    const salt = file('only.xyz', '1\n\nNa 0 0 0\n');
    const { code, err } = await mace('eval', salt);
    expect([code, err]).toEqual([1, expect.stringMatching(/^error \(structure\): \S.*only\.xyz: Element that/)]);
    expect(err).not.toContain('--on-error');
  });

  test('a failed run leaves an older result file as it was', async () => {
    const output = file('old.xyz', 'old\n');
    const { code } = await mace(
      'eval',
      '--structures',
      file('bad.xyz', '1\n\nO 0 0 0\n1\n\nXx 0 0 0\n'),
      '--output',
      output,
    );
    expect(code).toBe(1);
    expect(readFileSync(output, 'utf8')).toBe('old\n');
  });
});

describe('mace model', () => {
  test('inspect, for people and as JSON', async () => {
    const model = oracleModel('mh-1-like');
    const { out } = await mace('model', 'inspect', model, '--json');
    const summary = JSON.parse(out) as Record<string, unknown>;
    expect(summary.heads).toEqual(['omat_pbe', 'omol', 'spice_wB97M']);
    expect(summary.dtype).toBe('float64');
    expect(summary.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.keys(summary.isolatedAtomEnergies as object)).toHaveLength(3);
    expect((await mace('model', 'inspect')).out).toContain('H C N O');
  });

  test('inspect says which class or name was refused', async () => {
    const { code, out } = await mace('model', 'inspect', oracleModel('AtomicDipolesMACE', 'refused'), '--json');
    expect(code).toBe(1);
    expect((JSON.parse(out) as { refusal: { message: string } }).refusal.message).toContain('AtomicDipolesMACE');
  });

  test('convert gives the same numbers, bit for bit', async () => {
    const model = oracleModel('float32-agnesi-zbl');
    const converted = join(folder, 'converted.safetensors');
    expect((await mace('model', 'convert', model, converted, '--licence', 'MIT', '--json-copy')).code).toBe(0);
    const run = async (path: string): Promise<Record<string, unknown>[]> =>
      jsonLines((await mace('eval', '--model', path, '--structures', structures, '--json')).out);
    const structures = file('oh.xyz', '2\n\nO 0 0 0\nH 0 0 1.1\n');
    expect(await run(converted)).toEqual(await run(model));
    expect(
      (JSON.parse(readFileSync(`${converted}.json`, 'utf8')) as { provenance: { licence: string } }).provenance.licence,
    ).toBe('MIT');
  });

  test('a precision that a backend lacks is refused with the options that help', async () => {
    const structures = file('oh.xyz', '2\n\nO 0 0 0\nH 0 0 1.1\n');
    const { code, err } = await mace('eval', '--structures', structures, '--backend', 'gpujs');
    expect(code).toBe(1);
    expect(err).toMatch(/gpujs computes in f32; f64 was asked for\..*--precision f32 or f64; --backend wasm has both/);
  });

  test('print: the kernels of a plan for WebGPU, all or those of a part', async () => {
    const kernels = (text: string): number => text.split('@compute').length - 1;
    const all = await mace('model', 'print', oracleModel('layers-1'), '--stage', 'wgsl');
    const some = await mace('model', 'print', oracleModel('layers-1'), '--stage', 'wgsl', '--scope', 'product*');
    expect([all.code, some.code]).toEqual([0, 0]);
    expect(kernels(some.out)).toBeGreaterThan(0);
    expect(kernels(all.out)).toBeGreaterThan(kernels(some.out));
    expect(all.out).toMatch(/^\/\/ polynomial in /m);
  });

  test('print: every stage, and the full text can be parsed back', async () => {
    const model = oracleModel('layers-1');
    for (const stage of ['model', 'gradient', 'plan', 'legal']) {
      const { code, out } = await mace('model', 'print', model, '--stage', stage, '--full');
      expect(code).toBe(0);
      expect(() => verify(parse(out))).not.toThrow();
    }
    const { out } = await mace('model', 'print', model, '--scope', 'radial*');
    expect(out).toContain('sin');
  });

  test('print: the plan says what its tables are, and where they stand in the graph', async () => {
    const { code, out } = await mace('model', 'print', oracleModel('layers-1'), '--stage', 'plan');
    expect(code).toBe(0);
    expect(out).toMatch(/^Tables of functions of distance, 0\.4 to [\d.]+ Å, within the gate of f32:/);
    expect(out).toMatch(
      /interaction\[0\]\/convolution: \d+ functions, \d+ intervals, polynomials of degree 4, largest error \S+ of the values/,
    );
    expect(out).toMatch(/= table %\d+ \S+ \d+ intervals up to [\d.]+ for each of \d+ by senderSpecies/);
    expect(out).toMatch(/= table %\d+ \S+ slope, \d+ intervals/);
    const exact = await mace('model', 'print', oracleModel('layers-1'), '--stage', 'plan', '--exact');
    expect(exact.out).toMatch(/^Functions of distance are computed exactly\./);
    expect(exact.out).not.toContain(' table ');
  });
});

test('the demonstration shows forces and a stress', async () => {
  const { code, out } = await mace('demo');
  expect(code).toBe(0);
  expect(out).toContain('stress (eV/Å³)');
  expect(out).toContain('Try next');
});
