/** Errors as people see them: one message without a stack for mistakes that a person can mend, exit code 1. */
import { isMaceError, type UnsupportedError } from '@mace/core/errors';
import { CommanderError } from 'commander';
import { defaultBackend } from './backends/names.js';
import { brokenPipe, complain, red } from './console.js';

/** Prints an error on standard error and returns the exit code: 0 for help and version, 1 otherwise. `help`: what to type for help. */
export function reportFailure(error: unknown, help = 'mace --help'): number {
  if (error instanceof CommanderError) {
    if (error.exitCode !== 0 && error.code !== 'commander.help')
      complain(`${red('error')} (usage): ${usageProblem(error)} See \`${help}\`.\n`);
    return error.exitCode;
  }
  // The reader of an output went away, as that of `| head` does; of a FIFO it is said, for whoever reads standard output.
  if (isMaceError(error) && (error.cause as Partial<NodeJS.ErrnoException> | undefined)?.code === 'EPIPE') {
    if (!/^(?:-|\/dev\/stdout|\S*\/fd\/1): /.test(error.message))
      complain(`${red('error')} (${error.code}): ${error.message}\n`);
    return brokenPipe;
  }
  if (isMaceError(error)) {
    complain(`${red('error')} (${error.code}): ${error.message}${remedyOf(error)}\n`);
    return 1;
  }
  if (isFileError(error)) {
    complain(`${red('error')} (file): ${error.path ?? 'file'}: ${fileProblems[error.code] ?? error.message}\n`);
    return 1;
  }
  complain(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}

/** What the parser found, in one line. */
function usageProblem({ message }: CommanderError): string {
  const line = message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
  return /[.?)]$/.test(line) ? line : `${line}.`;
}

/** What an error of a library cannot know: the options of the command line. */
function remedyOf(error: Error): string {
  return (error as Partial<UnsupportedError>).reason === 'precision'
    ? ` On the command line: --precision f32 or f64; --backend ${defaultBackend} has both.`
    : '';
}

const fileProblems: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file. Check the path; it is relative to the folder you are in.',
  EACCES: 'permission denied. Check who may read or write it.',
  EISDIR: 'this is a folder; a file was expected.',
};

function isFileError(
  error: unknown,
): error is { readonly code: string; readonly path?: string; readonly message: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}
