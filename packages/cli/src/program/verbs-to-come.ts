/** What people of other programs ask for, and what does it meanwhile. A verb leaves this list with the command that does it. */

/** One line for each: after the name of the verb it is a sentence. */
export const verbsToCome: Readonly<Record<string, string>> = {
  phonons: 'is not here yet. Meanwhile: phonopy displacements through `mace eval`, or ASE with an exported model.',
  neb: 'is not here yet. Meanwhile: ASE with an exported model (docs/using/from-ase.md).',
  elasticity: 'is not here yet. Meanwhile: strained cells in one file through `mace eval`, which gives their stress.',
  vibrations:
    'is not here yet. Meanwhile: `calculator.hessian` of @mace/core and ASE’s VibrationsData (docs/using/from-ase.md).',
  hessian: 'is not here yet. Meanwhile: `calculator.hessian` of @mace/core (docs/using/from-ase.md).',
  train: 'is not here yet. Meanwhile: mace_run_train of mace-torch; `mace eval --model` opens what it saves.',
  finetune:
    'is not here yet. Meanwhile: mace_run_train --foundation_model of mace-torch; `mace eval --model` opens what it saves.',
  preprocess: 'is not here yet. Meanwhile: mace_prepare_data of mace-torch.',
  dispersion:
    'is not here yet. Meanwhile: add D3 of another program, such as torch-dftd or simple-dftd3, to the energies.',
  serve: 'is not here yet. Meanwhile: forty lines of your own (docs/using/in-a-service.md).',
  compare:
    'is not here yet. Meanwhile: `mace eval --output a.xyz`, then `mace eval a.xyz --labels MACE_energy,MACE_forces` with the other model.',
  singlepoint: 'is called `mace eval` here; it takes --struct, --arch and --model of janus-core.',
  descriptors: 'is `mace eval --return-descriptors --output FILE` here.',
  mace_eval_configs: 'is `mace eval` here, with the same options.',
  mace_run_train: 'is not here yet. Meanwhile: mace-torch’s own; `mace eval --model` opens what it saves.',
  mace_prepare_data: 'is not here yet. Meanwhile: mace-torch’s own.',
  mace_select_head: 'is `mace model select-head` here.',
  mace_create_lammps_model:
    'is not here: LAMMPS wants TorchScript of mace-torch; `mace export onnx` serves ONNX runtimes.',
};
