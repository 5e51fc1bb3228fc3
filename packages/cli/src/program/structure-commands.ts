/** Commands that take structures: eval, convert, bench, estimate. */
import { Option, type Command } from 'commander';
import { labelKeys } from '../labels.js';
import type { Commands } from './commands.js';
import { defaults, usualPrefix } from './defaults.js';
import {
  collected,
  computingOptions,
  inputOptions,
  resumeOption,
  shardOption,
  nonEmpty,
  trueOrFalse,
  wholeNumber,
} from './options.js';

export function addStructureCommands(program: Command, run: Commands): void {
  addEval(program, run);
  program
    .command('convert')
    .description('structures from one format to another; frames by @ as in ASE: traj.xyz@-1, traj.xyz@0:10:2')
    .argument('<in>', 'a structure file; - is standard input')
    .argument('<out>', 'its ending tells the format: .extxyz, .cif, .vasp, .pdb, .ase.json, .pymatgen.json (.gz too)')
    .option('--format <name>', 'format of the input; name and content decide without it')
    .option('--output-format <name>', 'format of the output, where its name does not tell it')
    .option('--drop', 'leave out what the format does not hold; without it that is an error')
    .action((input, output, options) => run.convert(input, output, options));
  withOptions(
    program
      .command('bench')
      .description('time of energy and forces on a prepared graph: µs/atom, atoms·steps/s, ns/day'),
    computingOptions('bench'),
  )
    .argument('[file]', 'structures, all as one batch; the bundled ice by default')
    .option('--structures <file>', 'the same as an option')
    .addOption(new Option('--exact', 'functions of distance computed exactly').conflicts('tables'))
    .option('--tables', 'functions of distance from tables; the default')
    .addOption(new Option('--repeat <n>', 'runs that are timed').argParser(wholeNumber('--repeat', 1)).default(10))
    .option('--profile', 'where the time goes, kernel by kernel, on one thread')
    .option('--json', 'print one JSON object and nothing else')
    .action((file, options) => run.bench({ ...(file !== undefined && { structures: file }), ...options }));
  withOptions(
    program.command('estimate').description('memory and time that energy and forces would take, before computing them'),
    computingOptions('estimate'),
  )
    .argument('[file]', 'structures, all as one batch; the bundled ice by default')
    .option('--structures <file>', 'the same as an option')
    .addOption(new Option('--exact', 'functions of distance computed exactly').conflicts('tables'))
    .option('--tables', 'functions of distance from tables; the default')
    .option('--json', 'print one JSON object and nothing else')
    .action((file, options) => run.estimate({ ...(file !== undefined && { structures: file }), ...options }));
}

function addEval(program: Command, run: Commands): void {
  withOptions(
    program
      .command('eval')
      .description('energies, forces and stress of every structure in files')
      .argument(
        '[files...]',
        'files, folders and quoted patterns of extended XYZ, XYZ, CIF, POSCAR, PDB, JSON (.gz too); - is standard input; frames by @ as in ASE: traj.xyz@-1; the bundled structures by default',
      ),
    [...computingOptions('eval'), ...inputOptions()],
  )
    .addOption(new Option('--structures <file>', 'the same as an option; may be repeated').argParser(collected))
    .addOption(
      new Option(
        '--output <file>',
        'write the structures with their results as extended XYZ, .gz too; - is standard output',
      ).argParser(nonEmpty('--output', 'the name of a file')),
    )
    .option('--json', 'print one JSON object per structure and nothing else')
    .addOption(
      new Option(
        '--labels <keys>',
        'errors against labels of the files: keys of energy, forces and stress, with commas; those of mace-torch, REF_energy,REF_forces,REF_stress, are found without it',
      ).argParser(labelKeys),
    )
    .addOption(new Option('--info-prefix <text>', 'prefix of the result keys in the output file').default(usualPrefix))
    .option('--return-node-energies', 'write energies per atom (without isolated atoms) to the output file')
    .option('--return-descriptors', 'write node features to the output file')
    .addOption(
      new Option('--descriptor-num-layers <n>', 'of so many layers only; -1, the default, is all').argParser(
        wholeNumber('--descriptor-num-layers', -1),
      ),
    )
    .addOption(
      new Option('--descriptor-invariants-only <true|false>', 'only what rotations leave alone; the default').argParser(
        trueOrFalse('--descriptor-invariants-only'),
      ),
    )
    .addOption(
      new Option('--batch-size <n>', 'structures read together, or fewer where they are large')
        .argParser(wholeNumber('--batch-size', 1))
        .default(64),
    )
    .addOption(
      new Option('--batch-atoms <n>', 'atoms computed together; memory goes with it')
        .argParser(wholeNumber('--batch-atoms', 1))
        .default(128),
    )
    .addOption(shardOption())
    .addOption(resumeOption())
    .addOption(
      new Option('--on-error <what>', 'a structure or file that is refused ends the run, or is skipped with a note')
        .choices(['stop', 'skip'])
        .default('stop'),
    )
    .addOption(
      new Option(
        '--tables',
        'functions of distance from tables: faster, within 1e-8 eV/atom and 1e-7 eV/Å in f64',
      ).conflicts(['exact', 'unplanned']),
    )
    .option('--exact', 'functions of distance computed exactly; the default')
    .option('--unplanned', 'compute with the graph exactly as the model is written')
    .addHelpText('after', evalHelp)
    .action((files, options) => run.eval(files, options));
}

const evalHelp = `
Options of mace_eval_configs and of janus singlepoint are taken in their own spelling too. ${defaults.eval.precision} and exact are the
defaults here; bench and estimate compute in ${defaults.bench.precision} with tables, export writes ${defaults.export.precision}.

Examples:
  mace eval water.xyz
  mace eval 'runs/*/POSCAR' --model medium-mpa-0 --output results.xyz
  mace eval trajectory.xyz@::10 --json
  mace eval test.xyz --labels energy_dft,forces_dft`;

function withOptions(command: Command, options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}
