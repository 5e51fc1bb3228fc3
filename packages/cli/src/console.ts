/**
 * The one place where text leaves the command line. Text of foreign files never steers a terminal; where nobody reads any more,
 * printing ends quietly and the work goes on; what could not be printed is reported at the end.
 */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { FormatError } from '@mace/core/errors';
import type { OutputTarget } from '@mace/io/node';
import { typed } from './clone.js';

/** Prints on standard output. Line ends are the caller's. */
export function print(text: string): void {
  if (fault) return;
  try {
    writeAll(1, shown(text, 1));
  } catch (error) {
    fault = error as NodeJS.ErrnoException;
  }
}

/** Prints one line of JSON on standard output; what a terminal could obey is escaped. */
export function printJson(value: unknown): void {
  print(`${escapedJson(value)}\n`);
}

/** Prints on standard error, where there is one; commands in the text as they are typed here. */
export function complain(text: string): void {
  try {
    writeAll(2, shown(typed(text), 2));
  } catch {
    // There is no third place to say it.
  }
}

/** Says that an output is written: on standard error where it is standard output itself. */
export function printWritten(target: OutputTarget, details = ''): void {
  outputsWritten = true;
  printBeside(target, false)(`wrote ${target.name}${details}\n`);
}

/** As `printWritten`, without saying it. */
export function noteWritten(): void {
  outputsWritten = true;
}

/**
 * Prints what a person reads while an output is written: on standard error where standard output is that output.
 * @throws FormatError where `--json` wants standard output too
 */
export function printBeside(target: OutputTarget | undefined, json: boolean): (text: string) => void {
  if (target?.descriptor !== 1) return print;
  if (json)
    throw new FormatError(`--output ${target.name}: --json prints on standard output too. Leave out one of the two.`);
  return complain;
}

/** Whether printing ended early, because the reader went away or the disk is full. */
export function printingEnded(): boolean {
  return fault !== null;
}

/**
 * The exit code of a command that ended with `code`. A reader that went away is no failure where outputs are written, and else
 * ends a program as it ends any other.
 */
export function exitCodeAfterPrinting(code: number): number {
  if (!fault) return code;
  if (fault.code === 'EPIPE') return code === 0 && !outputsWritten ? brokenPipe : code;
  const reason = fault.code === 'ENOSPC' ? 'the disk is full' : fault.message;
  complain(`${red('error')} (file): standard output: not all could be printed: ${reason}. Print to another place.\n`);
  return Math.max(code, 1);
}

/** JSON in which characters that steer terminals or cannot be seen stand as `\u…`. */
export function escapedJson(value: unknown, space?: number): string {
  return JSON.stringify(value, null, space).replace(unseen, (character) =>
    Array.from({ length: character.length }, (_, i) => `\\u${hex(character.charCodeAt(i), 4)}`).join(''),
  );
}

/** Text as a person may see it: characters that steer terminals or cannot be seen are written out, but for line ends and tabs. */
export function visible(text: string): string {
  return text.replace(unseen, (character) => {
    const code = character.codePointAt(0)!;
    return code > 0xffff ? `\\u{${hex(code, 1)}}` : `\\u${hex(code, 4)}`;
  });
}

export const bold = style(1, 22);
export const dim = style(2, 22);
export const red = style(31, 39);
export const yellow = style(33, 39);

let fault: NodeJS.ErrnoException | null = null;
let outputsWritten = false;

/** What a shell says of a program that SIGPIPE ended, which Node ignores. */
export const brokenPipe = 141;

/** Controls, marks of direction and format, halves of characters, codes without a character, line and paragraph separators. */
const unseen = /(?![\n\t])[\p{C}\p{Zl}\p{Zp}]/gu;

/** Marks our own styles until they are printed; no file can know it. */
const secret = randomUUID();

function style(on: number, off: number): (text: string) => string {
  return (text) => `${secret}${on}m${text}${secret}${off}m`;
}

/** Our own styles as sequences where a terminal shows them, everything else visible. */
function shown(text: string, descriptor: 1 | 2): string {
  const coloured = hasColours(descriptor);
  const [plain, ...styled] = text.split(secret);
  const sequences = styled.map((piece) => {
    const end = piece.indexOf('m') + 1;
    return `${coloured ? `\x1b[${piece.slice(0, end)}` : ''}${visible(piece.slice(end))}`;
  });
  return [visible(plain!), ...sequences].join('');
}

/** Terminals have colours; files and pipes only by `FORCE_COLOR`; nothing has them by `NO_COLOR`. */
function hasColours(descriptor: 1 | 2): boolean {
  const { FORCE_COLOR, NO_COLOR, TERM } = process.env;
  if (FORCE_COLOR) return FORCE_COLOR !== '0';
  return !NO_COLOR && TERM !== 'dumb' && isatty(descriptor);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** Milliseconds until a full pipe is asked again. */
const patience = 1;

/** All of it, or an error: Node's own stream for files takes a part for the whole, where a disk is full. */
function writeAll(descriptor: 1 | 2, text: string): void {
  // Consoles of Windows take characters, which only Node's stream gives them.
  if (process.platform === 'win32' && isatty(descriptor)) {
    (descriptor === 1 ? process.stdout : process.stderr).write(text);
    return;
  }
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, patience);
    }
  }
}
