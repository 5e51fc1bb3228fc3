/** Observers of where atoms are: ideal gases, crystals, molecules, of which all distances are known. */
import { describe, expect, test } from 'vitest';
import { anywhere, column, cubic, frameOf, stream } from '../testing/frames.js';
import { purpose } from '../random.js';
import { BondLengths, Density, RadialDistribution, tableText, type ObservedFrame as Frame } from './index.js';

describe('rdf', () => {
  test('an ideal gas in a skewed cell has g = 1, and less by the atom itself; partial ones too', () => {
    const cell = Float64Array.of(9, 0, 0, 4, 9, 0, -3, 2, 10);
    const numbers = Array.from({ length: 60 }, (_, i) => (i < 20 ? 8 : 1));
    const all = new RadialDistribution({ width: 0.5, radius: 3.5 });
    const mixed = new RadialDistribution({ elements: ['O', 'H'], width: 0.5 });
    for (let step = 0; step < 100; step++)
      for (const observer of [all, mixed]) observer.add(frameOf(numbers, anywhere(60, step, cell), { cell, step }));
    const [g, partial] = [column(all.result(), 'g'), column(mixed.result(), 'g')];
    expect([g.length, partial.length]).toEqual([7, 20]);
    // The pairs of a shell are counted: their relative error is one over the root of their number.
    column(all.result(), 'r').forEach((r, bin) => {
      const pairs = (100 * 60 * 59 * 4 * Math.PI * r * r * 0.5) / 2 / 810;
      expect(Math.abs(g[bin]! - 59 / 60)).toBeLessThan(5 / Math.sqrt(pairs));
    });
    column(mixed.result(), 'r').forEach((r, bin) => {
      const pairs = (100 * 20 * 40 * 4 * Math.PI * r * r * 0.5) / 810;
      expect(Math.abs(partial[bin]! - 1)).toBeLessThan(5 / Math.sqrt(pairs));
    });
    expect(Math.abs(g.slice(2).reduce((sum, x) => sum + x / 5, 0) - 59 / 60)).toBeLessThan(0.02);
  });

  test('shells of a face-centered cubic crystal: 12, 6, 24, 12 neighbors', () => {
    const a = 4.06;
    const corners = [0, 1, 2, 3].flatMap((x) => [0, 1, 2, 3].flatMap((y) => [0, 1, 2, 3].map((z) => [x, y, z])));
    const positions = corners.flatMap(([x, y, z]) =>
      [
        [0, 0, 0],
        [0, 0.5, 0.5],
        [0.5, 0, 0.5],
        [0.5, 0.5, 0],
      ].flatMap(([u, v, w]) => [a * (x! + u!), a * (y! + v!), a * (z! + w!)]),
    );
    const observer = new RadialDistribution({ elements: ['Al', 'Al'], radius: 7 });
    observer.add(frameOf(new Array<number>(256).fill(13), positions, { cell: cubic(4 * a) }));
    const [r, within, g] = ['r', 'neighbors within', 'g'].map((name) => column(observer.result(), name)) as number[][];
    const shells = r!.flatMap((distance, bin) => (g![bin]! > 0 ? [[distance, within![bin]!]] : []));
    expect(shells.map(([, count]) => Math.round(count!))).toEqual([12, 18, 42, 54, 78]);
    [0.5, 1, 1.5, 2].forEach((square, shell) =>
      expect(Math.abs(shells[shell]![0]! - a * Math.sqrt(square))).toBeLessThan(0.026),
    );
    // One atom, whose neighbors are its own images, in a cell that is shorter than the radius.
    const alone = new RadialDistribution({ elements: ['Al', 'Al'], radius: 7 });
    const half = a / 2;
    alone.add(frameOf([13], [1, 2, 3], { cell: Float64Array.of(0, half, half, half, 0, half, half, half, 0) }));
    const own = ['neighbors within', 'g'].map((name) => column(alone.result(), name)) as number[][];
    [within!, g!].forEach((values, i) => values.forEach((value, bin) => expect(own[i]![bin]).toBeCloseTo(value, 8)));
  });

  test('a molecule has distances; a slab too, across its periodic directions', () => {
    const water = frameOf([8, 1, 1], [0, 0, 0, 0.96, 0, 0, -0.24, 0.93, 0]);
    const observer = new RadialDistribution({ elements: ['O', 'H'] });
    observer.add(water);
    expect(column(observer.result(), 'neighbors within').at(-1)).toBeCloseTo(2, 12);
    expect(column(observer.result(), 'neighbors per length').filter((x) => x > 0)).toEqual([expect.closeTo(40, 9)]);
    expect(observer.result().notes[0]).toMatch(/no density to compare with/);
    const slab = new RadialDistribution({ radius: 3 });
    slab.add(frameOf([6, 6], [0.5, 0, 0, 7.5, 0, 0], { cell: cubic(8), pbc: [true, true, false] }));
    expect(column(slab.result(), 'neighbors within').at(-1)).toBe(1);
  });

  test('the radius is 10 Å, or as it is asked for, in any cell; elements that are not there are refused', () => {
    const gas = (a: number, step: number): Frame =>
      frameOf([1, 1, 1], anywhere(3, step, cubic(a)), { cell: cubic(a), step });
    const [usual, wide] = [new RadialDistribution(), new RadialDistribution({ elements: ['H', 'H'], radius: 12 })];
    for (let step = 0; step < 200; step++) for (const one of [usual, wide]) one.add(gas(step % 2 === 0 ? 8 : 6, step));
    expect([usual, wide].map((one) => column(one.result(), 'r').at(-1))).toEqual([
      expect.closeTo(9.975, 9),
      expect.closeTo(11.975, 9),
    ]);
    expect(usual.result().notes).toEqual([
      expect.stringMatching(/^from 3\.00 Å on, half the smallest height of the cell,/),
    ]);
    // The other two atoms as the density says, and of the own images 18 in a cell of 8 Å, 26 in one of 6 Å: (n, m, l) below 1.5 and 2.
    const wanted = ((4 / 3) * Math.PI * 12 ** 3 * 2 * (1 / 8 ** 3 + 1 / 6 ** 3) + 18 + 26) / 2;
    expect(Math.abs(column(wide.result(), 'neighbors within').at(-1)! / wanted - 1)).toBeLessThan(0.02);
    expect(() => new RadialDistribution({ elements: ['O', 'H'] }).add(gas(8, 0))).toThrow(
      'rdf:O-H: the structure has no O; its elements are H.',
    );
    expect(() => new RadialDistribution({ radius: 0.04 })).toThrow(/0\.04 Å is less than one bin of 0\.05 Å/);
  });
});

describe('bond and density', () => {
  test('a pair by its numbers, and across the faces of a very skewed cell', () => {
    const cell = Float64Array.of(5, 0, 0, 24, 5, 0, 0, 0, 6);
    const observer = new BondLengths([0, 1]);
    // The second atom is 1 Å beside an image of the first: 5·a − b away.
    for (const out of [1, 1.5, 2])
      observer.add(frameOf([6, 8], [0, 0, 0, 24 - 25 + 0.6 * out, 5 + 0.8 * out, 0], { cell, step: out }));
    expect(observer.latest()[0]).toMatchObject({ name: 'bond:0-1', unit: 'Å' });
    const result = observer.result();
    const own = ['mean', 'standard deviation', 'shortest', 'longest'].map((name) => column(result, name)[0]);
    // Shortest vectors by trying all of n·a + m·b with |n|, |m| < 30.
    const lengths = [1, 1.5, 2].map((out) => {
      let least = Infinity;
      for (let n = -30; n < 30; n++)
        for (let m = -30; m < 30; m++)
          least = Math.min(least, Math.hypot(-1 + 0.6 * out + 5 * n + 24 * m, 5 + 0.8 * out + 5 * m));
      return least;
    });
    const mean = lengths.reduce((sum, x) => sum + x / 3, 0);
    const deviation = Math.sqrt(lengths.reduce((sum, x) => sum + (x - mean) ** 2 / 3, 0));
    [mean, deviation, Math.min(...lengths), Math.max(...lengths)].forEach((x, i) => expect(own[i]).toBeCloseTo(x, 12));
  });

  test('all bonds of two elements of the first frame', () => {
    const waters = [0, 3].flatMap((z) => [0, 0, z, 0.96, 0, z, -0.24, 0.93, z]);
    const observer = new BondLengths(['O', 'H']);
    observer.add(frameOf([8, 1, 1, 8, 1, 1], waters));
    observer.add(
      frameOf(
        [8, 1, 1, 8, 1, 1],
        waters.map((x) => 2 * x),
      ),
    );
    const result = observer.result();
    expect(tableText(result.tables[0]!).split('\n').slice(0, 2)).toEqual([
      'atom,other atom,mean [Å],standard deviation [Å],shortest [Å],longest [Å]',
      '0,1,1.44,0.48,0.96,1.92',
    ]);
    expect(column(result, 'other atom')).toEqual([1, 2, 4, 5]);
    expect(() => new BondLengths(['H', 'H']).add(frameOf([1, 1], [0, 0, 0, 2, 0, 0]))).toThrow(
      /no H is within 0\.74 Å of another H/,
    );
    expect(() => new BondLengths([0, 2]).add(frameOf([1, 1], [0, 0, 0, 2, 0, 0]))).toThrow(
      /no atom 2; expected 0 to 1/,
    );
    expect(() => new BondLengths([1, 1]).add(frameOf([1, 1], [0, 0, 0, 2, 0, 0]))).toThrow(/no bond to itself/);
  });

  test('density with an error that is right for numbers that remember', () => {
    const one = new Density();
    one.add(frameOf([8, 1, 1], new Float64Array(9), { cell: cubic(3.104) }));
    // 18.015 g/mol in (3.104 Å)³: 18.015 / 6.02214e23 / 2.99064e-23.
    expect(one.result().quantities[0]!.value).toBeCloseTo(1.0003, 4);
    expect(one.result().quantities[0]).not.toHaveProperty('error');
    expect(() => one.add(frameOf([8], new Float64Array(3)))).toThrow(/not periodic in three directions/);
    const runs = Array.from({ length: 20 }, (_, run) => {
      const observer = new Density();
      const noise = stream.normal(new Float64Array(800), run, 1, purpose.thermostat);
      let state = 0;
      for (let step = 0; step < 800; step++) {
        state = 0.9 * state + noise[step]!;
        observer.add(frameOf([8], [0, 0, 0], { cell: cubic(10 * (1 + 0.001 * state) ** (-1 / 3)), step }));
      }
      return observer.result().quantities[0]!;
    });
    const mean = runs.reduce((sum, { value }) => sum + value / 20, 0);
    const scatter = Math.sqrt(runs.reduce((sum, { value }) => sum + (value - mean) ** 2 / 19, 0));
    const error = runs.reduce((sum, one) => sum + one.error! / 20, 0);
    // Each number alone would have an error a fourth as large.
    expect(error / scatter).toBeGreaterThan(0.6);
    expect(error / scatter).toBeLessThan(1.5);
  });
});
