/**
 * Steps along a line to where energy and slope have fallen enough: Moré, Thuente, ACM Trans. Math. Softw. 20, 286 (1994), whose safeguards
 * and trial values (section 4) have here the numbers of `ase.utils.linesearch` (ASE 3.29).
 */

/** How much energy and slope fall: equations 1.1 and 1.2. */
const [enoughEnergy, enoughSlope] = [0.23, 0.46];
const [shortest, farthest, tolerance] = [1e-8, 50, 1e-14];

/** A point of the line. */
export interface Trial {
  readonly step: number;
  readonly energy: number;
  /** Derivative of the energy by the step. */
  readonly slope: number;
}

/** A search that goes on: it waits for the trial at `step`. */
export interface LineSearch {
  readonly step: number;
  readonly start: Trial;
  readonly best: Trial;
  /** The other end of the interval, which has a minimum in it where `isBracketed`. */
  readonly other: Trial;
  readonly isBracketed: boolean;
  readonly from: number;
  readonly to: number;
  /** Of the interval, the last time and the time before. */
  readonly widths: readonly [number, number];
  /** The largest change of a step. */
  readonly longest: number;
}

/** @param longest - by which a step may change at once @returns undefined where the line does not lead down */
export function startSearch(energy: number, slope: number, longest: number): LineSearch | undefined {
  if (!(slope < 0)) return undefined;
  const start = { step: 0, energy, slope };
  const widths = [farthest - shortest, 2 * (farthest - shortest)] as const;
  const step = Math.min(1, longest);
  return { step, start, best: start, other: start, isBracketed: false, from: 0, to: 5, widths, longest };
}

/** What follows from a trial: `found`, `failed`, or the search with its next step. */
export function continueSearch(search: LineSearch, trial: Trial): LineSearch | 'found' | 'failed' {
  const { start, longest } = search;
  const { step, energy, slope } = trial;
  const isLow = energy <= start.energy + enoughEnergy * step * start.slope;
  if (isLow && Math.abs(slope) <= -enoughSlope * start.slope) return 'found';
  if (search.isBracketed && (step <= search.from || step >= search.to)) return 'failed';
  if (search.isBracketed && search.to - search.from <= tolerance * search.to) return 'failed';
  if (step === farthest && isLow && slope <= enoughEnergy * start.slope) return 'failed';
  if (step === shortest && !(isLow && slope < enoughEnergy * start.slope)) return 'failed';

  const { wanted, best, other, isBracketed } = narrowed(search, trial);
  let next = limited(wanted, step, longest);
  let { widths, from, to } = search;
  if (isBracketed) {
    const width = Math.abs(other.step - best.step);
    if (width >= 0.66 * widths[1]) next = best.step + 0.5 * (other.step - best.step);
    widths = [width, widths[0]];
    from = Math.min(best.step, other.step);
    to = Math.max(best.step, other.step);
  } else {
    from = next + 1.1 * (next - best.step);
    to = next + 4 * (next - best.step);
  }
  next = Math.min(Math.max(next, shortest), farthest);
  if ((isBracketed && (next < from || to - from < tolerance * to)) || next >= to) next = best.step;
  return { ...search, step: next, best, other, isBracketed, from, to, widths };
}

/** The interval with a trial in it, and the step that interpolation wants. */
function narrowed(
  { best, other, isBracketed, from, to }: LineSearch,
  trial: Trial,
): Pick<LineSearch, 'best' | 'other' | 'isBracketed'> & { readonly wanted: number } {
  // Higher: the minimum lies between.
  if (trial.energy > best.energy) {
    const quadratic = quadraticMinimum(best, trial);
    const cubic = cubicMinimum(best, trial) ?? quadratic;
    const isCubic = Math.abs(cubic - best.step) < Math.abs(quadratic - best.step);
    return { wanted: isCubic ? cubic : cubic + (quadratic - cubic) / 2, best, other: trial, isBracketed: true };
  }
  const secant = trial.step + (trial.slope / (trial.slope - best.slope)) * (best.step - trial.step);
  // Lower, and beyond the minimum.
  if (trial.slope * Math.sign(best.slope) < 0) {
    const cubic = cubicMinimum(trial, best) ?? secant;
    const isCubic = Math.abs(cubic - trial.step) > Math.abs(secant - trial.step);
    return { wanted: isCubic ? cubic : secant, best: trial, other: best, isBracketed: true };
  }
  const isForward = trial.step > best.step;
  // Lower, and less steep: the cubic may have no minimum ahead.
  if (Math.abs(trial.slope) < Math.abs(best.slope)) {
    const minimum = cubicMinimum(trial, best);
    const isAhead = minimum !== undefined && (minimum - trial.step) * (best.step - trial.step) < 0;
    const cubic = isAhead ? minimum : isForward ? to : from;
    const isNearer = Math.abs(cubic - trial.step) < Math.abs(secant - trial.step);
    const chosen = isNearer === isBracketed ? cubic : secant;
    if (!isBracketed) return { wanted: Math.max(from, Math.min(to, chosen)), best: trial, other, isBracketed };
    const border = trial.step + 0.66 * (other.step - trial.step);
    return { wanted: isForward ? Math.min(border, chosen) : Math.max(border, chosen), best: trial, other, isBracketed };
  }
  // Lower, and no less steep.
  const wanted = (isBracketed ? cubicMinimum(trial, other) : undefined) ?? (isForward ? to : from);
  return { wanted, best: trial, other, isBracketed };
}

/** Of the cubic through two trials; undefined where it has none. */
function cubicMinimum(a: Trial, b: Trial): number | undefined {
  const theta = (3 * (a.energy - b.energy)) / (b.step - a.step) + a.slope + b.slope;
  const scale = Math.max(Math.abs(theta), Math.abs(a.slope), Math.abs(b.slope));
  const root = scale * Math.sqrt(Math.max(0, (theta / scale) ** 2 - (a.slope / scale) * (b.slope / scale)));
  if (!(root > 0)) return undefined;
  const gamma = b.step < a.step ? -root : root;
  return a.step + ((gamma - a.slope + theta) / (gamma - a.slope + gamma + b.slope)) * (b.step - a.step);
}

/** Of the parabola with the energies of both and the slope of the first. */
function quadraticMinimum(a: Trial, b: Trial): number {
  const chord = (a.energy - b.energy) / (b.step - a.step) + a.slope;
  return a.step + (a.slope / chord / 2) * (b.step - a.step);
}

/** No farther from the last step than `longest`. */
function limited(step: number, last: number, longest: number): number {
  return last + Math.max(-longest, Math.min(longest, step - last));
}
