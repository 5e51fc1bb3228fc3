/**
 * Writing structures one by one as extended XYZ, for results that do not fit in memory. A file takes its name when everything was
 * written; a device, a FIFO or standard output has each frame at once.
 */
import { gzipSync } from 'node:zlib';
import type { Structure } from '@mace/core/structure';
import { writeExtxyz } from '../structure/extxyz.js';
import { formatByName } from '../structure/formats.js';
import { lossText, writablePart } from '../structure/losses.js';
import { openOutput, type Output } from './output/output.js';
import type { OutputTarget } from './output/target.js';

export interface StructureWriter {
  readonly target: OutputTarget;
  write(structure: Structure): Promise<void>;
  /** Puts the file in its place. */
  close(): Promise<void>;
  /** Leaves what was there before. Does nothing after `close`. */
  abort(): Promise<void>;
}

const plainEndings = ['.xyz', '.extxyz', '.exyz'];
const extendedXyz = {
  name: 'extended XYZ',
  endings: [...plainEndings, ...plainEndings.map((ending) => `${ending}.gz`)],
  isText: true,
};

/** What the writer does with what extended XYZ cannot hold, such as text with a space in a column. */
export interface StructureWriterOptions {
  /** Told what is left out of a structure; without it that is an error. */
  readonly leaveOut?: (what: string) => void;
}

/**
 * Checks where the structures go; `-` is standard output, and the ending `.gz` compresses.
 * @throws FormatError for a target that cannot be written, or a name that is that of another format
 */
export async function openStructureWriter(
  name: string,
  { leaveOut }: StructureWriterOptions = {},
): Promise<StructureWriter> {
  const output = await openOutput(name, extendedXyz);
  const { write, close } = /\.gz$/i.test(name) ? compressed(output) : output;
  // Keys of a foreign file do not steer a terminal; anything else has them as they are.
  const shown = (text: string): string => (output.target.isTerminal ? text.replace(/(?!\n)\p{C}/gu, '?') : text);
  return {
    target: output.target,
    write: (structure) => write(shown(textOf(structure, leaveOut))),
    close: async () => void (await close()),
    abort: () => output.abort(),
  };
}

function textOf(structure: Structure, leaveOut: StructureWriterOptions['leaveOut']): string {
  try {
    return writeExtxyz([structure]);
  } catch (error) {
    if (leaveOut === undefined) throw error;
    const part = writablePart(structure, formatByName({ format: 'extxyz' })!);
    const text = writeExtxyz([part.structure]);
    leaveOut(lossText(part));
    return text;
  }
}

/** Characters that are compressed together. */
const memberLength = 1 << 20;

/** As many gzip members as it takes, one after the other, which is a gzip file too. */
function compressed(output: Output): { write(text: string): Promise<void>; close(): Promise<number> } {
  let waiting = '';
  let members = 0;
  const flush = async (): Promise<void> => {
    const member = gzipSync(waiting);
    waiting = '';
    members++;
    await output.write(member);
  };
  return {
    write: async (text) => {
      waiting += text;
      if (waiting.length >= memberLength) await flush();
    },
    close: async () => {
      if (waiting !== '' || members === 0) await flush();
      return output.close();
    },
  };
}
