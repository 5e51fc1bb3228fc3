/**
 * What bounds a search for neighbors before it begins: the memory that its edges would take, and the bins that it would look at.
 * Every search asks here, whoever makes it, so no cell is tiny, flat or skewed enough to go on for ever.
 */
import { UnsupportedError } from '../errors.js';
import type { Bins } from './bins.js';
import type { triangular } from './frame.js';
import { refuseSize } from './neighbor-refusals.js';
import type { Structure } from './structure.js';

/** Edges that 32-bit numbers of their components and arrays of today's engines hold. */
const mostEdges = 1e9;
/** Neighbors of an atom, on average: a thousand times as many as any material has, with atoms 0.2 Å apart. */
const mostPerAtom = 1e5;
/** The list, the batch made of it, and what a backend copies. */
export const bytesPerEdge = 128;
/** Free memory that is counted on, whatever an operating system says that keeps files in it. */
const leastFree = 2 ** 30;
/** Runs of bins that a search may look at: some seconds. */
const mostRuns = 5e7;
const mostRunsPerAtom = 200;

/** The most edges of so many atoms that are searched for, with so many bytes free. */
export function maximumEdges(atoms: number, free: number = freeBytes()): number {
  return Math.min(mostEdges, mostPerAtom * atoms, Math.floor(Math.max(free, leastFree) / bytesPerEdge));
}

/** What `freeBytes` found, and when: the platform reads files for it, which takes as long as a small search. */
const asked = { at: -Infinity, free: Infinity };
const askAgainAfter = 100;

/** Memory that this process may still take; without end where the platform does not say. */
function freeBytes(): number {
  const { process } = globalThis as { process?: { availableMemory?: () => number } };
  const now = Date.now();
  if (!(now - asked.at < askAgainAfter && now >= asked.at)) {
    asked.free = process?.availableMemory?.() ?? Infinity;
    asked.at = now;
  }
  return asked.free;
}

/**
 * The number of edges that a search would find, about; what crowds in one bin counts as if it filled it evenly.
 * @param axes - of the frame, from `triangular`, Å
 * @throws UnsupportedError (`size`) for more edges than `maximum`, and for a cell so skewed that its bins cannot be looked at
 */
export function expectedEdges(
  structure: Structure,
  cutoff: number,
  axes: ReturnType<typeof triangular>,
  { counts, starts }: Bins,
  maximum: number,
): number {
  const atoms = structure.numbers.length;
  const sides = [axes[0], axes[3], axes[5]];
  const sphere = (4 / 3) * Math.PI * cutoff ** 3;
  // Beyond atoms that are in no cell there is as much emptiness as the sphere reaches.
  const volume = sides.reduce(
    (product, side, k) => product * (structure.pbc[k] ? side : Math.max(side, 2 * cutoff)),
    1,
  );
  const even = (atoms * atoms * sphere) / volume;
  let pairs = 0;
  for (let bin = 1; bin < starts.length; bin++) pairs += (starts[bin]! - starts[bin - 1]!) ** 2;
  const ofBin = sides.reduce((product, side, k) => (product * side) / counts[k]!, 1);
  const crowded = (pairs - atoms) * Math.min(1, sphere / ofBin / 8);
  if (Math.max(even, crowded) > maximum)
    refuseSize(structure, cutoff, `about ${Math.max(even, crowded).toExponential(2)}`, maximum);
  if (atoms * runsOfBins(cutoff, axes, counts) > mostRuns + mostRunsPerAtom * atoms) refuseSkew(structure, cutoff);
  return even;
}

/** At most so many runs of bins along the third edge are looked at for an atom: in each bin along the first, some of the second. */
function runsOfBins(
  cutoff: number,
  [a0, a1, a2, b1, b2, c2]: ReturnType<typeof triangular>,
  [n0, n1]: Bins['counts'],
): number {
  // In units of the edges, what a bin has inside the sphere; the longer an edge leans over, the more of the next it passes.
  const within0 = Math.min(1 / n0, (2 * cutoff) / a0);
  const within1 = Math.min(1 / n1, (2 * cutoff) / b1);
  const first = (2 * cutoff * n0) / a0 + 1;
  const second = ((2 * cutoff + within0 * Math.abs(a1)) * n1) / b1 + 1;
  const cells = (2 * cutoff + within0 * Math.abs(a2) + within1 * Math.abs(b2)) / c2 + 1;
  return first * second * cells;
}

function refuseSkew({ numbers, cell }: Structure, cutoff: number): never {
  if (cell === null)
    throw new UnsupportedError(
      'size',
      `${numbers.length} atoms without a cell cannot be searched with a cutoff of ${cutoff} Å. Expected one that does not reach far beyond them. Give a shorter cutoff, or a shorter skin.`,
    );
  throw new UnsupportedError(
    'size',
    `The cell of ${numbers.length} atoms is too skewed to be searched: [${Array.from(cell).join(' ')}] Å, with a cutoff of ` +
      `${cutoff} Å. Expected lattice vectors about as long as the cell is wide. Give the reduced cell of the same lattice (Niggli, or Minkowski).`,
  );
}
