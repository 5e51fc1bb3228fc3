/**
 * Whether what was told of a run, by `--like`, is true of its checkpoint: whatever both say has to agree. The average number
 * of neighbors is in no checkpoint, so a model of another run would give other energies without a word.
 */
import { FormatError, type MaceConfig, type Tensor } from '@mace/core';
import { quoteJson } from './quote.js';

type Weights = Readonly<Record<string, Tensor>>;
/** Ranks of LoRA adapters by layer. */
type Ranks = Readonly<Record<string, number>>;

/** Settings that have no effect where there is one layer. */
const ofLaterLayers: readonly (keyof MaceConfig)[] = ['gate', 'mlpIrreps', 'readoutClass', 'interaction'];
/** What the precision of a copy may change. */
const copies: readonly (keyof MaceConfig)[] = ['storedPrecision', 'activationConstants', 'useReducedCg'];
/** Buffers that training leaves as they are. */
const constants = [
  'atomic_energies_fn.atomic_energies',
  'scale_shift.scale',
  'scale_shift.shift',
  'radial_embedding.cutoff_fn.r_max',
];

/** @throws FormatError that lists each difference with both values */
export function checkSameRun(
  own: { readonly config: MaceConfig; readonly weights: Weights; readonly ranks: Ranks },
  told: { readonly config: Partial<MaceConfig>; readonly weights?: Weights; readonly ranks?: unknown },
): void {
  const settings = settingsThatDiffer(own.config, told.config);
  // Isolated-atom energies of other elements are no energies to compare.
  const constants = settings.some((text) => text.startsWith('atomicNumbers'))
    ? []
    : constantsThatDiffer(own, told.weights);
  const differences = [...settings, ...constants, ...ranksThatDiffer(own.ranks, told.ranks)];
  if (differences.length > 0)
    throw new FormatError(
      `What was given with \`--like\` is not of the run of this checkpoint: ${differences.slice(0, 5).join('; ')}${differences.length > 5 ? `; and ${differences.length - 5} more` : ''}. Give a model or settings of the same run: what no tensor shows, such as the average number of neighbors, would be wrong too.`,
    );
}

function settingsThatDiffer(own: MaceConfig, told: Partial<MaceConfig>): string[] {
  return (Object.keys(told) as (keyof MaceConfig)[]).flatMap((name) => {
    if (copies.includes(name) || (own.numInteractions === 1 && ofLaterLayers.includes(name))) return [];
    // One value stands for all layers.
    if (name === 'avgNumNeighbors' && told.avgNumNeighbors!.length === 1) return [];
    const [a, b] = [own[name], told[name]];
    // Of one layer today's mace-torch keeps the first block.
    if (name === 'hiddenIrreps' && own.numInteractions === 1 && told.hiddenIrreps!.startsWith(`${own.hiddenIrreps}+`))
      return [];
    return agree(a, b) ? [] : [`${name} is ${quoteJson(a)} in the checkpoint, ${quoteJson(b)} there`];
  });
}

function constantsThatDiffer(
  { config, weights }: { config: MaceConfig; weights: Weights },
  told: Weights = {},
): string[] {
  return constants.flatMap((name) => {
    const [a, b] = [weights[name]?.data, told[name]?.data];
    if (!a || !b || (a.length === b.length && a.every((value, i) => near(value, b[i]!)))) return [];
    const at = a.length === b.length ? a.findIndex((value, i) => !near(value, b[i]!)) : 0;
    const which = name.endsWith('atomic_energies')
      ? ` of Z = ${config.atomicNumbers[at % config.atomicNumbers.length]}`
      : '';
    return [`${name}${which} is ${a[at]} in the checkpoint, ${b[at]} there`];
  });
}

/** A model without adapters is that of before the training, or after the merge; one with some has those of the checkpoint. */
function ranksThatDiffer(own: Ranks, told: unknown): string[] {
  if (typeof told !== 'object' || told === null) return [];
  const there = told as Ranks;
  const rankOf = (ranks: Ranks, layer: string): number | undefined =>
    Object.hasOwn(ranks, layer) ? ranks[layer] : undefined;
  const text = (rank: number | undefined): string => (rank === undefined ? 'absent' : `of rank ${rank}`);
  return [...new Set([...Object.keys(own), ...Object.keys(there)])].flatMap((layer) => {
    const [a, b] = [rankOf(own, layer), rankOf(there, layer)];
    return a === b ? [] : [`the LoRA adapter of ${layer} is ${text(a)} in the checkpoint, ${text(b)} there`];
  });
}

function agree(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return near(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => agree(item, b[i]));
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Equal up to the rounding of single precision. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b));
}
