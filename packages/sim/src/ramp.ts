/** Quantities that change while a run goes on: linear for so many steps, then constant. */
import { refuse } from './refuse.js';

/** A number, or one that goes from one value to another over so many steps and then stays there. */
export type Ramp = number | { readonly from: number; readonly to: number; readonly steps: number };

/** The value at a step: that of step 0 is `from`, and from `steps` on it is `to`. */
export function valueAt(ramp: Ramp, step: number): number {
  if (typeof ramp === 'number') return ramp;
  return step >= ramp.steps ? ramp.to : ramp.from + (ramp.to - ramp.from) * (step / ramp.steps);
}

/** @throws UnsupportedError (`option`) for a value that `fits` refuses, or numbers of steps that are none */
export function checkRamp(name: string, ramp: Ramp, fits: (value: number) => boolean, expected: string): void {
  if (typeof ramp !== 'object' || ramp === null) {
    if (typeof ramp !== 'number' || !fits(ramp)) refuse(name, ramp, `${expected}, or { from, to, steps }`);
    return;
  }
  for (const end of ['from', 'to'] as const)
    if (typeof ramp[end] !== 'number' || !fits(ramp[end])) refuse(`${name}.${end}`, ramp[end], expected);
  if (!(Number.isSafeInteger(ramp.steps) && ramp.steps > 0))
    refuse(`${name}.steps`, ramp.steps, 'a whole number of steps above 0');
}
