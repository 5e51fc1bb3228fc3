/** Observers as people write them: `rdf:O-O,msd,vacf:H,bond:0-1,density`. */
import { UnsupportedError } from '@mace/core';
import { chemicalSymbols } from '@mace/core/structure';
import { nearest } from '../refuse.js';
import { BondLengths, type BondPair } from './bond-lengths.js';
import { Density } from './density.js';
import { MeanSquareDisplacement } from './mean-square-displacement.js';
import type { Observer, ObserverState } from './observer.js';
import { RadialDistribution } from './radial-distribution.js';
import { VelocityAutocorrelation } from './velocity-autocorrelation.js';

/** An observer to be: made at the start of a run, or from what a restart file has of it. */
export interface ObserverPlan {
  /** As the observer spells itself; what its state is kept under. */
  readonly spelling: string;
  readonly create: (state?: ObserverState) => Observer;
}

interface Kind {
  /** How it may be written. */
  readonly usage: string;
  /** Undefined where the words behind the name mean nothing. @throws UnsupportedError (`option`) for an unknown element */
  readonly parse: (words: readonly string[]) => ((state?: ObserverState) => Observer) | undefined;
}

const kinds: Readonly<Record<string, Kind>> = {
  rdf: {
    usage: 'rdf, rdf:O-O, or with a radius in Å rdf:O-O:6',
    parse: ([pair, radius, ...more]) => {
      const elements = pair === undefined ? undefined : elementPair(pair);
      if (elements === null || more.length > 0 || !(radius === undefined || /^\d+(\.\d+)?$/.test(radius)))
        return undefined;
      const options = { ...(elements && { elements }), ...(radius !== undefined && { radius: Number(radius) }) };
      return (state) => new RadialDistribution(options, state);
    },
  },
  msd: {
    usage: 'msd or msd:Li',
    parse: (words) => ofElement(words, (element, state) => new MeanSquareDisplacement(element, state)),
  },
  vacf: {
    usage: 'vacf or vacf:H',
    parse: (words) => ofElement(words, (element, state) => new VelocityAutocorrelation(element, state)),
  },
  bond: {
    usage: 'bond:0-1 for two atoms (they count from 0), or bond:O-H',
    parse: ([text = '', ...more]) => {
      const atoms = /^(\d{1,9})-(\d{1,9})$/.exec(text);
      const pair: BondPair | null = atoms ? [Number(atoms[1]), Number(atoms[2])] : elementPair(text);
      return pair === null || more.length > 0 ? undefined : (state) => new BondLengths(pair, state);
    },
  },
  density: {
    usage: 'density',
    parse: (words) => (words.length > 0 ? undefined : (state) => new Density(state)),
  },
};

/**
 * Observers, in their order; none for an empty text.
 * @throws UnsupportedError (`option`) for an unknown name, with the nearest known one, for an unknown element, and for one that stands twice
 */
export function parseObservers(text: string): ObserverPlan[] {
  const plans = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map(planOf);
  plans.forEach(({ spelling }, i) => {
    if (plans.findIndex((other) => other.spelling === spelling) < i)
      throw new UnsupportedError('option', `The observer ${spelling} stands twice. Name it once.`);
  });
  return plans;
}

function planOf(item: string): ObserverPlan {
  const [name = '', ...words] = item.split(':');
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (!kind) {
    const names = Object.keys(kinds);
    throw new UnsupportedError(
      'option',
      `There is no observer ${JSON.stringify(name)}; expected ${names.join(', ')}. The nearest is ${nearest(name, names)}.`,
    );
  }
  const create = kind.parse(words);
  if (!create)
    throw new UnsupportedError(
      'option',
      `The observer ${JSON.stringify(item)} is not understood; write ${kind.usage}.`,
    );
  return { spelling: create().spelling, create };
}

function ofElement(
  [element, ...more]: readonly string[],
  make: (options: { readonly element?: string }, state?: ObserverState) => Observer,
): ((state?: ObserverState) => Observer) | undefined {
  if (more.length > 0 || element === '') return undefined;
  const options = element === undefined ? {} : { element: checkedElement(element) };
  return (state) => make(options, state);
}

/** Null where there are no two words. */
function elementPair(text: string): readonly [string, string] | null {
  const [, a, b] = /^([A-Za-z]+)-([A-Za-z]+)$/.exec(text) ?? [];
  return a === undefined || b === undefined ? null : [checkedElement(a), checkedElement(b)];
}

function checkedElement(symbol: string): string {
  if (chemicalSymbols.indexOf(symbol) > 0) return symbol;
  const meant = chemicalSymbols.find((known) => known.toLowerCase() === symbol.toLowerCase());
  throw new UnsupportedError(
    'option',
    `There is no element ${JSON.stringify(symbol)}; expected a symbol such as ${meant ?? 'H or Cl'}.`,
  );
}
