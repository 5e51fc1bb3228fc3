/**
 * The reader's allow-list: every Python name that a model file may mention, and what the reader makes of it.
 *
 * A pickle is a program that may name any function. This reader runs none: a name in the list becomes an inert record, or one
 * of the few conversions of `reducers`; a name outside the list ends the reading. To read a new kind of file, add its names here.
 */
import { FormatError, UnsupportedError } from '@mace/core';
import { attribute, dictionary, first, latin1, numpyScalar, set } from './reducers.js';
import { RefusedNameError, untrusted } from './refused-name.js';
import { rebuildParameter, rebuildTensor } from './tensors.js';
import { unsupportedKind } from './unsupported-kinds.js';
import { PickleGlobal, PickleObject, PickleTuple, describe, type PickleValue } from './values.js';

/** Classes whose instances become inert records. */
const recordClasses: Readonly<Record<string, readonly string[]>> = {
  'mace.modules.models': ['MACE', 'ScaleShiftMACE'],
  'mace.modules.blocks': [
    'LinearNodeEmbeddingBlock',
    'RadialEmbeddingBlock',
    'AtomicEnergiesBlock',
    'ScaleShiftBlock',
    'EquivariantProductBasisBlock',
    'LinearReadoutBlock',
    'NonLinearReadoutBlock',
    'NonLinearBiasReadoutBlock',
    'RealAgnosticInteractionBlock',
    'RealAgnosticResidualInteractionBlock',
    'RealAgnosticDensityInteractionBlock',
    'RealAgnosticDensityResidualInteractionBlock',
    'RealAgnosticAttResidualInteractionBlock',
    'RealAgnosticResidualNonLinearInteractionBlock',
  ],
  'mace.modules.radial': [
    'BesselBasis',
    'GaussianBasis',
    'ChebychevBasis',
    'PolynomialCutoff',
    'ZBLBasis',
    'AgnesiTransform',
    'SoftTransform',
    'RadialMLP',
  ],
  'mace.modules.embeddings': ['GenericJointEmbedding'],
  'mace.modules.gate': ['GatedEquivariantBlock'],
  'mace.modules.symmetric_contraction': ['SymmetricContraction', 'Contraction'],
  'mace.modules.irreps_tools': ['reshape_irreps'],
  'mace.modules.wrapper_ops': ['CuEquivarianceConfig', 'OEQConfig'],
  'mace.modules.lora': ['LoRAO3Linear', 'LoRADenseLinear', 'LoRAFCLayer'],
  'mace.calculators.lammps_mace': ['LAMMPS_MACE'],
  'mace.calculators.lammps_mliap_mace': ['LAMMPS_MLIAP_MACE', 'MACEEdgeForcesWrapper', 'MACELammpsConfig'],
  'mace.tools.cg': ['O3_e3nn'],
  'cuequivariance_torch.operations.linear': ['Linear'],
  'cuequivariance_torch.operations.tp_channel_wise': ['ChannelWiseTensorProduct'],
  'cuequivariance_torch.operations.tp_fully_connected': ['FullyConnectedTensorProduct'],
  'cuequivariance_torch.operations.symmetric_contraction': ['SymmetricContraction'],
  'cuequivariance_torch.primitives.segmented_polynomial': ['SegmentedPolynomial'],
  'cuequivariance_torch.primitives.transpose': ['TransposeIrrepsLayout'],
  'cuequivariance.group_theory.equivariant_polynomial': ['EquivariantPolynomial'],
  'cuequivariance.group_theory.irreps_array.irreps': ['Irreps', 'MulIrrep'],
  'cuequivariance.group_theory.irreps_array.irreps_layout': ['IrrepsLayout'],
  'cuequivariance.group_theory.irreps_array.irreps_and_layout': ['IrrepsAndLayout'],
  'cuequivariance.segmented_polynomials.operation': ['Operation'],
  'cuequivariance.segmented_polynomials.path': ['Path'],
  'cuequivariance.segmented_polynomials.segmented_operand': ['SegmentedOperand'],
  'cuequivariance.segmented_polynomials.segmented_polynomial': ['SegmentedPolynomial'],
  'cuequivariance.segmented_polynomials.segmented_tensor_product': ['SegmentedTensorProduct'],
  'cuequivariance.segmented_polynomials.subscripts': ['Subscripts'],
  'e3nn.o3._irreps': ['Irreps', 'Irrep', '_MulIr'],
  'e3nn.o3._linear': ['Linear', 'Instruction'],
  'e3nn.o3._spherical_harmonics': ['SphericalHarmonics'],
  'e3nn.o3._tensor_product._instruction': ['Instruction'],
  'e3nn.o3._tensor_product._tensor_product': ['TensorProduct'],
  'e3nn.o3._tensor_product._sub': ['FullyConnectedTensorProduct', 'ElementwiseTensorProduct'],
  'e3nn.nn._fc': ['FullyConnectedNet', '_Layer'],
  'e3nn.nn._activation': ['Activation'],
  'e3nn.nn._gate': ['Gate', '_Sortcut'],
  'e3nn.nn._extract': ['Extract'],
  'e3nn.math._normalize_activation': ['normalize2mom'],
  'torch.nn.modules.container': ['ModuleList', 'ModuleDict', 'ParameterList', 'Sequential'],
  'torch.nn.modules.linear': ['Linear', 'Identity'],
  'torch.nn.modules.normalization': ['LayerNorm'],
  'torch.nn.modules.activation': ['SiLU', 'Tanh', 'Sigmoid'],
  'torch.nn.modules.sparse': ['Embedding'],
  torch: ['device', 'Size', 'float16', 'float32', 'float64', 'bfloat16', 'int32', 'int64'],
  builtins: ['slice'],
  __builtin__: ['slice'],
  numpy: ['dtype', 'float64', 'float32', 'int64', 'int32', 'ndarray'],
  // The coefficients of compiled polynomials: arrays that nobody reads.
  'numpy.core.multiarray': ['_reconstruct'],
  'numpy._core.multiarray': ['_reconstruct'],
};

/** Functions that appear as values (activations), never called. */
const functionReferences: Readonly<Record<string, readonly string[]>> = {
  'torch.nn.functional': ['silu', 'sigmoid', 'tanh'],
  'torch._C._nn': ['silu'],
  torch: ['tanh', 'abs', 'sigmoid'],
  'torch._C': ['_VariableFunctionsClass'],
  'torch.fx._symbolic_trace': ['Tracer'],
};

/** Element types of storages. */
const storageTypes = [
  'DoubleStorage',
  'FloatStorage',
  'HalfStorage',
  'BFloat16Storage',
  'LongStorage',
  'IntStorage',
  'ShortStorage',
  'CharStorage',
  'ByteStorage',
  'BoolStorage',
];

type Reducer = (args: readonly PickleValue[], name: string) => PickleValue;

/** The callables whose result is data: what the reader computes in their place. */
const reducers: ReadonlyMap<string, Reducer> = new Map<string, Reducer>([
  ['collections.OrderedDict', dictionary],
  ['__builtin__.dict', dictionary],
  ['builtins.dict', dictionary],
  ['__builtin__.set', set],
  ['builtins.set', set],
  ['_codecs.encode', latin1],
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_parameter', rebuildParameter],
  ['torch._utils._rebuild_parameter_with_state', rebuildParameter],
  ['torch.jit._pickle.restore_type_tag', first],
  ['torch.jit._pickle.build_intlist', first],
  ['torch.jit._pickle.build_doublelist', first],
  ['torch.jit._pickle.build_boollist', first],
  ['torch.jit._pickle.build_tensorlist', first],
  ['numpy.core.multiarray.scalar', numpyScalar],
  ['numpy._core.multiarray.scalar', numpyScalar],
  ['__builtin__.getattr', attribute],
  ['builtins.getattr', attribute],
  // Source text of traced contractions. Not needed: the reader knows what they compute.
  ['torch.fx.graph_module.reduce_graph_module', () => null],
]);

const records = qualifiedNames(recordClasses);
const functions = qualifiedNames(functionReferences);
const storages = new Set(storageTypes.map((name) => `torch.${name}`));
const torchScriptName = /^__torch__(\.[A-Za-z_][A-Za-z0-9_]*)+$/;

/**
 * The label for a name, if the list has it.
 * @param position - byte offset in the stream, for the message
 * @throws RefusedNameError for a name outside the list, UnsupportedError for a kind of model that cannot be evaluated
 */
export function admit(module: string, name: string, position: number): PickleGlobal {
  const global = new PickleGlobal(module, name);
  const qualified = global.qualifiedName;
  // The class names of a TorchScript file are the file's own; what they say is the Python name behind `__torch__.`.
  const plain = pythonName(global);
  const kind = records.has(qualified) ? undefined : unsupportedKind(plain);
  if (kind)
    throw new UnsupportedError(
      'model',
      `This file holds ${kind.what}: it names \`${printable(plain)}\`. Only MACE and ScaleShiftMACE models in e3nn form can be evaluated. ${kind.remedy}`,
    );
  if (
    records.has(qualified) ||
    functions.has(qualified) ||
    storages.has(qualified) ||
    reducers.has(qualified) ||
    torchScriptName.test(qualified)
  )
    return global;
  if (module.startsWith('mace.'))
    throw new RefusedNameError(
      qualified,
      `The file holds a part that mace-torch 0.3.16 does not have, or that no energy model has: \`${printable(qualified)}\` (at byte ${position} of data.pkl). It is from a fork or a later version, or was made to mislead. Nothing was executed. ` +
        'Open a model that an unmodified mace-torch saved; if that is one, please open an issue that names its source.',
    );
  throw new RefusedNameError(
    qualified,
    `The file asks for the Python name \`${printable(qualified)}\` (at byte ${position} of data.pkl), which no MACE model needs. Nothing was executed. ` +
      'Do not open this file with PyTorch unless you trust who made it; if it is a genuine MACE model, please open an issue that names its source.',
  );
}

/** What a call of an allowed name stands for. @throws FormatError */
export function reduce(callable: PickleValue, args: readonly PickleValue[]): PickleValue {
  if (!(callable instanceof PickleGlobal))
    throw new FormatError(`The file calls ${describe(callable)}, which is not a name. ${untrusted}`);
  const reducer = reducers.get(callable.qualifiedName);
  if (reducer) return reducer(args, callable.qualifiedName);
  if (records.has(callable.qualifiedName)) return new PickleObject(callable, new PickleTuple(args));
  throw new FormatError(
    `The file calls \`${printable(callable.qualifiedName)}\`, which is only allowed as a value. ${untrusted}`,
  );
}

/** A new instance of an allowed class. @throws FormatError */
export function instantiate(type: PickleValue, args: readonly PickleValue[]): PickleValue {
  if (!(type instanceof PickleGlobal))
    throw new FormatError(`The file makes an instance of ${describe(type)}, which is not a class. ${untrusted}`);
  if (type.module.startsWith('__torch__')) return new PickleObject(type, new PickleTuple(args));
  return reduce(type, args);
}

/** Whether a storage class, and which. */
export function isStorageType(value: PickleValue | undefined): value is PickleGlobal {
  return value instanceof PickleGlobal && storages.has(value.qualifiedName);
}

/** `__torch__.a.b.___torch_mangle_7.C` → `a.b.C`; other names unchanged. */
export function pythonName(global: PickleGlobal): string {
  return global.qualifiedName.replace(/^__torch__\./, '').replace(/\.___torch_mangle_\d+/g, '');
}

function printable(name: string): string {
  const shown = name.length > 120 ? `${name.slice(0, 120)}…` : name;
  return shown.replace(/[^\x20-\x7e…]/g, '?').replaceAll('`', "'");
}

function qualifiedNames(lists: Readonly<Record<string, readonly string[]>>): ReadonlySet<string> {
  return new Set(Object.entries(lists).flatMap(([module, names]) => names.map((name) => `${module}.${name}`)));
}
