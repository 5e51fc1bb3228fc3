/** `mace bench` and `mace estimate`, as a person or a program runs them. */
import { describe, expect, test } from 'vitest';
import { bundled, file, jsonLines, mace, oracleModel } from './testing/run.js';

describe('mace bench', () => {
  test('--json prints one object and nothing else; float32 and tables unless told otherwise', async () => {
    const { code, out, err } = await mace('bench', '--repeat', '3', '--threads', '1', '--json');
    expect(err).toBe('');
    expect(code).toBe(0);
    const report = JSON.parse(out) as Record<string, unknown> & { usPerAtom: { min: number; median: number } };
    expect(Object.keys(report).slice(0, 7)).toEqual([
      'atoms',
      'edgesPerAtom',
      'usPerAtom',
      'backend',
      'device',
      'precision',
      'threads',
    ]);
    expect(report).toMatchObject({ atoms: 48, backend: 'wasm', precision: 'f32', tables: 'all', threads: 1, runs: 3 });
    const { min, median } = report.usPerAtom;
    expect(min).toBeGreaterThan(0);
    expect(median).toBeGreaterThanOrEqual(min);
    expect(report.atomStepsPerSecond).toBeCloseTo(1e6 / median, 6);
    expect(report.nsPerDay).toBeCloseTo((86400 * 1e6 * 1e-6) / (48 * median), 6);
    const [frame] = jsonLines((await mace('eval', '--structures', bundled('ice.xyz'), '--json')).out);
    expect(report.edgesPerAtom).toBe((frame!.edges as number) / 48);
    expect(report.peakFlops).toBeGreaterThan(1e8);
    expect(report.shareOfPeak).toBeGreaterThan(0);
    expect(report.shareOfPeak).toBeLessThan(1.2);
  });

  test('--profile says where the time of a run goes', async () => {
    const report = JSON.parse((await mace('bench', '--profile', '--threads', '2', '--repeat', '1', '--json')).out) as {
      threads: number;
      profile: { kernel: string; usPerAtom: number; share: number; shareOfPeak: number | null }[];
    };
    const shares = new Map(report.profile.map(({ kernel, shareOfPeak }) => [kernel, shareOfPeak]));
    expect(shares.get('interaction[1] matmul')).toBeGreaterThan(0);
    expect(shares.get('pairRepulsion gather')).toBeNull();
    expect(report.threads).toBe(2);
    expect(report.profile.map(({ kernel }) => kernel)).toContain('interaction[1]/convolution convolution');
    expect(report.profile.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  test('several structures are one batch; the text says what computed, and how', async () => {
    const hydrogen = (z: number): string => `2\n\nH 0 0 0\nH 0 0 ${z}\n`;
    const three = file('three.xyz', hydrogen(0.74) + hydrogen(0.2) + hydrogen(0.8));
    const { code, out } = await mace('bench', '--structures', three, '--repeat', '1');
    expect(code).toBe(0);
    expect(out).toMatch(/6 atoms in 3 structures, 1\.0 edges per atom; 1 run\n/);
    expect(out).toMatch(/µs\/atom +[\d.]+ minimum, [\d.]+ median/);
    expect(out).toMatch(/atoms·steps\/s +[\d.]+/);
    expect(out).toMatch(/ns\/day at 1 fs +[\d.]+/);
    expect(out).toMatch(/share of peak +\d+ % at the median, of \d+ GFLOP\/s a thread/);
    expect(out).toMatch(/backend +wasm, f32, tables for 2, exact for the others\n/);
    const other = ['--structures', three, '--exact', '--precision', 'f64', '--backend', 'reference', '--repeat', '1'];
    expect((await mace('bench', '--model', oracleModel('omol-like'), ...other)).out).toMatch(/reference, f64, exact\n/);
  });

  test('a model with several heads takes --head, as eval does; the message names what exists', async () => {
    const model = ['--model', oracleModel('heads-3'), '--repeat', '1'];
    const water = ['--structures', file('water.xyz', '3\n\nO 0 0 0\nH 0.96 0 0\nH -0.24 0.93 0\n')];
    const { code, err } = await mace('bench', ...model, ...water);
    expect(code).toBe(1);
    expect(err).toMatch(/several heads \((\w+), .*Name one, as an option or as the key head/);
    const [, head] = /several heads \((\w+),/.exec(err)!;
    expect((await mace('bench', ...model, ...water, '--head', head!)).code).toBe(0);
    expect((await mace('bench', ...model, ...water, '--head', 'none')).err).toMatch(/head none \(from the option\)/);
  });

  test('mistakes are one message on standard error, and exit code 1', async () => {
    const cases: [string[], RegExp][] = [
      [['--repeat', '0'], /--repeat "0": expected a whole number/],
      [['--threads', '0'], /--threads "0": expected a whole number/],
      [['--threads', '2', '--backend', 'reference'], /--threads 2: reference takes its own/],
      [['--profile', '--backend', 'reference', '--repeat', '1'], /--profile: reference does not say/],
      [['--exact', '--tables'], /--tables/],
      [['--structures', file('nothing.xyz', '0\n\n')], /no atoms/],
      [['--structures', file('sodium.xyz', '1\n\nNa 0 0 0\n')], /Na/],
      [
        ['--structures', file('tiny.xyz', '1\nLattice="0.01 0 0 0 0.01 0 0 0 0.01"\nH 0 0 0\n')],
        /at most 100000 edges/,
      ],
      [['--backend', 'abacus'], /Known: reference/],
    ];
    for (const [args, message] of cases) {
      const { code, out, err } = await mace('bench', ...args);
      expect(code, args.join(' ')).toBe(1);
      expect(err, args.join(' ')).toMatch(message);
      expect(err).not.toMatch(/\n\s+at /);
      expect(out).toBe('');
    }
  });
});

describe('mace estimate', () => {
  /** Ethanol and water, 2 × 2 × 2 times: more atoms than are sampled. */
  const large = (keys = ''): string => {
    const side = 12;
    const molecule = [8, 1, 1].map((z, i) => ({
      z,
      at: [i === 1 ? 0.96 : i === 2 ? -0.24 : 0, i === 2 ? 0.93 : 0, 0],
    }));
    const rows = Array.from({ length: 64 }, (_, n) =>
      molecule.map(({ z, at }) =>
        [z === 8 ? 'O' : 'H', ...at.map((x, k) => x + 3 * (Math.floor(n / 4 ** k) % 4))].join(' '),
      ),
    ).flat();
    return file(
      'large.xyz',
      `192\nLattice="${side} 0 0 0 ${side} 0 0 0 ${side}" pbc="T T T" ${keys}\n${rows.join('\n')}\n`,
    );
  };

  test('the atoms that are timed keep the head of their structure', async () => {
    const model = ['--model', oracleModel('heads-3')];
    const { err } = await mace('estimate', ...model, '--structures', large());
    const [, head] = /several heads \((\w+),/.exec(err)!;
    expect((await mace('estimate', ...model, '--structures', large(), '--head', head!)).code).toBe(0);
    expect((await mace('estimate', ...model, '--structures', large(`head=${head}`))).code).toBe(0);
  });

  test('says memory and time of a run near to what a run takes', async () => {
    const options = ['--structures', large(), '--threads', '1', '--json'];
    const estimate = JSON.parse((await mace('estimate', ...options)).out) as Record<string, number> & {
      bytes: Record<string, number>;
    };
    const measured = JSON.parse((await mace('bench', '--repeat', '10', ...options)).out) as {
      atoms: number;
      edgesPerAtom: number;
      usPerAtom: { min: number };
    };
    expect(estimate).toMatchObject({ atoms: 192, edgesPerAtom: measured.edgesPerAtom, sampleAtoms: 128, threads: 1 });
    // Machines are busy at times: a factor of four says that it is no invention.
    expect(estimate.usPerAtom! / measured.usPerAtom.min).toBeGreaterThan(0.25);
    expect(estimate.usPerAtom! / measured.usPerAtom.min).toBeLessThan(4);
    const { model, neighbors, run, total } = estimate.bytes;
    expect(total).toBe(model! + neighbors! + run!);
    expect(estimate.multiplyAddsPerAtom).toBeGreaterThan(1e4);
  });

  test('takes the bundled model and structure, and says what it is about', async () => {
    const { code, out, err } = await mace('estimate', '--exact', '--precision', 'f64');
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toMatch(/48 atoms in 1 structure, 29\.3 edges per atom: not computed\n/);
    expect(out).toMatch(/time +about [\d.]+ m?s, [\d.]+ µs\/atom, from 48 atoms here\n/);
    expect(out).toMatch(/memory +[\d.]+ MB, of [\d.]+ GB of which [\d.]+ GB are free\n/);
    expect(out).toMatch(/backend +wasm, f64, exact\n/);
  });

  test('mistakes are one message on standard error, and exit code 1', async () => {
    const cases: [string[], RegExp][] = [
      [['--backend', 'reference'], /--backend reference does not say what a run takes/],
      [['--structures', file('nothing.xyz', '0\n\n')], /no atoms/],
      [['--structures', file('sodium.xyz', '1\n\nNa 0 0 0\n')], /Na/],
      [
        ['--structures', file('tiny.xyz', '1\nLattice="0.01 0 0 0 0.01 0 0 0 0.01"\nH 0 0 0\n')],
        /at most 100000 edges/,
      ],
    ];
    for (const [args, message] of cases) {
      const { code, out, err } = await mace('estimate', ...args);
      expect(code, args.join(' ')).toBe(1);
      expect(err, args.join(' ')).toMatch(message);
      expect(out).toBe('');
    }
  });
});
