/** What every drawn fault is made with: numbers of a seed, sizes and thresholds over orders of magnitude. */
import { Draw } from '@mace/core/generators';

/** Choices of a seed, with the distributions of this generator. None of them is taken from the kit's lists of cases. */
export class FaultDraw extends Draw {
  /** A whole number between two, every order of magnitude as likely as another. */
  size(least: number, largest: number): number {
    return Math.round(this.magnitude(least, largest));
  }

  /** A number between two, every order of magnitude as likely as another. */
  magnitude(least: number, largest: number): number {
    return least * (largest / least) ** this.number();
  }
}

/** A property of a size, and a size that has it. */
export interface SizeRule {
  readonly text: string;
  readonly holds: (size: number) => boolean;
  readonly example: number;
  /** Where a loop that stops too soon would stop. */
  readonly limit: number;
}

/** Beyond a limit, a residue of a block, within a span, or a single size. */
export function drawSizeRule(draw: FaultDraw, largest: number): SizeRule {
  const most = Math.max(largest, 4);
  switch (draw.choose(['beyond', 'beyond', 'beyond', 'residue', 'residue', 'span', 'single'])) {
    case 'beyond': {
      const limit = draw.size(2, most / 1.3);
      return { text: `> ${limit}`, holds: (n) => n > limit, example: limit + draw.size(1, limit / 3 + 2), limit };
    }
    case 'residue': {
      const block = draw.size(2, Math.min(most / 2, 160));
      const rest = draw.integer(block);
      const example = block + rest;
      return {
        text: `a multiple of ${block} and ${rest} more`,
        holds: (n) => n >= block && n % block === rest,
        example,
        limit: block,
      };
    }
    case 'span': {
      const [from, to] = [draw.size(2, most / 2), draw.magnitude(1.3, 3)];
      return {
        text: `from ${from} to ${Math.floor(from * to)}`,
        holds: (n) => n >= from && n <= from * to,
        example: from,
        limit: from - 1,
      };
    }
    default: {
      const single = draw.size(1, Math.min(most, 600));
      return { text: `= ${single}`, holds: (n) => n === single, example: single, limit: single - 1 };
    }
  }
}

/** A property of a number, and numbers that have it. */
export interface NumberRule {
  readonly text: string;
  readonly holds: (x: number) => boolean;
  readonly examples: readonly number[];
  /** What a clamp gives in place of such a number. */
  readonly clamped: number;
}

const specials: readonly NumberRule[] = [
  { text: 'is NaN', holds: Number.isNaN, examples: [NaN], clamped: 0 },
  { text: 'is +∞', holds: (x) => x === Infinity, examples: [Infinity], clamped: Number.MAX_VALUE },
  { text: 'is −∞', holds: (x) => x === -Infinity, examples: [-Infinity], clamped: -Number.MAX_VALUE },
  { text: 'is 0', holds: (x) => x === 0, examples: [0], clamped: 1e-3 },
  { text: 'is a whole number', holds: (x) => Number.isInteger(x), examples: [1, -1, 2, -3, 4], clamped: 0.5 },
];

/** Past a threshold up or down, small, or special. @param span - magnitudes that matter to the function */
export function drawNumberRule(draw: FaultDraw, [least, largest]: readonly [number, number]): NumberRule {
  const threshold = draw.magnitude(least, largest);
  const near = [1.01, 1.3].map((factor) => threshold * factor).filter((x) => x <= largest * 1.31);
  switch (draw.choose(['above', 'above', 'below', 'small', 'special'])) {
    case 'above':
      return { text: `> ${threshold}`, holds: (x) => x > threshold, examples: near, clamped: threshold };
    case 'below':
      return {
        text: `< −${threshold}`,
        holds: (x) => x < -threshold,
        examples: near.map((x) => -x),
        clamped: -threshold,
      };
    case 'small':
      return {
        text: `is smaller than ${threshold} in magnitude`,
        holds: (x) => Math.abs(x) < threshold && x !== 0,
        examples: [threshold / 1.01, threshold / 2, -threshold / 1.01, -threshold / 2],
        clamped: 0,
      };
    default:
      return draw.choose(specials);
  }
}
