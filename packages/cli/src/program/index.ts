/** The command line: every command with its options. What a command does is in `commands/`, and is loaded when it runs. */
import { Command, Option } from 'commander';
import { typed } from '../clone.js';
import { complain, print } from '../console.js';
import { version } from '../version.js';
import { commands, type Commands } from './commands.js';
import { completionShells, printCompletion } from './completion.js';
import { addModelCommands } from './model-commands.js';
import { addDynamicsCommands } from './dynamics-commands.js';
import { addDriverCommands } from './driver-commands.js';
import { collected, finiteNumber } from './options.js';
import { addRelaxCommands } from './relax-commands.js';
import { addStructureCommands } from './structure-commands.js';
import { verbsToCome } from './verbs-to-come.js';

export function createProgram(run: Commands = commands): Command {
  const program = new Command('mace')
    .description('Energies, forces and stress of molecules and materials from a MACE model.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => print(typed(text)), writeErr: complain, outputError: () => undefined })
    .enablePositionalOptions()
    .addHelpText(
      'after',
      '\n`mace doctor` says what this machine has; `mace models list` which models there are by name.',
    );
  addStructureCommands(program, run);
  addRelaxCommands(program, run);
  addDynamicsCommands(program, run);
  addModelCommands(program, run);
  addDriverCommands(program, run);
  addChecks(program, run);
  program
    .command('completion')
    .description('a script for your shell that completes commands and options')
    .argument('<shell>', completionShells.join(', '))
    .action((shell: string) => printCompletion(program, shell));
  program
    .command('demo', { hidden: true })
    .description('what `npm start` shows')
    .argument('[structures]', 'a structure file; the bundled structures by default')
    .action((file) => run.demo(file));
  for (const [verb, line] of Object.entries(verbsToCome))
    program
      .command(verb, { hidden: true })
      .description(line)
      .argument('[words...]')
      .helpOption(false)
      .allowUnknownOption()
      .action(() => program.error(`mace ${verb} ${line}`));
  return program;
}

/** What to type for help on the command that the words begin with. */
export function helpFor(program: Command, words: readonly string[]): string {
  const names: string[] = [];
  for (let one: Command | null = commandFor(program, words); one; one = one.parent) names.unshift(one.name());
  return `${names.join(' ')} --help`;
}

/** The command that the words begin with. */
function commandFor(program: Command, words: readonly string[]): Command {
  const [word, ...rest] = words;
  const next = program.commands.find(
    (one) => (one.name() === word || one.aliases().includes(word!)) && !Object.hasOwn(verbsToCome, one.name()),
  );
  return next ? commandFor(next, rest) : program;
}

function addChecks(program: Command, run: Commands): void {
  program
    .command('conform')
    .description('prove that backends compute right: ops, derivatives, physics, numbers of mace-torch')
    .option('--backend <names>', 'names, folders or packages, separated by commas; default all that are known here')
    .addOption(new Option('--precision <name>', 'precision to test').choices(['f64', 'f32', 'both']).default('both'))
    .addOption(
      new Option(
        '--only <path>',
        'cases whose path begins so, such as ops/add or physics/*/A; may be repeated',
      ).argParser(collected),
    )
    .option('--json', 'one JSON object per backend and precision, and nothing else')
    .option('--output <file>', 'write the reports as JSON')
    .option('--list', 'print the paths of the cases and run none')
    .addOption(new Option('--timeout <seconds>', 'for each case').argParser(finiteNumber('--timeout', 0)).default(600))
    .action((options) => run.conform(options));
  program
    .command('doctor')
    .description('what this machine has: engines, devices, threads, models; what is missing and how to get it')
    .option('--backend <names>', 'only these, separated by commas, with what they print by themselves')
    .option('--json', 'as one JSON object')
    .action((options) => run.doctor(options));
}
