/** Commands that move atoms and cells to where energies are lowest: relax, eos. */
import { FormatError } from '@mace/core/errors';
import { Option, type Command } from 'commander';
import { atomChoice } from '../chosen-atoms.js';
import type { Commands } from './commands.js';
import { strainNames, usualPrefix } from './defaults.js';
import {
  collected,
  computingOptions,
  finiteNumber,
  inputOptions,
  nonEmpty,
  resumeOption,
  shardOption,
  wholeNumber,
} from './options.js';

export function addRelaxCommands(program: Command, run: Commands): void {
  addRelax(program, run);
  addEos(program, run);
}

function addRelax(program: Command, run: Commands): void {
  const command = program
    .command('relax')
    .alias('geomopt')
    .description('structures to where their forces are small, any number of them at once')
    .argument(
      '[files...]',
      'structure files, folders and quoted patterns, as of eval; the bundled structures by default',
    );
  const options = [
    ...computingOptions('relax'),
    ...inputOptions(),
    new Option('--structures <file>', 'the same as an option; may be repeated').argParser(collected),
    new Option('--optimizer <name>', 'the way there, as of ASE').choices(optimizers).default('lbfgs'),
    new Option('--cell', 'relax the cell too'),
    new Option('--filter <name>', 'coordinates of the cell, as of ASE (default: frechet)').choices([
      'frechet',
      'unit-cell',
    ]),
    new Option('--hydrostatic', 'the cell grows and shrinks only, keeping its shape'),
    new Option('--constant-volume', 'the cell keeps its volume'),
    new Option('--lengths-only', 'the cell stretches along x, y and z without shear'),
    new Option('--mask <strains>', 'which strains are relaxed, of xx,yy,zz,yz,xz,xy').argParser(strains),
    new Option('--pressure <number>', 'GPa, from outside (default: 0)').argParser(finiteNumber('--pressure')),
    new Option(
      '--smax <number>',
      'GPa: no stress is larger in the end; without it --fmax is of the cell too',
    ).argParser(finiteNumber('--smax', 0)),
    new Option('--symmetry', 'find the space group, and keep it'),
    new Option('--symmetry-tolerance <number>', 'Å, with which it is found (default: 0.01)').argParser(
      finiteNumber('--symmetry-tolerance', 0),
    ),
    new Option('--fmax <number>', 'eV/Å: no atom is pulled harder in the end')
      .argParser(finiteNumber('--fmax', 0))
      .default(0.01),
    new Option('--steps <n>', 'at most so many steps of each structure')
      .argParser(wholeNumber('--steps', 0))
      .default(1000),
    new Option(
      '--fixed <atoms>',
      'atoms that stay: numbers from 0 on, ranges, elements, such as 0,4-7,Pt; without it those that the column move_mask of ASE holds',
    ).argParser(atomChoice('--fixed')),
    new Option(
      '--output <file>',
      'write relaxed structures with their results as extended XYZ, .gz too; - is standard output',
    ).argParser(nonEmpty('--output', 'the name of a file')),
    new Option('--info-prefix <text>', 'prefix of the result keys in the output file').default(usualPrefix),
    new Option('--trajectory <file>', 'write the points of each path as extended XYZ, .gz too').argParser(
      nonEmpty('--trajectory', 'the name of a file'),
    ),
    shardOption(),
    resumeOption(),
    ...manyOptions(),
  ];
  for (const option of options) command.addOption(option);
  command.addHelpText('after', relaxHelp).action((files, given) => run.relax(files, given));
}

/** Of any number of structures in batches. */
function manyOptions(): Option[] {
  return [
    new Option('--json', 'print one JSON object per structure and nothing else'),
    new Option('--on-error <what>', 'a structure or file that is refused is skipped with a note, or ends the run')
      .choices(['skip', 'stop'])
      .default('skip'),
    new Option('--batch-atoms <n>', 'atoms computed together; memory goes with it')
      .argParser(wholeNumber('--batch-atoms', 1))
      .default(512),
    new Option('--tables', 'functions of distance from tables: faster').conflicts('exact'),
    new Option('--exact', 'functions of distance computed exactly; the default'),
  ];
}

const relaxHelp = `
Options of janus geomopt are taken in their own spelling too. The exit status is 0 where one structure at least was relaxed to
--fmax, and 1 where none was; what was reached is written in any case.

Examples:
  mace relax molecule.xyz
  mace relax 'candidates/*.cif' --model medium-mpa-0 --output relaxed.xyz --resume
  mace relax many.xyz --shard 1/4 --json`;

function addEos(program: Command, run: Commands): void {
  const command = program
    .command('eos')
    .description('energy of crystals against volume: equation of state, bulk modulus in GPa')
    .argument(
      '[files...]',
      'structure files, folders and quoted patterns, as of eval; the bundled structures by default',
    );
  const options = [
    ...computingOptions('eos'),
    ...inputOptions(),
    new Option('--structures <file>', 'the same as an option; may be repeated').argParser(collected),
    new Option('--min-volume <number>', 'the least, of the volume that the structure has')
      .argParser(finiteNumber('--min-volume', 0))
      .default(0.95),
    new Option('--max-volume <number>', 'the largest').argParser(finiteNumber('--max-volume', 0)).default(1.05),
    new Option('--n-volumes <n>', 'in even steps').argParser(wholeNumber('--n-volumes', 5)).default(7),
    new Option('--eos-type <name>', 'the equation, as of ASE').choices(equations).default('birchmurnaghan'),
    new Option('--minimize', 'relax atoms and cell first'),
    new Option('--minimize-all', 'relax the atoms at each volume'),
    new Option('--fmax <number>', 'eV/Å, of relaxations (default: 0.01)').argParser(finiteNumber('--fmax', 0)),
    new Option('--steps <n>', 'at most so many of each relaxation (default: 1000)').argParser(
      wholeNumber('--steps', 0),
    ),
    new Option('--output <folder>', 'write the points (eos.csv) and the fits (eos.json) there').argParser(
      nonEmpty('--output', 'the name of a folder'),
    ),
    ...manyOptions(),
  ];
  for (const option of options) command.addOption(option);
  command.addHelpText('after', eosHelp).action((files, given) => run.eos(files, given));
}

/** Those of the package sim, which is loaded when it is needed. */
export const optimizers = ['lbfgs', 'fire', 'bfgs-line-search'];

/** Names of strains, as six truth values. @throws FormatError */
function strains(text: string): boolean[] {
  const given = text.split(',').map((name) => name.trim());
  if (given.every((name) => strainNames.includes(name))) return strainNames.map((name) => given.includes(name));
  throw new FormatError(
    `--mask ${JSON.stringify(text)}: expected names of ${strainNames.join(',')}, with commas between them.`,
  );
}

/** Those of the package sim, which is loaded when it is needed. */
export const equations = [
  ...['birchmurnaghan', 'birch', 'murnaghan', 'vinet', 'pouriertarantola'],
  ...['anton-schmidt', 'taylor', 'p3', 'sj'],
];

const eosHelp = `
Options of janus eos are taken in their own spelling too.

Examples:
  mace eos crystal.cif --model medium-mpa-0
  mace eos 'phases/*.cif' --eos-type vinet --output eos`;
