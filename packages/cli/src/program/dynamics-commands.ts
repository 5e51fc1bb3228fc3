/** Commands that move atoms in time: md. */
import { Option, type Command } from 'commander';
import { atomChoice } from '../chosen-atoms.js';
import type { Commands } from './commands.js';
import { defaults } from './defaults.js';
import {
  collected,
  computingOptions,
  finiteNumber,
  inputOptions,
  nonEmpty,
  shardOption,
  wholeNumber,
} from './options.js';

export function addDynamicsCommands(program: Command, run: Commands): void {
  const command = program
    .command('md')
    .description('molecular dynamics of a structure, or of any number of them')
    .argument('[files...]', 'structure files, folders and quoted patterns, as of eval; the bundled ice by default');
  for (const option of [...computingOptions('md'), ...inputOptions(), ...ensembleOptions(), ...runOptions()])
    command.addOption(option);
  command.addHelpText('after', mdHelp).action((files, given) => run.md(files, given));
}

function ensembleOptions(): Option[] {
  const number = (flags: string, what: string, above?: number): Option =>
    new Option(flags, what).argParser(finiteNumber(flags.split(' ')[0]!, above));
  return [
    new Option(
      '--ensemble <name>',
      'nve, nvt (Langevin), nvt-nh (Nosé–Hoover chain), nvt-csvr (canonical rescaling), npt (stochastic cell rescaling), npt-mtk, nph',
    ).default('nvt'),
    new Option('--steps <n>', 'how many steps in all').argParser(wholeNumber('--steps', 0)).default(1000),
    number('--timestep <fs>', 'time of a step').default(1),
    number('--temperature <K>', 'what thermostats keep, and what velocities are drawn at').default(300),
    number('--temperature-end <K>', 'the temperature changes evenly until there'),
    number('--pressure <GPa>', 'what barostats keep; 0 by default'),
    number('--pressure-end <GPa>', 'the pressure changes evenly until there'),
    new Option('--ramp-steps <n>', 'steps of these changes; all by default').argParser(wholeNumber('--ramp-steps', 1)),
    number('--friction <1/fs>', 'of Langevin; 0.005 by default'),
    number('--thermostat-time <fs>', '50 by default'),
    number('--barostat-time <fs>', '75 by default'),
    number('--bulk-modulus <GPa>', 'of the structure, about: how barostats choose their strength; 2 by default'),
    new Option('--anisotropic', 'of npt: the cell changes its shape, too'),
    new Option('--thermostat <name>', 'of npt; csvr by default').choices(['csvr', 'langevin']),
    new Option('--minimize [eV/Å]', 'relax first, until no force is larger; 0.1 by default').argParser(
      finiteNumber('--minimize', 0),
    ),
    new Option('--equil-steps <n>', 'in so many first steps velocities are scaled to the temperature').argParser(
      wholeNumber('--equil-steps', 0),
    ),
    new Option('--rescale-every <n>', 'steps between that; 10 by default').argParser(wholeNumber('--rescale-every', 1)),
    new Option('--remove-rotation', 'then also take off rotation, where nothing is periodic'),
    new Option('--fixed <atoms>', 'atoms that stay: numbers from 0 on, ranges, elements, such as 0,4-7,Pt').argParser(
      atomChoice('--fixed'),
    ),
    new Option('--hold-bonds <which>', 'bonds that keep their lengths: those of every hydrogen').choices(['hydrogen']),
    new Option('--seed <n>', 'of all random numbers').argParser(wholeNumber('--seed', 0)).default(0),
    new Option('--velocities <from>', 'those of the file where it has them, or drawn')
      .choices(['file', 'drawn'])
      .default('file'),
  ];
}

function runOptions(): Option[] {
  const every = (flags: string, what: string): Option =>
    new Option(flags, what).argParser(wholeNumber(flags.split(' ')[0]!, 1));
  return [
    new Option('--structures <file>', 'the same as an option; may be repeated').argParser(collected),
    new Option('--output <folder>', 'where everything goes; by default one named after the structure').argParser(
      nonEmpty('--output', 'the name of a folder'),
    ),
    new Option('--restart', 'go on where a run of the same settings in this folder ended, to the same bits'),
    new Option('--checkpoint-seconds <s>', 'how often is noted what a restart goes on from')
      .argParser(finiteNumber('--checkpoint-seconds', 0))
      .default(10),
    every('--log-every <n>', 'steps between lines of log.csv').default(10),
    every('--trajectory-every <n>', 'steps between frames of trajectory.xyz').default(100),
    new Option('--compress', 'trajectory.xyz.gz, in which every frame can be read by itself'),
    new Option(
      '--observe <list>',
      'what is measured on the way, with commas: rdf, rdf:O-O, rdf:O-O:6 (to 6 Å in place of 10), msd, msd:Li, vacf, vacf:H, bond:0-1, bond:O-H, density',
    ),
    every('--observe-every <n>', 'steps between what is measured; those of the log by default'),
    new Option('--gate <what>', 'where the first 20 frames are not near those of float64 without tables')
      .choices(['stop', 'float64', 'off'])
      .default('stop'),
    new Option(
      '--limit <name=value>',
      'a guard: largestForce=200 (eV/Å), drift=0.5 (eV/atom), temperature=5000 (K), closest=0.4, volume=0.3; may be repeated',
    ).argParser(collected),
    shardOption(),
    every('--batch-atoms <n>', 'atoms that move together; memory goes with it').default(1024),
    new Option('--json', 'print one JSON object per structure and nothing else'),
    new Option('--tables', 'functions of distance from tables; the default').conflicts('exact'),
    new Option('--exact', 'functions of distance computed exactly'),
  ];
}

const mdHelp = `
${defaults.md.precision} with tables is the default here, and the first frames say whether that is good enough. Options of janus md are taken in
their own spelling too. Times are in fs, temperatures in K, pressures in GPa, energies in eV.

Examples:
  mace md ice.xyz --temperature 250 --steps 10000
  mace md ice.xyz --temperature 250 --steps 20000 --restart
  mace md crystal.cif --ensemble npt --pressure 1 --observe rdf,density --output compressed
  mace md 'molecules/*.xyz' --ensemble nve --seed 7 --shard 1/4 --output runs`;
