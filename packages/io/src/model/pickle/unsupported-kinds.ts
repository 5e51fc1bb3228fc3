/** Names of valid files that this program cannot evaluate: what such a file is, and what to do instead. */

export interface UnsupportedKind {
  /** Qualified name; `*` ends a prefix. */
  readonly name: string;
  readonly what: string;
  readonly remedy: string;
}

/** The kind of file that names this, or undefined. @param name - Python's name, without the prefixes of TorchScript */
export function unsupportedKind(name: string): UnsupportedKind | undefined {
  return kinds.find((kind) => (kind.name.endsWith('*') ? name.startsWith(kind.name.slice(0, -1)) : name === kind.name));
}

const energyModel = 'Use an energy model (MACE or ScaleShiftMACE).';
const ownProgram = 'Use it with the program that made it, or open a model that mace-torch saved.';

const otherActivations = [
  ...['relu', 'relu6', 'leaky_relu', 'elu', 'selu', 'celu', 'mish', 'softsign', 'hardtanh', 'softplus', 'gelu'].map(
    (name) => `torch.nn.functional.${name}`,
  ),
  ...['gelu', 'softplus', 'elu', 'mish', 'leaky_relu'].map((name) => `torch._C._nn.${name}`),
];
const ownGate = 'Use a model whose gate is silu, tanh, abs or None, as upstream offers.';

const kinds: readonly UnsupportedKind[] = (
  [
    ['mace.modules.models.AtomicDipolesMACE', 'a dipole model (AtomicDipolesMACE)', energyModel],
    ['mace.modules.models.EnergyDipolesMACE', 'an energy and dipole model (EnergyDipolesMACE)', energyModel],
    [
      'mace.modules.models.AtomicDielectricMACE',
      'a dipole and polarizability model (AtomicDielectricMACE)',
      energyModel,
    ],
    ['mace.modules.models.BOTNet', 'a BOTNet, which upstream itself no longer reads', 'Train a MACE on the same data.'],
    [
      'mace.modules.models.ScaleShiftBOTNet',
      'a ScaleShiftBOTNet, which upstream itself no longer reads',
      'Train a MACE on the same data.',
    ],
    [
      'mace.modules.extensions.MACELES',
      'a MACELES model, whose long-range energy needs the package `les`',
      'Use a ScaleShiftMACE.',
    ],
    [
      'mace.modules.extensions.PolarMACE',
      'a PolarMACE model, whose electrostatics need the package `graph_longrange`',
      'Use a ScaleShiftMACE.',
    ],
    [
      'mace.modules.blocks.ResidualElementDependentInteractionBlock',
      'a model with ResidualElementDependentInteractionBlock, removed from mace-torch after 0.3.10',
      'Train the model again with a current interaction block.',
    ],
    [
      'mace.modules.blocks.AgnosticNonlinearInteractionBlock',
      'a model with AgnosticNonlinearInteractionBlock, removed from mace-torch after 0.3.10',
      'Train the model again with a current interaction block.',
    ],
    [
      'mace.modules.blocks.AgnosticResidualNonlinearInteractionBlock',
      'a model with AgnosticResidualNonlinearInteractionBlock, removed from mace-torch after 0.3.10',
      'Train the model again with a current interaction block.',
    ],
    [
      'cuequivariance*',
      'a model in the form of a version of cuequivariance that is not known here',
      "Convert it back with upstream's `mace_cueq_to_e3nn` and open the result.",
    ],
    [
      'openequivariance*',
      'a model converted to openequivariance',
      'Convert it back on the machine that made it: python -m mace.cli.convert_oeq_e3nn FILE --output_model OUT --return_model; and open OUT.',
    ],

    [
      'mace.modules.models.MACELES*',
      'a MACELES model, whose long-range energy needs the package `les`',
      'Use a ScaleShiftMACE.',
    ],
    ['les.*', 'a model with long-range energies of the package `les` (MACELES)', 'Use a ScaleShiftMACE.'],
    [
      'graph_longrange.*',
      'a model with the electrostatics of the package `graph_longrange` (PolarMACE)',
      'Use a ScaleShiftMACE.',
    ],
    [
      'torch._dynamo.*',
      'a model inside the wrapper of torch.compile',
      'Save the model itself: torch.save(model._orig_mod, FILE).',
    ],
    [
      'torch.nn.parallel.*',
      'a model inside a wrapper for several devices (DataParallel)',
      'Save the model itself: torch.save(model.module, FILE).',
    ],
    ...otherActivations.map(
      (name) => [name, `a model with the activation ${name.split('.').at(-1)!}`, ownGate] as const,
    ),
    ['metatrain.*', 'a model of metatrain', ownProgram],
    ['metatomic.*', 'a model for metatomic, as metatrain exports it', ownProgram],
    ['metatensor.*', 'a model of the metatensor packages, such as metatrain saves', ownProgram],
    ['nequip.*', 'a model of NequIP or Allegro', ownProgram],
    ['sevenn.*', 'a model of SevenNet', ownProgram],
    ['matgl.*', 'a model of MatGL', ownProgram],
    ['mattersim.*', 'a MatterSim model', ownProgram],
    ['orb_models.*', 'an Orb model', ownProgram],
    ['fairchem.*', 'a model of fairchem', ownProgram],
    ['chgnet.*', 'a CHGNet', ownProgram],
    ['schnetpack.*', 'a model of SchNetPack', ownProgram],
    ['torchani.*', 'a model of TorchANI', ownProgram],
    ['deepmd.*', 'a model of DeePMD-kit', ownProgram],
    ['graph_pes.*', 'a model of graph-pes', ownProgram],
    ['mace_jax.*', 'a model of mace-jax', 'Open the model of mace-torch from which it was made.'],
  ] as const
).map(([name, what, remedy]) => ({ name, what, remedy }));
