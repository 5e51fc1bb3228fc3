/**
 * From a module tree to the configuration of a MACE: upstream's constructor arguments, read back from the attributes and
 * classes of the modules. Attributes that older versions did not have get the behaviour of those versions (spec 9.8).
 */
import { FormatError, UnsupportedError, type MaceConfig } from '@mace/core';
import { countOf, formatIrreps, maxDegree, type IrrepBlock } from '@mace/core/equivariant';
import {
  interactionClasses,
  readoutClasses,
  type DistanceTransform,
  type GateName,
  type InteractionClass,
  type RadialBasis,
  type ReadoutClass,
} from '@mace/core/model';
import { activationConstantsOf, activationOf } from './activations.js';
import { Attributes, itemsOf, wrong } from './attributes.js';
import { embeddingSpecs } from './embedding-specs.js';
import { irrepsOf } from './irreps-text.js';
import { findModule, listModules, type ModuleNode } from './module-tree.js';
import { tensorType } from './pickle/tensors.js';
import { quoteJson } from './quote.js';
import type { TorchArchive } from './torch-archive.js';

/** @throws FormatError, UnsupportedError */
export function configOf(root: ModuleNode, archive: TorchArchive): MaceConfig {
  const read = new Attributes(archive.tensors);
  const interactions = listModules(root, 'interactions');
  const products = listModules(root, 'products');
  const readouts = listModules(root, 'readouts');
  const [first, last] = [interactions[0], interactions.at(-1)];
  if (!first || !last || products.length !== interactions.length) {
    throw new FormatError(
      `The model has ${interactions.length} interactions and ${products.length} products; expected one product for each interaction. ${archive.kind === 'torchscript' ? 'It was frozen or traced: open the .model file from which it was made' : 'The file is damaged'}.`,
    );
  }
  const heads = headsOf(root, archive, read);
  const hidden = irrepsOf(first.attributes.get('hidden_irreps'), 'interactions.0.hidden_irreps');
  const harmonics = irrepsOf(first.attributes.get('edge_attrs_irreps'), 'interactions.0.edge_attrs_irreps');
  const edgeIrreps = root.attributes.get('edge_irreps');
  return {
    model: root.className as 'MACE' | 'ScaleShiftMACE',
    storedPrecision: storedPrecision(root),
    atomicNumbers: read.numbers(root, 'atomic_numbers') ?? missing('atomic_numbers'),
    heads,
    cutoff:
      read.number(root, 'r_max') ??
      read.number(required(root, 'radial_embedding.cutoff_fn'), 'r_max') ??
      missing('r_max'),
    ...radialOf(root, read),
    applyCutoff: read.flag(root, 'apply_cutoff') ?? true,
    pairRepulsion: root.children.has('pair_repulsion_fn'),
    maxEll: maxDegree(harmonics),
    numInteractions: interactions.length,
    interactionFirst: classOf(first, interactionClasses),
    interaction: laterInteraction(interactions),
    hiddenIrreps: formatIrreps(hidden),
    edgeIrreps:
      edgeIrreps === undefined || edgeIrreps === null ? null : formatIrreps(irrepsOf(edgeIrreps, 'edge_irreps')),
    useEdgeIrrepsFirst: read.flag(root, 'use_edge_irreps_first') ?? false,
    correlation: products.map((product) => correlationOf(product, read)),
    radialMlp: radialMlp(first, read),
    ...lastReadout(readouts, interactions.length, heads.length, archive),
    useSo3: read.flag(root, 'use_so3') ?? harmonics.some(({ irrep }) => irrep.l === 1 && irrep.p === 1),
    useAgnosticProduct: read.flag(root, 'use_agnostic_product') ?? false,
    useLastReadoutOnly: read.flag(root, 'use_last_readout_only') ?? (interactions.length > 1 && readouts.length === 1),
    keepLastLayerIrreps: keepsIrreps(last, hidden),
    useReducedCg: read.flag(root, 'use_reduced_cg') ?? false,
    embeddings: embeddingSpecs(root),
    useEmbeddingReadout: root.children.has('embedding_readout'),
    avgNumNeighbors: interactions.map((node) => averageNeighbors(node, read)),
    activationConstants: activationConstantsOf(root, archive),
  };
}

function missing(what: string): never {
  throw new FormatError(
    `The model has no ${what}, neither as a buffer nor as an attribute. The file is damaged, or not from mace-torch.`,
  );
}

function required(root: ModuleNode, path: string): ModuleNode {
  return findModule(root, path) ?? missing(`module ${path}`);
}

function classOf<Name extends string>(node: ModuleNode, known: readonly Name[]): Name {
  const found = known.find((name) => name === node.className);
  if (found) return found;
  throw new UnsupportedError(
    'model',
    `${node.path} is a ${node.className}, which cannot be evaluated; known are ${known.join(', ')}. Use a model built from these blocks.`,
  );
}

function laterInteraction(interactions: readonly ModuleNode[]): InteractionClass {
  const classes = interactions.map((node) => classOf(node, interactionClasses));
  const later = classes[1] ?? classes[0]!;
  const odd = classes.findIndex((name, i) => i > 0 && name !== later);
  if (odd > 0)
    throw new UnsupportedError(
      'model',
      `interactions.${odd} is a ${classes[odd]}, interactions.1 a ${later}; upstream builds all layers after the first alike. Use an unmodified model.`,
    );
  return later;
}

function headsOf(root: ModuleNode, archive: TorchArchive, read: Attributes): string[] {
  // Wrappers for LAMMPS give a model without names the head None.
  const unnamed = itemsOf(root.attributes.get('heads'));
  if (unnamed?.length === 1 && unnamed[0] === null) return ['Default'];
  const named = read.texts(root, 'heads');
  if (named && named.length > 0 && new Set(named).size === named.length) return named;
  if (named)
    throw new FormatError(
      `The model's heads are ${quoteJson(named.slice(0, 10))}; expected at least one, and no name twice. The file is damaged.`,
    );
  const energies = required(root, 'atomic_energies_fn').tensors.get('atomic_energies');
  const rows = energies && energies.shape.length > 1 ? energies.shape[0]! : 1;
  // Before 0.3.7 there was one head and no name for it.
  if (rows === 1) return ['Default'];
  throw new FormatError(
    `The model has isolated-atom energies for ${rows} heads but no list of head names (${archive.kind}). Save it again with mace-torch 0.3.7 or later.`,
  );
}

function radialOf(
  root: ModuleNode,
  read: Attributes,
): Pick<MaceConfig, 'radialBasis' | 'radialBasisSize' | 'cutoffPower' | 'distanceTransform'> {
  const basis = required(root, 'radial_embedding.bessel_fn');
  const known: Readonly<Record<string, readonly [RadialBasis, string]>> = {
    BesselBasis: ['bessel', 'bessel_weights'],
    GaussianBasis: ['gaussian', 'gaussian_weights'],
    ChebychevBasis: ['chebyshev', 'n'],
  };
  const [radialBasis, weights] =
    (Object.hasOwn(known, basis.className) ? known[basis.className] : undefined) ?? unknownPart(basis);
  const transform = findModule(root, 'radial_embedding.distance_transform');
  return {
    radialBasis,
    radialBasisSize: basis.tensors.get(weights)?.shape.at(-1) ?? missing(`tensor ${basis.path}.${weights}`),
    cutoffPower:
      read.number(required(root, 'radial_embedding.cutoff_fn'), 'p') ??
      missing('cutoff exponent radial_embedding.cutoff_fn.p'),
    distanceTransform: transform ? transformOf(transform) : 'None',
  };
}

function transformOf(node: ModuleNode): DistanceTransform {
  if (node.className === 'AgnesiTransform') return 'Agnesi';
  if (node.className !== 'SoftTransform') return unknownPart(node);
  if (node.tensors.has('alpha')) return 'Soft';
  throw new UnsupportedError(
    'model',
    `${node.path} is a SoftTransform of mace-torch 0.3.10 or older (it has a and b, not alpha). Its formula was replaced; current mace-torch cannot evaluate it either. Train the model again, or use mace-torch 0.3.10.`,
  );
}

function unknownPart(node: ModuleNode): never {
  throw new UnsupportedError(
    'model',
    `${node.path} is a ${node.className}, which is not known. Use a model built by mace-torch; if this one is, please open an issue.`,
  );
}

function correlationOf(product: ModuleNode, read: Attributes): number {
  const contraction = findModule(product, 'symmetric_contractions.contractions.0');
  if (!contraction) {
    const flat = findModule(product, 'symmetric_contractions');
    const degree = flat?.tensors.has('weight') ? read.number(flat, 'contraction_degree') : undefined;
    return degree ?? missing(`module ${product.path}.symmetric_contractions.contractions.0`);
  }
  const orders = [...contraction.tensors.keys()].filter((name) => /^U_matrix_\d+$/.test(name));
  if (orders.length === 0)
    throw new FormatError(`${contraction.path} has no U_matrix. The file is damaged, or not from mace-torch.`);
  return orders.length;
}

function radialMlp(first: ModuleNode, read: Attributes): number[] {
  const widths = read.numbers(first, 'radial_MLP') ?? [64, 64, 64];
  if (widths.length <= 16 && widths.every((n) => Number.isSafeInteger(n) && n > 0)) return widths;
  throw wrong(first, 'radial_MLP', 'at most 16 layer widths', first.attributes.get('radial_MLP'));
}

type LastReadout = Pick<MaceConfig, 'mlpIrreps' | 'gate' | 'readoutClass'>;

function lastReadout(
  readouts: readonly ModuleNode[],
  layers: number,
  heads: number,
  archive: TorchArchive,
): LastReadout {
  const last = readouts.at(-1);
  if (!last || (readouts.length !== layers && readouts.length !== 1)) {
    throw new FormatError(
      `The model has ${readouts.length} readouts for ${layers} layers; expected ${layers} or 1. The file is damaged.`,
    );
  }
  for (const node of readouts.slice(0, -1)) classOf(node, ['LinearReadoutBlock']);
  const readoutClass: ReadoutClass = classOf(last, readoutClasses);
  // Of one layer only a linear readout is left; the arguments for the other kind have no effect.
  if (readoutClass === 'LinearReadoutBlock')
    return { mlpIrreps: '16x0e', gate: 'silu', readoutClass: layers === 1 ? 'NonLinearReadoutBlock' : readoutClass };
  const width = countOf(irrepsOf(last.attributes.get('hidden_irreps'), `${last.path}.hidden_irreps`), { l: 0, p: 1 });
  if (width % heads !== 0)
    throw new FormatError(
      `${last.path}.hidden_irreps has ${width} scalars, no multiple of the ${heads} heads. The file is damaged.`,
    );
  return { mlpIrreps: `${width / heads}x0e`, gate: gateOf(last, archive), readoutClass };
}

function gateOf(readout: ModuleNode, archive: TorchArchive): GateName {
  const acts = findModule(readout, 'non_linearity.acts') ?? missing(`module ${readout.path}.non_linearity.acts`);
  const activation = acts.children.get('0');
  // The gate None is an entry that is None; TorchScript has no entry then.
  if (!activation && (acts.absent.has('0') || (archive.kind === 'torchscript' && acts.children.size === 0)))
    return 'None';
  if (!activation || acts.children.size !== 1) return missing(`single activation ${acts.path}.0`);
  const { name } = activationOf(activation, archive);
  if (name !== 'sigmoid') return name;
  throw new UnsupportedError(
    'model',
    `${readout.path} has the gate sigmoid; upstream offers silu, tanh, abs and None. Use a model with one of these.`,
  );
}

/** Of one layer, mace-torch before 0.3.15 kept all irreps; today's keeps the first block, which is then all that is stored. */
function keepsIrreps(last: ModuleNode, hidden: readonly IrrepBlock[]): boolean {
  if (hidden.length === 1) return false;
  return (
    formatIrreps(irrepsOf(last.attributes.get('hidden_irreps'), `${last.path}.hidden_irreps`)) === formatIrreps(hidden)
  );
}

function averageNeighbors(node: ModuleNode, read: Attributes): number {
  const value = read.number(node, 'avg_num_neighbors');
  if (value !== undefined && value > 0) return value;
  throw new FormatError(
    `${node.path}.avg_num_neighbors is ${value ?? 'missing'}; expected a positive number. The file is damaged.`,
  );
}

function storedPrecision(root: ModuleNode): 'f64' | 'f32' {
  const weight =
    findModule(root, 'node_embedding.linear')?.tensors.get('weight') ?? missing('tensor node_embedding.linear.weight');
  return tensorType(weight) === 'Double' ? 'f64' : 'f32';
}
