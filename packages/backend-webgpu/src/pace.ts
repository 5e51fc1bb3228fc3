/**
 * How much work is given to the device at a time. A page that draws, and the watchdog of a driver, want their turn: long work goes
 * in several submits, of about 30 ms each on this device.
 */

const secondsASubmit = 0.03;
/** Multiply-adds, about. */
const firstGuess = 2e8;
const [least, most] = [1e6, 1e12];

export class Pace {
  #perSubmit: number;

  /** @param fixed - work of a submit, in place of what is measured */
  constructor(private readonly fixed?: number) {
    this.#perSubmit = fixed ?? firstGuess;
  }

  /** Work of one submit. */
  get perSubmit(): number {
    return this.#perSubmit;
  }

  /** Told what a run took. Short ones say more of what surrounds them than of the device. */
  measured(work: number, seconds: number): void {
    if (this.fixed !== undefined || seconds < secondsASubmit / 2) return;
    const now = (work / seconds) * secondsASubmit;
    this.#perSubmit = Math.min(Math.max((this.#perSubmit + now) / 2, least), most);
  }
}

/** A part of the threads of a dispatch. */
export interface Piece {
  readonly first: number;
  readonly threads: number;
}

/** Threads in pieces of at most so much work, each a whole number of workgroups. */
export function pieces(threads: number, workOfThread: number, mostWork: number, workgroup: number): Piece[] {
  const whole = Math.max(Math.floor(mostWork / Math.max(workOfThread, 1) / workgroup), 1) * workgroup;
  return Array.from({ length: Math.ceil(threads / whole) }, (_, i) => ({
    first: i * whole,
    threads: Math.min(whole, threads - i * whole),
  }));
}
