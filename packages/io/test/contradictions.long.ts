/** 300 models made contradictory by one change: each is refused, or on the list of changes that change nothing, with the reason. */
import { expect, test } from 'vitest';
import { readModel } from '../src/model/index.js';
import { contradicted, contradictedOwn } from './contradictions.js';
import { oracleModel, seeded } from './hostile/build.js';

/** Changes that are no contradiction, or that neither mace-torch nor this program computes with. */
const harmless: readonly (readonly [change: RegExp, reason: string])[] = [
  [
    /\.output_mask |\.bias (cut|removed)$|conv_tp\._buffers\.weight /,
    'empty tensors and masks that follow from the irreps',
  ],
  [/_zeroed (cut|removed)$/, 'flags that only conversions to cuequivariance read'],
  [/\.(instructions|bias_numel|_in\d_dim)\b/, 'e3nn runs code that was compiled from the irreps, which are checked'],
  [/^_buffers\.(r_max|num_interactions) removed$/, 'repeated by the cut-off function, and by the number of modules'],
  [
    /^weight (r_max|num_interactions|atomic_numbers|\S+\.(r_max|p)) remove$/,
    'repeated by the settings of our own format',
  ],
  [/covalent_radii (cut|shorter|longer)$/, 'a table of all elements that still has those of the model'],
  [
    /(products|interactions|readouts|contractions|weights|acts|embedders|project|net) class$|weights\._size /,
    'lists by another name',
  ],
  [/symmetric_contractions\.internal_weights/, 'read where weights come from outside only'],
  [/spherical_harmonics\.(irreps_in|_is_range_lmax|_ls_list)/, 'its output irreps are checked'],
  [
    /\.(scale_grad_by_freq|norm_type|in_features|out_features|inplace|elementwise_affine|base_dim|out_dim) /,
    'sizes that the weights have, and settings of training',
  ],
  [
    /avg_num_neighbors|avgNumNeighbors|^config (gate|applyCutoff|activationConstants|heads)|embedding_specs\.|^heads /,
    'the only statement of it',
  ],
  [/cst (number|removed)$|^config (distanceTransform|mlpIrreps)/, 'the only statement of it'],
  [
    /^(lammps_mliap|use_edge_irreps_first|use_reduced_cg) flag$|^config (useReducedCg|useEdgeIrrepsFirst) /,
    'without effect on this model',
  ],
];

/** Parities have no effect on one layer of scalars whose couplings are in the file. */
const onlyHere = new Set(['layers-1: config useSo3 true']);

test('300 models that contradict themselves', async () => {
  const random = seeded(20);
  const names = [
    'layers-3',
    'layers-1',
    'float32-agnesi-zbl',
    'block-nonlinear-residual',
    'readout-bias-two-heads',
    'embedding-readout',
    'radial-gaussian',
    'radial-chebyshev',
    'edge-irreps-first',
    'agnostic-product',
  ];
  const models = await Promise.all(names.map((name) => readModel(oracleModel(name))));
  const counts = { refused: 0, harmless: 0 };
  const silent: string[] = [];
  for (let i = 0; i < 300; i++) {
    const k = i % names.length;
    const { change, error } = i % 3 === 2 ? contradictedOwn(models[k]!, random) : contradicted(names[k]!, random);
    if (error !== null) counts.refused++;
    else if (harmless.some(([pattern]) => pattern.test(change)) || onlyHere.has(`${names[k]}: ${change}`))
      counts.harmless++;
    else silent.push(`${names[k]}: ${change}`);
  }
  expect(silent).toEqual([]);
  expect(counts.refused).toBeGreaterThan(180);
  console.log(counts);
});
