/** Entry of the command line: reads arguments, runs one command, turns errors into one message and an exit code. */
import { exitCodeAfterPrinting } from './console.js';
import { createProgram } from './program.js';
import { reportFailure } from './failure.js';

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  process.exitCode = reportFailure(error);
}
process.exitCode = exitCodeAfterPrinting(Number(process.exitCode ?? 0));
