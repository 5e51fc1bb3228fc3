/** Entry of the command line: reads arguments, runs one command, turns errors into one message and an exit code. */
import { exitCodeAfterPrinting } from './console.js';
import { createProgram, helpFor } from './program/index.js';
import { configured } from './program/config-file.js';
import { reportFailure } from './failure.js';

// Engines print on their own; that nobody reads it is no reason to stop.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
// What nobody waited for: an error of an engine in a callback of its own.
process.on('uncaughtException', (error) => process.exit(reportFailure(error)));

const words = process.argv.slice(2);
const program = createProgram();
try {
  await program.parseAsync(await configured(words, program), { from: 'user' });
} catch (error) {
  process.exitCode = reportFailure(error, helpFor(program, words));
}
process.exitCode = exitCodeAfterPrinting(Number(process.exitCode ?? 0));
