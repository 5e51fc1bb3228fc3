/**
 * Writing structures one by one, as extended XYZ or as an ASE trajectory, for results that do not fit in memory. A file takes its name
 * when everything was written; a device, a FIFO or standard output has each frame of extended XYZ at once, a trajectory at its end.
 */
import { gzipSync } from 'node:zlib';
import type { Structure } from '@mace/core/structure';
import { gzipMember } from '../structure/extxyz-append.js';
import { writeExtxyz } from '../structure/extxyz.js';
import { formatByName, type BinaryFormat } from '../structure/formats.js';
import { writableExtxyz } from '../structure/writable-extxyz.js';
import { openOutput, type Output } from './output/output.js';
import type { OutputTarget, WrittenFormat } from './output/target.js';

export interface StructureWriter {
  readonly target: OutputTarget;
  write(structure: Structure): Promise<void>;
  /** Puts the file in its place. */
  close(): Promise<void>;
  /** Leaves what was there before. Does nothing after `close`. */
  abort(): Promise<void>;
}

const plainEndings = ['.xyz', '.extxyz', '.exyz'];
/** As outputs are checked for. */
export const extendedXyz: WrittenFormat = {
  name: 'extended XYZ',
  endings: [...plainEndings, ...plainEndings.map((ending) => `${ending}.gz`)],
  isText: true,
};

export interface StructureWriterOptions {
  /**
   * Told what is left out of a structure because extended XYZ cannot hold it, such as text with a space in a column; without it that is
   * an error.
   */
  readonly leaveOut?: (what: string) => void;
  /** A gzip member for each frame, so that a compressed file can be cut between any two. Default about one for each megabyte. */
  readonly memberPerFrame?: boolean;
}

/**
 * Checks where the structures go; `-` is standard output. The ending `.gz` compresses, `.traj` is an ASE trajectory, all else extended XYZ.
 * @throws FormatError for a target that cannot be written, or a name that is that of another format
 */
export async function openStructureWriter(
  name: string,
  { leaveOut, memberPerFrame = false }: StructureWriterOptions = {},
): Promise<StructureWriter> {
  const format = formatByName({ name });
  if (format?.isBinary && !/\.gz$/i.test(name)) return openBinaryWriter(name, format);
  const output = await openOutput(name, extendedXyz);
  const { write, close } = /\.gz$/i.test(name) ? compressed(output, memberPerFrame) : output;
  // Keys of a foreign file do not steer a terminal; anything else has them as they are.
  const shown = (text: string): string => (output.target.isTerminal ? text.replace(/(?!\n)\p{C}/gu, '?') : text);
  return {
    target: output.target,
    write: (structure) => write(shown(leaveOut ? writableExtxyz(structure, leaveOut) : writeExtxyz([structure]))),
    close: async () => void (await close()),
    abort: () => output.abort(),
  };
}

async function openBinaryWriter(name: string, format: BinaryFormat): Promise<StructureWriter> {
  const output = await openOutput(name, { name: format.description, endings: format.extensions, isText: false });
  const encoder = format.encoder();
  // The first bytes are known last: what has no way back waits for them.
  const waiting: Uint8Array[] | null = output.target.kind === 'file' ? null : [];
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (waiting) waiting.push(bytes);
    else if (bytes.length > 0) await output.write(bytes);
  };
  return {
    target: output.target,
    write: async (structure) => write(encoder.frame(structure)),
    close: async () => {
      const { head, tail } = encoder.end();
      await write(tail);
      if (waiting) {
        const all = Buffer.concat(waiting);
        all.set(head);
        await output.write(all);
      } else await output.writeHead(head);
      await output.close();
    },
    abort: () => output.abort(),
  };
}

/** Characters that are compressed together. */
const memberLength = 1 << 20;

/** As many gzip members as it takes, one after the other, which is a gzip file too. */
function compressed(
  output: Output,
  memberPerFrame: boolean,
): { write(text: string): Promise<void>; close(): Promise<number> } {
  let waiting = '';
  let members = 0;
  const flush = async (): Promise<void> => {
    const member = memberPerFrame ? gzipMember(waiting) : gzipSync(waiting);
    waiting = '';
    members++;
    await output.write(member);
  };
  return {
    write: async (text) => {
      waiting += text;
      if (memberPerFrame || waiting.length >= memberLength) await flush();
    },
    close: async () => {
      if (waiting !== '' || members === 0) await flush();
      return output.close();
    },
  };
}
