/**
 * The irreps of every layer, from the configuration. Follows upstream's `modules/models.py` (MACE.__init__).
 */
import {
  formatIrreps,
  parseIrreps,
  simplifyIrreps,
  sortIrreps,
  sphericalHarmonicsIrreps,
  type IrrepBlock,
} from '../equivariant/index.js';
import { invariant } from '../errors.js';
import type { InteractionClass, MaceConfig, ReadoutClass } from './config.js';

export interface LayerConfig {
  readonly index: number;
  readonly interaction: InteractionClass;
  readonly input: readonly IrrepBlock[];
  /** After `linear_up`. */
  readonly edge: readonly IrrepBlock[];
  readonly target: readonly IrrepBlock[];
  readonly hidden: readonly IrrepBlock[];
  readonly correlation: number;
  readonly avgNumNeighbors: number;
  /** Whether a skip connection is added after the product. */
  readonly useSkip: boolean;
}

/** One readout: which layer it reads and how. */
export interface ReadoutConfig {
  readonly index: number;
  readonly layer: number;
  readonly readout: ReadoutClass;
}

/** Irreps of the edge harmonics: parity (−1)^l, or even with `useSo3`. */
export function harmonicIrreps(config: MaceConfig): IrrepBlock[] {
  return sphericalHarmonicsIrreps(config.maxEll, config.useSo3);
}

/** Number of channels: multiplicity of 0e in the hidden irreps. */
export function channelCount(config: MaceConfig): number {
  return parseIrreps(config.hiddenIrreps).reduce(
    (n, { multiplicity, irrep }) => n + (irrep.l === 0 && irrep.p === 1 ? multiplicity : 0),
    0,
  );
}

export function layerConfigs(config: MaceConfig): LayerConfig[] {
  const hidden = parseIrreps(config.hiddenIrreps);
  const channels = channelCount(config);
  const scalars: IrrepBlock[] = [{ multiplicity: channels, irrep: { l: 0, p: 1 } }];
  const harmonics = harmonicIrreps(config);
  const firstTarget = times(harmonics, channels);
  const hasPseudoscalars = hidden.some(({ irrep }) => irrep.l === 0 && irrep.p === -1);
  const bothParities = parseIrreps(Array.from({ length: config.maxEll + 1 }, (_, l) => `1x${l}e+1x${l}o`).join('+'));
  const target = hasPseudoscalars ? times(bothParities, channels) : firstTarget;
  const edge = config.edgeIrreps === null ? null : parseIrreps(config.edgeIrreps);
  const firstOnly = hidden.slice(0, 1);
  return Array.from({ length: config.numInteractions }, (_, index): LayerConfig => {
    const first = index === 0;
    const last = index === config.numInteractions - 1;
    const interaction = first ? config.interactionFirst : config.interaction;
    const input = first ? scalars : hidden;
    const edgeFirst = edge && config.useEdgeIrrepsFirst ? scalarsOf(edge) : input;
    return {
      index,
      interaction,
      input,
      edge: first ? edgeFirst : (edge ?? input),
      target: first ? firstTarget : target,
      hidden: last && !config.keepLastLayerIrreps ? firstOnly : hidden,
      correlation: config.correlation[index]!,
      avgNumNeighbors: config.avgNumNeighbors[index]!,
      useSkip: !first || interaction.includes('Residual'),
    };
  });
}

export function readoutConfigs(config: MaceConfig): ReadoutConfig[] {
  const lastLayer = config.numInteractions - 1;
  const readouts: Omit<ReadoutConfig, 'index'>[] = [];
  for (let layer = 0; layer <= lastLayer; layer++) {
    if (layer > 0 && layer === lastLayer) readouts.push({ layer, readout: config.readoutClass });
    else if (!config.useLastReadoutOnly) readouts.push({ layer, readout: 'LinearReadoutBlock' });
  }
  invariant(readouts.length > 0, 'a model without a readout was not refused.');
  return readouts.map((readout, index) => ({ ...readout, index }));
}

/** Width of the last readout per head. */
export function readoutWidth(config: MaceConfig): number {
  return parseIrreps(config.mlpIrreps).reduce((n, { multiplicity }) => n + multiplicity, 0);
}

/** Whether features of these blocks share one number of channels. */
export function uniformMultiplicity(blocks: readonly IrrepBlock[]): number {
  const [first] = blocks;
  invariant(
    first && blocks.every((block) => block.multiplicity === first.multiplicity),
    `features ${formatIrreps([...blocks])} have unequal multiplicities.`,
  );
  return first.multiplicity;
}

function times(blocks: readonly IrrepBlock[], channels: number): IrrepBlock[] {
  return simplifyIrreps(
    sortIrreps(blocks.map(({ multiplicity, irrep }) => ({ multiplicity: multiplicity * channels, irrep }))),
  );
}

function scalarsOf(blocks: readonly IrrepBlock[]): IrrepBlock[] {
  const multiplicity = blocks.reduce((n, b) => n + (b.irrep.l === 0 && b.irrep.p === 1 ? b.multiplicity : 0), 0);
  return [{ multiplicity, irrep: { l: 0, p: 1 } }];
}

/** Number of features of each layer, invariant ones (0e) first, for cutting descriptors. */
export function descriptorLayers({
  config,
}: {
  readonly config: MaceConfig;
}): { readonly size: number; readonly invariants: number }[] {
  return layerConfigs(config).map(({ hidden }) => ({
    size: hidden.reduce((n, { multiplicity, irrep }) => n + multiplicity * (2 * irrep.l + 1), 0),
    invariants: hidden[0]!.multiplicity,
  }));
}
