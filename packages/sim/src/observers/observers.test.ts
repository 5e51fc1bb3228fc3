/** How observers are written, and what a restart in the middle of them gives. */
import { describe, expect, test } from 'vitest';
import { purpose } from '../random.js';
import { cubic, frameOf, normals } from '../testing/frames.js';
import {
  MeanSquareDisplacement,
  parseObservers,
  RadialDistribution,
  VelocityAutocorrelation,
  type Observer,
} from './index.js';

describe('spelling', () => {
  test('observers are made from a text, and spell themselves', () => {
    const text = 'rdf:O-O, rdf:O-H:4.5,rdf,msd,msd:Li,vacf:H,bond:0-1,bond:O-H,density';
    expect(parseObservers(text).map(({ spelling }) => spelling)).toEqual(text.split(/, ?/));
    expect(parseObservers('')).toEqual([]);
  });

  test.each([
    ['rfd:O-O', 'There is no observer "rfd"; expected rdf, msd, vacf, bond, density. The nearest is rdf.'],
    ['densty', /The nearest is density\.$/],
    ['temperature', /expected rdf, msd, vacf, bond, density\. The nearest/],
    ['rdf:O', 'The observer "rdf:O" is not understood; write rdf, rdf:O-O, or with a radius in Å rdf:O-O:6.'],
    ['bond', /write bond:0-1 for two atoms/],
    ['msd:li', 'There is no element "li"; expected a symbol such as Li.'],
    ['rdf:O-Q', /There is no element "Q"; expected a symbol such as H or Cl/],
    ['rdf:O-O:0', /the radius or the width is 0; expected a length above 0/],
    ['density:1', /write density\.$/],
    ['msd,msd', 'The observer msd stands twice. Name it once.'],
    ['constructor', /There is no observer "constructor"/],
  ])('%s is refused', (text, message) => expect(() => parseObservers(text)).toThrow(message));
});

describe('restarts', () => {
  const frames = Array.from({ length: 131 }, (_, step) =>
    frameOf(
      [8, 1, 1, 8],
      normals(12, step).map((x, i) => 0.1 * x + [0, 0, 0, 0.9, 0, 0, 0, 0.9, 0, 3, 3, 3][i]!),
      {
        step,
        cell: cubic(9 + 0.01 * (step % 7)),
        momenta: normals(12, step, purpose.thermostat),
      },
    ),
  );
  const fed = (observer: Observer, from: number, to: number): Observer => {
    for (const frame of frames.slice(from, to)) observer.add(frame);
    return observer;
  };

  test.each(parseObservers('rdf,rdf:O-H,msd,msd:O,vacf,bond:0-1,bond:O-H,density'))(
    '$spelling goes on to the same bits',
    ({ create }) => {
      const whole = fed(create(), 0, 131);
      for (const cut of [0, 1, 17, 65]) {
        const saved = structuredClone(fed(create(), 0, cut).state());
        const twice = create(structuredClone(create(saved).state()));
        const again = fed(twice, cut, 131);
        expect(again.state(), String(cut)).toEqual(whole.state());
        expect(again.result()).toEqual(whole.result());
      }
    },
  );

  test('the state of other settings or other atoms is refused', () => {
    const saved = fed(new RadialDistribution({ width: 0.1 }), 0, 3).state();
    expect(() => new RadialDistribution({ width: 0.2 }, saved)).toThrow(
      /rdf: counts of the saved state has 100 numbers; expected 50/,
    );
    const vacf = fed(new VelocityAutocorrelation({ longest: 128 }), 0, 3).state();
    expect(() => new VelocityAutocorrelation({}, vacf)).toThrow(
      /vacf: sums of the saved state has 129 numbers; expected 2049/,
    );
    const msd = new MeanSquareDisplacement({}, fed(new MeanSquareDisplacement(), 0, 3).state());
    expect(() => msd.add(frameOf([8, 1], new Float64Array(6), { step: 3 }))).toThrow(
      /has 2 atoms; expected 4, as before/,
    );
  });
});
