/** Commands that work with other programs, and with a browser: ipi, view, gui. */
import { Option, type Command } from 'commander';
import type { Commands } from './commands.js';
import { computingOptions, finiteNumber, nonEmpty, wholeNumber } from './options.js';

export function addDriverCommands(program: Command, run: Commands): void {
  addIpi(program, run);
  addView(program, run);
  addGui(program, run);
}

function addIpi(program: Command, run: Commands): void {
  const ipi = program
    .command('ipi')
    .description('forces for a program that speaks the i-PI protocol: i-PI, SocketIOCalculator of ASE, others')
    .argument(
      '[template]',
      'the structure of the server, its atoms in the same order: elements, and which directions are periodic',
    )
    .option('--structures <file>', 'the same as an option')
    .addOption(new Option('--template <file>', 'the same').conflicts('structures'))
    .addOption(
      new Option(
        '-a, --address <host>',
        'where the server is: HOST, HOST:PORT; with -u the name of its Unix socket',
      ).argParser(nonEmpty('--address', 'a host')),
    )
    .addOption(new Option('-p, --port <n>', 'its port; 31415 by default').argParser(wholeNumber('--port', 1)))
    .addOption(new Option('-u, --unix [name]', 'a Unix socket in place of a host and a port'))
    .addOption(
      new Option('-S, --sockets-prefix <path>', 'before the name of a Unix socket that does not begin with /').default(
        '/tmp/ipi_',
      ),
    )
    .addOption(
      new Option('--wait <seconds>', 'for a server that is not there yet')
        .argParser(wholeNumber('--wait', 0))
        .default(10),
    )
    .option('--reconnect', 'wait for another server when one has gone without saying EXIT')
    .addOption(
      new Option('--extras <what>', 'more with every answer, as JSON: i-PI picks it by name').choices([
        'atom-energies',
      ]),
    )
    .addOption(
      new Option('--charge <number>', 'total charge, for models that know it').argParser(finiteNumber('--charge')),
    )
    .addOption(
      new Option('--spin <number>', 'total spin multiplicity, for models that know it').argParser(
        finiteNumber('--spin'),
      ),
    );
  for (const option of computingOptions('ipi')) ipi.addOption(option);
  ipi
    .addOption(new Option('--exact', 'functions of distance computed exactly; the default').conflicts('tables'))
    .option('--tables', 'functions of distance from tables: faster')
    .addHelpText('after', ipiHelp)
    .action((file, options) => run.ipi({ ...(file !== undefined && { structures: file }), ...options }));
}

function addView(program: Command, run: Commands): void {
  program
    .command('view')
    .description('a structure or trajectory in a page of this machine: turned, played, measured, plotted')
    .argument(
      '<file>',
      'any file that `mace convert` reads, frames by @ too; or a folder of `mace md`; - is standard input',
    )
    .option('--format <name>', 'format of the file; name and content decide without it')
    .addOption(
      new Option('--port <n>', 'where the page is; any free one by default').argParser(wholeNumber('--port', 1)),
    )
    .option('--no-open', 'only print the address')
    .action((file, options) => run.view(file, options));
}

function addGui(program: Command, run: Commands): void {
  program
    .command('gui')
    .description('the playground in a page of this machine: relaxed, moved, edited, with every backend')
    .argument('[file]', 'structures that it opens, as if they were dropped into it')
    .option('--model <name or file>', 'the same of a model; a name of what `mace models pull` has fetched')
    .addOption(
      new Option('--port <n>', 'where the page is; by default 6223, or any free one where that is taken').argParser(
        wholeNumber('--port', 1),
      ),
    )
    .option('--no-open', 'only print the address')
    .action((file, options) => run.gui(file, options));
}

const ipiHelp = `
Examples:
  mace ipi water.xyz --unix water                      the socket /tmp/ipi_water
  mace ipi ice.cif -a cluster-node -p 31415 --model medium-mpa-0
  mace ipi water.xyz --unix water --reconnect --wait 3600`;
