/** Observers of how atoms move: random walks, flights and oscillators, of which everything is known. */
import { describe, expect, test } from 'vitest';
import { anywhere, column, cubic, frameOf, normals } from '../testing/frames.js';
import { femtosecond, massesOf } from '../units.js';
import { MeanSquareDisplacement, VelocityAutocorrelation, type ObservedFrame as Frame } from './index.js';

describe('msd', () => {
  /** A walk of atoms with steps of a normal distribution, and a drift of the whole. */
  function* walk(atoms: number, frames: number, step: number, seed = 0): Generator<Frame> {
    const positions = new Float64Array(3 * atoms);
    for (let frame = 0; frame < frames; frame++) {
      yield frameOf(new Array<number>(atoms).fill(3), positions, { step: frame, time: 5 * frame });
      normals(3 * atoms, frame, (1 + seed) as 1).forEach((x, i) => (positions[i]! += step * x + 0.01));
    }
  }

  test('a random walk has its diffusion coefficient, within an error that is right', () => {
    const observers = Array.from({ length: 8 }, (_, seed) => {
      const observer = new MeanSquareDisplacement();
      for (const frame of walk(10, 1000, 0.1, seed)) observer.add(frame);
      return observer.result();
    });
    // D = σ²/2Δt, less a tenth that is taken out with the center of mass; 1 Å²/fs is 0.1 cm²/s.
    const expected = ((0.1 ** 2 / 2 / 5) * 0.1 * 9) / 10;
    const values = observers.map(({ quantities }) => quantities[0]!);
    const mean = values.reduce((sum, { value }) => sum + value / 8, 0);
    const scatter = Math.sqrt(values.reduce((sum, { value }) => sum + (value - mean) ** 2 / 7, 0));
    const error = Math.sqrt(values.reduce((sum, one) => sum + one.error! ** 2 / 8, 0));
    expect(Math.abs(mean - expected)).toBeLessThan((4 * scatter) / Math.sqrt(8));
    expect(scatter / expected).toBeLessThan(0.2);
    expect(error / scatter).toBeGreaterThan(0.5);
    expect(error / scatter).toBeLessThan(2);
    for (const { notes } of observers) expect(notes.join()).not.toMatch(/no diffusion/);
    expect(observers[0]!.notes.join()).toMatch(
      /the line is fitted from 160 to 640 fs, the error is that of 6 blocks of 640 fs/,
    );
  });

  test('every value is the mean over all times to begin with', () => {
    const observer = new MeanSquareDisplacement();
    const frames = Array.from({ length: 200 }, (_, step) => frameOf([3, 8], normals(6, step), { step }));
    for (const frame of frames) observer.add(frame);
    const [lithium, oxygen] = massesOf([3, 8]) as unknown as [number, number];
    const relative = frames.map(({ positions }) =>
      Array.from({ length: 6 }, (_, i) => {
        const center = (lithium * positions[i % 3]! + oxygen * positions[3 + (i % 3)]!) / (lithium + oxygen);
        return positions[i]! - center;
      }),
    );
    const [times, values] = [column(observer.result(), 'time'), column(observer.result(), 'mean-square displacement')];
    expect(times.slice(13, 18)).toEqual([14, 15, 16, 18, 20]);
    expect(times.at(-1)).toBe(192);
    times.forEach((lag, at) => {
      // Levels above the first see every second, fourth … frame.
      const every = lag < 16 ? 1 : 2 ** Math.floor(Math.log2(lag / 8));
      let [sum, count] = [0, 0];
      for (let to = lag; to < 200; to += 1)
        if (to % every === 0) {
          relative[to]!.forEach((x, i) => (sum += (x - relative[to - lag]![i]!) ** 2 / 2));
          count++;
        }
      expect(values[at]).toBeCloseTo(sum / count, 10);
    });
  });

  test('what is no diffusion is said not to be: free flight, a crystal, a short run, wrapped positions', () => {
    const notes = (place: (step: number, i: number) => number, frames = 400): string => {
      const observer = new MeanSquareDisplacement();
      for (let step = 0; step < frames; step++)
        observer.add(
          frameOf(
            [3, 3, 3],
            Float64Array.from({ length: 9 }, (_, i) => place(step, i)),
            { step, cell: cubic(10) },
          ),
        );
      return observer.result().notes.join('; ');
    };
    expect(notes((step, i) => step * (i - 4))).toMatch(/grows as time to the power of 2\.00, not of 1/);
    expect(notes((step, i) => normals(9, step)[i]!)).toMatch(/to the power of -?0\.\d\d, not of 1/);
    expect(notes((step, i) => step * i, 9)).toMatch(/too short for a diffusion coefficient/);
    expect(notes((step, i) => (i === 0 ? (0.1 * step) % 10 : i))).toMatch(
      /^the drift.*; in 3 of 400 frames an atom goes farther than half the cell/,
    );
  });

  test('a crystal of a short run, whose displacement grows by chance as time does, has no coefficient', () => {
    const observer = new MeanSquareDisplacement();
    for (const frame of walk(30, 200, 0.02)) observer.add(frame);
    const { quantities, notes, tables } = observer.result();
    expect(quantities).toEqual([]);
    expect(tables[0]!.columns.map(({ name }) => name)).toEqual(['time', 'mean-square displacement']);
    expect(notes.join()).toMatch(/from 40 to 160 fs atoms go 0\.1\d Å, less than the 1 Å that lead to another place/);
  });

  test('what a cell carries with it as it grows and is sheared is no motion', () => {
    const cellAt = (step: number): Float64Array =>
      Float64Array.of(9 + Math.sin(step), 0, 0, 0.5 * Math.cos(0.7 * step), 9, 0, 0, 0, 8.5 + 0.005 * step);
    const carried = (positions: ArrayLike<number>, cell: Float64Array): Float64Array =>
      Float64Array.from({ length: positions.length }, (_, i) =>
        [0, 1, 2].reduce((sum, k) => sum + (positions[3 * Math.floor(i / 3) + k]! * cell[3 * k + (i % 3)]!) / 9, 0),
      );
    const [still, moving, alone] = [0, 0, 0].map(() => new MeanSquareDisplacement());
    const places = anywhere(20, 0, cubic(9));
    for (const frame of walk(20, 200, 0.1)) {
      const cell = cellAt(frame.step);
      const at = (positions: ArrayLike<number>): Frame => ({ ...frame, positions, cell, pbc: [true, true, true] });
      still!.add(at(carried(places, cell)));
      moving!.add(
        at(
          carried(
            places.map((x, i) => x + frame.positions[i]!),
            cell,
          ),
        ),
      );
      alone!.add(frame);
    }
    const values = (observer: MeanSquareDisplacement): number[] =>
      column(observer.result(), 'mean-square displacement');
    values(still!).forEach((value) => expect(value).toBeLessThan(1e-20));
    // Steps are a part of the cell, of which each vector is as long as in the mean but for some per cent.
    const wanted = values(alone!);
    values(moving!)
      .slice(0, 20)
      .forEach((value, i) => expect(Math.abs(value / wanted[i]! - 1)).toBeLessThan(0.1));
    expect(moving!.result().notes[0]).toMatch(/taken out, and so is what the changing cell carries with it$/);
  });

  test('frames out of step are refused', () => {
    const observer = new MeanSquareDisplacement({ element: 'Li' });
    const at = (time: number, numbers = [3]): Frame =>
      frameOf(numbers, new Float64Array(3 * numbers.length), { step: time, time });
    observer.add(at(0));
    expect(() => observer.add(at(0))).toThrow('msd:Li: the frame of step 0 is of 0 fs, and the one before of 0 fs.');
    observer.add(at(2));
    expect(() => observer.add(at(5))).toThrow(
      '3 fs lie between the frame of step 5 and the one before; expected 2 fs, as before.',
    );
    expect(() => observer.add(at(4, [3, 3]))).toThrow('the frame of step 4 has 2 atoms; expected 1, as before.');
  });
});

describe('vacf', () => {
  const speed = (wavenumber: number, step: number): number => Math.cos(2 * Math.PI * 299792458e-13 * wavenumber * step);
  /** Momenta of oscillators along x, Å/fs times the mass. */
  const oscillating = (numbers: readonly number[], wavenumbers: readonly number[], step: number): Frame =>
    frameOf(numbers, new Float64Array(3 * numbers.length), {
      step,
      momenta: Float64Array.from({ length: 3 * numbers.length }, (_, i) =>
        i % 3 === 0 ? (massesOf(numbers)[i / 3]! * speed(wavenumbers[i / 3]!, step)) / femtosecond : 0,
      ),
    });

  test('oscillators have peaks at their wavenumbers, weighted by mass, and the whole spectrum is one', () => {
    const observer = new VelocityAutocorrelation();
    for (let step = 0; step < 6000; step++) observer.add(oscillating([1, 8], [3657, 1000], step));
    const result = observer.result();
    const [wavenumbers, densities] = [column(result, 'wavenumber', 1), column(result, 'density of states', 1)];
    const around = (center: number): number =>
      densities.reduce((sum, density, k) => (Math.abs(wavenumbers[k]! - center) < 100 ? sum + density : sum), 0);
    const peak = (from: number, to: number): number => {
      const range = densities.map((density, k) => (wavenumbers[k]! > from && wavenumbers[k]! < to ? density : -1));
      return wavenumbers[range.indexOf(Math.max(...range))]!;
    };
    const resolution = wavenumbers[1]!;
    expect(resolution).toBeLessThan(8.2);
    expect(Math.abs(peak(3000, 4000) - 3657)).toBeLessThan(resolution);
    expect(Math.abs(peak(500, 1500) - 1000)).toBeLessThan(resolution);
    const [hydrogen, oxygen] = massesOf([1, 8]) as unknown as [number, number];
    expect((around(1000) / around(3657)) * (hydrogen / oxygen)).toBeCloseTo(1, 1);
    const frequencies = column(result, 'frequency', 1);
    const integral = densities.reduce((sum, density, k) => sum + density * frequencies[1]! * (k === 0 ? 0.5 : 1), 0);
    expect(integral).toBeCloseTo(1, 3);
    // ⟨v(0)·v(t)⟩ = ½cos ωt of each.
    const correlation = column(result, 'velocity autocorrelation');
    expect(Math.abs(correlation[0]! - 0.5)).toBeLessThan(0.02);
    [10, 100, 500].forEach((time) =>
      expect(Math.abs(correlation[time]! - (speed(3657, time) + speed(1000, time)) / 4)).toBeLessThan(0.02),
    );
    expect(column(result, 'normalized')[0]).toBe(1);
  });

  test('one element alone; frames that are too far apart are said to be', () => {
    const observer = new VelocityAutocorrelation({ element: 'O', longest: 128 });
    for (let step = 0; step < 400; step++)
      observer.add({ ...oscillating([1, 8], [3657, 1000], 5 * step), time: 5 * step });
    const result = observer.result();
    expect(result.notes.join()).toMatch(
      /frames every 5 fs show vibrations up to 3336 cm⁻¹: faster ones appear at wrong, lower places/,
    );
    const densities = column(result, 'density of states', 1);
    const at = densities.indexOf(Math.max(...densities));
    expect(Math.abs(column(result, 'wavenumber', 1)[at]! - 1000)).toBeLessThan(60);
    expect(() => new VelocityAutocorrelation({ longest: 40 })).toThrow(/40 frames; expected a multiple of 128/);
    const still = new VelocityAutocorrelation();
    for (let step = 0; step < 40; step++) still.add(frameOf([1], [0, 0, 0], { step }));
    expect(still.result().notes).toEqual([
      expect.stringMatching(/^velocities of 3 times are followed, .* few to average over/),
      'the run is too short, or nothing moves: there is no spectrum',
    ]);
  });
});
