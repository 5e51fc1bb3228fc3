import { describe, expect, it } from 'vitest';
import { activationConstants } from './activation.js';

const functions: Record<keyof typeof activationConstants, (x: number) => number> = {
  silu: (x) => x / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  abs: Math.abs,
};

describe('activationConstants', () => {
  it.each(Object.keys(functions) as (keyof typeof functions)[])(
    '%s: within the error of 10⁶ samples of the integral, and not equal to it',
    (name) => {
      const f = functions[name];
      const [step, range] = [1e-3, 10];
      let [second, fourth] = [0, 0];
      for (let x = -range; x <= range; x += step) {
        const density = (Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)) * step;
        second += f(x) ** 2 * density;
        fourth += f(x) ** 4 * density;
      }
      const exact = second ** -0.5;
      const error = (Math.sqrt((fourth - second ** 2) / 1e6) / second) * 0.5 * exact;
      const difference = Math.abs(activationConstants[name] - exact);
      expect(difference).toBeLessThan(4 * error);
      expect(difference).toBeGreaterThan(1e-5);
    },
  );
});
