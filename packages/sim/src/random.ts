/**
 * Random numbers by counting: each is a function of the seed, the structure, the step, the atom and what it is for, and of nothing that
 * was drawn before. So a trajectory has the same numbers alone, in any batch, and after a restart.
 *
 * Philox 4x32 with 10 rounds: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011).
 */

import { refuse } from './refuse.js';

/** What numbers are drawn for: uses of one step do not share any. `own` is for ensembles of yours. */
export const purpose = { velocities: 1, thermostat: 2, barostat: 3, own: 4 } as const;
export type Purpose = (typeof purpose)[keyof typeof purpose];

/** The random numbers of one structure. */
export class RandomStream {
  readonly #words = new Uint32Array(4);

  /**
   * @param seed - a whole number from 0 to 2⁵³ − 1
   * @param structure - which one it is among all of a run, however they are batched
   */
  constructor(
    readonly seed: number,
    readonly structure: number,
  ) {
    for (const [name, value] of Object.entries({ seed, structure }))
      if (!Number.isSafeInteger(value) || value < 0)
        refuse(name, value, 'a whole number from 0 on, of which random numbers follow');
  }

  /** Numbers of a normal distribution with variance 1, for one atom at one step [out.length]. */
  normal(out: Float64Array, step: number, atom: number, use: Purpose): Float64Array {
    for (let i = 0; i < out.length; i += 2) {
      const [one, two] = this.uniform(step, atom, use, i / 2);
      // Box and Muller; the first is above zero.
      const radius = Math.sqrt(-2 * Math.log(one));
      out[i] = radius * Math.cos(2 * Math.PI * two);
      if (i + 1 < out.length) out[i + 1] = radius * Math.sin(2 * Math.PI * two);
    }
    return out;
  }

  /** Two numbers of the uniform distribution, above 0 and below 1; others for each `draw` up to 2²⁴. */
  uniform(step: number, atom: number, use: Purpose, draw = 0): readonly [number, number] {
    const words = this.#words;
    words[0] = step;
    words[1] = Math.floor(step / 2 ** 32);
    words[2] = atom;
    words[3] = use * 2 ** 24 + draw;
    philox(words, (this.seed % 2 ** 32) ^ Math.imul(Math.floor(this.seed / 2 ** 32), 0x9e3779b9), this.structure);
    return [unit(words[0], words[1]), unit(words[2], words[3])];
  }
}

/** The middle of one of 2⁵² equal parts of 0 to 1. */
function unit(high: number, low: number): number {
  return (high * 2 ** 20 + (low >>> 12) + 0.5) * 2 ** -52;
}

const [multiplier0, multiplier1] = [0xd2511f53, 0xcd9e8d57];
const [weyl0, weyl1] = [0x9e3779b9, 0xbb67ae85];

/** Ten rounds on a counter of four words, in place. */
export function philox(counter: Uint32Array, key0: number, key1: number): void {
  let [a, b, c, d] = counter as unknown as [number, number, number, number];
  let [k0, k1] = [key0 >>> 0, key1 >>> 0];
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = [highOfProduct(multiplier0, a), Math.imul(multiplier0, a)];
    const [high1, low1] = [highOfProduct(multiplier1, c), Math.imul(multiplier1, c)];
    [a, b, c, d] = [(high1 ^ b ^ k0) >>> 0, low1 >>> 0, (high0 ^ d ^ k1) >>> 0, low0 >>> 0];
    k0 = (k0 + weyl0) >>> 0;
    k1 = (k1 + weyl1) >>> 0;
  }
  counter[0] = a;
  counter[1] = b;
  counter[2] = c;
  counter[3] = d;
}

/** The upper 32 bits of a product of two whole numbers of 32 bits. */
function highOfProduct(x: number, y: number): number {
  const [x0, x1, y0, y1] = [x & 0xffff, x >>> 16, y & 0xffff, y >>> 16];
  const middle = x1 * y0 + ((x0 * y0) >>> 16);
  return x1 * y1 + Math.floor(middle / 65536) + Math.floor((x0 * y1 + (middle % 65536)) / 65536);
}
