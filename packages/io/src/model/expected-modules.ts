/**
 * The modules that a configuration asks for, by upstream's paths and classes, and what each of them states: irreps, widths,
 * flags. `statements.ts` compares a file with them.
 */
import type { MaceConfig } from '@mace/core';
import { parseIrreps, sphericalHarmonicsIrreps, type IrrepBlock } from '@mace/core/equivariant';
import { layerConfigs, readoutConfigs } from '@mace/core/model';
import { linearMaps, linearSize, messagePaths, radialWidths, skipOutput } from './expected-weights.js';

/** A module that has to be there, and what it states. Attributes that a file lacks were not there in its version. */
export interface Statement {
  readonly path: string;
  /** Last part of the name of the class. */
  readonly classes: readonly string[];
  readonly attributes?: Readonly<Record<string, Expected>>;
  /** Attributes without which mace-torch computes something else. */
  readonly needed?: readonly string[];
  /** Buffers without which mace-torch cannot compute; our graph would take defaults. */
  readonly tensors?: readonly string[];
  /** The modules that it has, where every one more would be computed with. */
  readonly only?: readonly string[];
  /** Attributes that upstream leaves None. */
  readonly none?: readonly string[];
}

/** Irreps are given as blocks. */
export type Expected = number | boolean | string | readonly number[] | { readonly irreps: readonly IrrepBlock[] };

/** Every module of a model of this configuration, and what it states. */
export function* statementsOf(config: MaceConfig): Generator<Statement> {
  yield {
    path: '',
    classes: [config.model],
    attributes: { apply_cutoff: config.applyCutoff, pair_repulsion: config.pairRepulsion },
    // Upstream adds the repulsion where this attribute exists.
    needed: config.pairRepulsion ? ['pair_repulsion'] : [],
  };
  for (const [path, { input, output }] of linearMaps(config))
    yield {
      path,
      classes: ['Linear'],
      attributes: {
        irreps_in: irreps(input),
        irreps_out: irreps(output),
        weight_numel: linearSize(input, output),
        internal_weights: true,
        shared_weights: true,
      },
    };
  yield { path: 'node_embedding', classes: ['LinearNodeEmbeddingBlock'] };
  yield { path: 'atomic_energies_fn', classes: ['AtomicEnergiesBlock'] };
  if (config.model === 'ScaleShiftMACE') yield { path: 'scale_shift', classes: ['ScaleShiftBlock'] };
  if (config.pairRepulsion)
    yield { path: 'pair_repulsion_fn', classes: ['ZBLBasis'], tensors: ['p', 'covalent_radii'] };
  yield {
    path: 'spherical_harmonics',
    classes: ['SphericalHarmonics'],
    attributes: {
      irreps_out: irreps(harmonicsOf(config)),
      normalize: true,
      normalization: 'component',
      _lmax: config.maxEll,
    },
  };
  yield* embeddingStatements(config);
  yield* radialStatements(config);
  yield* layerStatements(config);
  yield* readoutStatements(config);
}

function* embeddingStatements(config: MaceConfig): Generator<Statement> {
  if (config.embeddings.length === 0) return;
  yield { path: 'joint_embedding', classes: ['GenericJointEmbedding'] };
  for (const { name, type, numClasses, embeddingSize } of config.embeddings) {
    const path = `joint_embedding.embedders.${name}`;
    if (type === 'categorical') {
      const attributes = { num_embeddings: numClasses!, embedding_dim: embeddingSize };
      yield { path, classes: ['Embedding'], attributes, none: ['max_norm'] };
      continue;
    }
    yield { path, classes: ['Sequential'], only: ['0', '1', '2'] };
    for (const [k, kind] of ['Linear', 'SiLU', 'Linear'].entries()) yield { path: `${path}.${k}`, classes: [kind] };
  }
  yield { path: 'joint_embedding.project', classes: ['Sequential'], only: ['0', '1'] };
  for (const [k, kind] of ['Linear', 'SiLU'].entries()) yield { path: `joint_embedding.project.${k}`, classes: [kind] };
}

function* radialStatements(config: MaceConfig): Generator<Statement> {
  const size = config.radialBasisSize;
  yield {
    path: 'radial_embedding',
    classes: ['RadialEmbeddingBlock'],
    attributes: { out_dim: size, apply_cutoff: config.applyCutoff },
    needed: config.applyCutoff ? [] : ['apply_cutoff'],
  };
  yield { path: 'radial_embedding.cutoff_fn', classes: ['PolynomialCutoff'], tensors: ['p', 'r_max'] };
  if (config.distanceTransform !== 'None')
    yield {
      path: 'radial_embedding.distance_transform',
      classes: [`${config.distanceTransform}Transform`],
      tensors: ['covalent_radii'],
    };
  const [kind, attributes]: readonly [string, Record<string, Expected>] = {
    bessel: ['BesselBasis', {}] as const,
    gaussian: ['GaussianBasis', { coeff: -0.5 / (config.cutoff / (size - 1)) ** 2 }] as const,
    chebyshev: ['ChebychevBasis', { num_basis: size, r_max: config.cutoff }] as const,
  }[config.radialBasis];
  yield {
    path: 'radial_embedding.bessel_fn',
    classes: [kind],
    tensors: kind === 'BesselBasis' ? ['prefactor'] : [],
    attributes,
    needed: Object.keys(attributes).filter((name) => name !== 'r_max'),
  };
}

function* layerStatements(config: MaceConfig): Generator<Statement> {
  const elements: readonly IrrepBlock[] = [{ multiplicity: config.atomicNumbers.length, irrep: { l: 0, p: 1 } }];
  const harmonics = harmonicsOf(config);
  for (const layer of layerConfigs(config)) {
    const scope = `interactions.${layer.index}`;
    const paths = messagePaths(config, layer);
    yield {
      path: scope,
      classes: [layer.interaction],
      attributes: {
        node_attrs_irreps: irreps(elements),
        node_feats_irreps: irreps(layer.input),
        edge_attrs_irreps: irreps(harmonics),
        edge_feats_irreps: irreps([{ multiplicity: config.radialBasisSize, irrep: { l: 0, p: 1 } }]),
        target_irreps: irreps(layer.target),
        hidden_irreps: irreps(layer.hidden),
        irreps_out: irreps(layer.target),
        edge_irreps: irreps(layer.edge),
        radial_MLP: config.radialMlp,
      },
    };
    yield {
      path: `${scope}.conv_tp`,
      classes: ['TensorProduct', 'ChannelWiseTensorProduct', 'SegmentedPolynomial'],
      attributes: {
        irreps_in1: irreps(layer.edge),
        irreps_in2: irreps(harmonics),
        irreps_out: irreps(paths),
        weight_numel: paths.reduce((n, { multiplicity }) => n + multiplicity, 0),
        internal_weights: false,
        shared_weights: false,
      },
    };
    yield {
      path: `${scope}.reshape`,
      classes: ['reshape_irreps'],
      attributes: {
        irreps: irreps(layer.target),
        dims: layer.target.map(({ irrep }) => 2 * irrep.l + 1),
        muls: layer.target.map(({ multiplicity }) => multiplicity),
      },
    };
    const skip = skipOutput(layer);
    if (skip)
      yield {
        path: `${scope}.skip_tp`,
        classes: ['FullyConnectedTensorProduct'],
        attributes: {
          irreps_in1: irreps(skip.input),
          irreps_in2: irreps(elements),
          irreps_out: irreps(skip.output),
          weight_numel: elements[0]!.multiplicity * linearSize(skip.input, skip.output),
          internal_weights: true,
          shared_weights: true,
        },
      };
    if (layer.interaction === 'RealAgnosticResidualNonLinearInteractionBlock')
      yield { path: `${scope}.equivariant_nonlin`, classes: ['GatedEquivariantBlock', 'Gate'] };
    for (const [name, widths] of Object.entries(radialWidths(config, layer)))
      yield* networkStatements(`${scope}.${name}`, widths, layer.interaction.includes('NonLinear'));
    yield* productStatements(config, layer.index);
  }
}

/** Radial networks: e3nn's without biases, or upstream's with layer norms. */
function* networkStatements(path: string, widths: readonly number[], normalized: boolean): Generator<Statement> {
  const last = widths.length - 2;
  const count = normalized ? 3 * last + 1 : last + 1;
  const only = Array.from({ length: count }, (_, k) => (normalized ? String(k) : `layer${k}`));
  if (normalized) yield { path: `${path}.net`, classes: ['Sequential'], only };
  yield {
    path,
    classes: [normalized ? 'RadialMLP' : 'FullyConnectedNet'],
    attributes: { hs: widths },
    only: normalized ? ['net'] : only,
  };
  for (let k = 0; k <= last; k++) {
    if (!normalized) {
      yield {
        path: `${path}.layer${k}`,
        classes: ['_Layer'],
        attributes: { h_in: widths[k]!, h_out: widths[k + 1]!, var_in: 1, var_out: 1 },
        only: k < last ? ['act'] : [],
      };
      if (k < last) yield { path: `${path}.layer${k}.act`, classes: ['normalize2mom'] };
      continue;
    }
    yield { path: `${path}.net.${3 * k}`, classes: ['Linear'] };
    if (k === last) continue;
    yield {
      path: `${path}.net.${3 * k + 1}`,
      classes: ['LayerNorm'],
      attributes: { eps: 1e-5, normalized_shape: [widths[k + 1]!] },
    };
    yield { path: `${path}.net.${3 * k + 2}`, classes: ['SiLU'] };
  }
}

function* productStatements(config: MaceConfig, index: number): Generator<Statement> {
  const layer = layerConfigs(config)[index]!;
  yield {
    path: `products.${index}`,
    classes: ['EquivariantProductBasisBlock'],
    attributes: { use_sc: layer.useSkip, use_agnostic_product: config.useAgnosticProduct },
    needed: config.useAgnosticProduct ? ['use_sc', 'use_agnostic_product'] : ['use_sc'],
  };
  const scope = `products.${index}.symmetric_contractions`;
  yield {
    path: scope,
    classes: ['SymmetricContraction'],
    attributes: { irreps_in: irreps(layer.target), irreps_out: irreps(layer.hidden) },
  };
  for (const k of layer.hidden.keys()) {
    const path = `${scope}.contractions.${k}`;
    yield {
      path,
      classes: ['Contraction'],
      attributes: {
        correlation: layer.correlation,
        num_features: layer.target[0]!.multiplicity,
        coupling_irreps: irreps(layer.target.map(({ irrep }) => ({ multiplicity: 1, irrep }))),
      },
    };
    for (const part of ['contractions_weighting', 'contractions_features'])
      yield { path: `${path}.${part}`, classes: ['ModuleList'] };
  }
}

function* readoutStatements(config: MaceConfig): Generator<Statement> {
  const heads = config.heads.length;
  if (config.useEmbeddingReadout) yield { path: 'embedding_readout', classes: ['LinearReadoutBlock'] };
  for (const { index, readout } of readoutConfigs(config)) {
    const path = `readouts.${index}`;
    if (readout === 'LinearReadoutBlock') {
      yield { path, classes: [readout] };
      continue;
    }
    const width = parseIrreps(config.mlpIrreps).reduce((n, { multiplicity }) => n + multiplicity, 0);
    yield {
      path,
      classes: [readout],
      attributes: {
        hidden_irreps: irreps([{ multiplicity: heads * width, irrep: { l: 0, p: 1 } }]),
        num_heads: heads,
      },
      // Without it upstream does not mask the other heads.
      needed: heads > 1 ? ['num_heads'] : [],
    };
    const gated = irreps([{ multiplicity: heads * width, irrep: { l: 0, p: 1 } }]);
    yield {
      path: `${path}.non_linearity`,
      classes: ['Activation'],
      attributes: { irreps_in: gated, irreps_out: gated },
    };
    yield { path: `${path}.non_linearity.acts`, classes: ['ModuleList'] };
    if (config.gate !== 'None') yield { path: `${path}.non_linearity.acts.0`, classes: ['normalize2mom'] };
  }
}

function harmonicsOf(config: MaceConfig): IrrepBlock[] {
  return sphericalHarmonicsIrreps(config.maxEll, config.useSo3);
}

function irreps(blocks: readonly IrrepBlock[]): { readonly irreps: readonly IrrepBlock[] } {
  return { irreps: blocks };
}
