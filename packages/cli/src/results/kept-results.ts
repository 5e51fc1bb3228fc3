/**
 * Results of a long run, kept from the first one on: frame by frame they are appended to `FILE.partial`, and at the end FILE is made of it,
 * in the order of the structures. A run that was stopped, at any moment, goes on from there, and so does one whose FILE is there; a result
 * is known again by what it was computed from, wherever its structure stands now, and the file has the bytes of a run left alone.
 */
import { rename, stat, unlink } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { FormatError } from '@mace/core/errors';
import { extendedXyz, openOutput, type Output, type OutputTarget } from '@mace/io/node';
import { complain, yellow } from '../console.js';
import { FrameStore } from './frame-store.js';
import { frameTexts } from './frame-texts.js';
import { originOf, ownPrefix, requireSameSettings } from './origin.js';

/** A result of an earlier run. */
export interface KeptFrame {
  readonly number: number;
  readonly frame: string;
}

export interface KeptResults {
  readonly target: OutputTarget;
  /** Results of earlier runs that were taken over. */
  readonly taken: number;
  /** The result that an earlier run has, by the digest of what it is computed from; null where it has to be computed. */
  known(hash: string): Promise<KeptFrame | null>;
  /** Takes the next frame, in the order of the structures. @throws FormatError, and then what was written before is there */
  write(hash: string, frame: string): Promise<void>;
  /** Takes the next frame, which is known. */
  take(kept: KeptFrame): void;
  /** Puts everything in its place; results that no structure asked for stay in `FILE.partial`, which is said. */
  close(): Promise<void>;
  /** Leaves `FILE.partial` for a run with --resume. */
  leave(): Promise<void>;
}

export interface KeepingOptions {
  /** How the keys of results begin. */
  readonly prefix: string;
  /** What this run computes with, as `settingsText` writes it. */
  readonly settings: string;
  /** Go on from what an earlier run left; without it such a file is an error. */
  readonly resume: boolean;
}

/** @throws FormatError for what cannot be written, or cannot be gone on with; what is there is then as it was */
export async function openKeptResults(name: string, options: KeepingOptions): Promise<KeptResults> {
  const output = await openOutput(name, extendedXyz);
  if (output.target.kind === 'file') return keptInFile(output, options);
  if (options.resume)
    throw new FormatError(
      `--resume: ${name} is no file, and nothing of an earlier run is in it. Give --output a file.`,
    );
  return {
    target: output.target,
    taken: 0,
    known: async () => null,
    write: (_, frame) => output.write(frame),
    take: () => undefined,
    close: async () => void (await output.close()),
    leave: () => output.abort(),
  };
}

async function keptInFile(output: Output, options: KeepingOptions): Promise<KeptResults> {
  const { path } = output.target;
  const partial = `${path}.partial`;
  const isBegun = ((await stat(partial).catch(() => null))?.size ?? 0) > 0;
  if (isBegun && !options.resume)
    throw new FormatError(
      `${partial}: results of a run that was stopped are here. Add --resume to go on with them, or delete the file.`,
    );
  const store = await earlierResults(path, partial, options);
  const earlier = store.count;
  /** Frames of the output, by their number in the store. */
  const order: number[] = [];
  let taken = 0;
  let isLeft = false;
  return {
    target: output.target,
    get taken() {
      return taken;
    },
    known: async (hash) => {
      const number = await store.find(hash);
      return number === null || number >= earlier
        ? null
        : { number, frame: (await store.read(number)).toString('utf8') };
    },
    write: async (hash, frame) =>
      void order.push((await store.find(hash)) ?? (await store.append(hash, Buffer.from(frame)))),
    take: ({ number }) => {
      order.push(number);
      taken++;
    },
    close: async () => {
      await store.sync();
      const content = Readable.from(store.chunks(order), { objectMode: false });
      await output.write('');
      for await (const chunk of /\.gz$/i.test(path) ? content.pipe(createGzip()) : content)
        await output.write(chunk as Uint8Array);
      const unasked = await keepUnasked(store, order);
      await output.close();
      await store.close();
      await (unasked > 0 ? rename(unaskedIn(partial), partial) : unlink(partial));
      if (unasked > 0)
        complain(
          `${yellow('note')}: ${unasked === 1 ? '1 result of an earlier run is' : `${unasked} results of an earlier run are`} of no structure of this one, and stay${unasked === 1 ? 's' : ''} in ${partial}, where --resume finds ${unasked === 1 ? 'it' : 'them'}. Delete that file where it is not needed.\n`,
        );
    },
    leave: async () => {
      // Asked again after an error: it is left already.
      if (isLeft) return;
      isLeft = true;
      await output.abort();
      await store.close().catch(() => undefined);
      // What is there beside FILE itself stays.
      if (!isBegun && store.count === earlier) await unlink(partial).catch(() => undefined);
    },
  };
}

/** What is in `FILE.partial`, with what is in FILE, which is gone on with too. */
async function earlierResults(
  path: string,
  partial: string,
  { prefix, settings, resume }: KeepingOptions,
): Promise<FrameStore> {
  const checkedHash =
    (of: string) =>
    (frame: Buffer): string => {
      const origin = originOf(frame, prefix);
      if (!origin)
        throw new FormatError(
          `${of}: --resume: there are frames that do not say what they were computed from (keys ${ownPrefix(prefix)}input and ${ownPrefix(prefix)}settings): they were written without --resume, with another prefix or version, or are no results. Begin anew with another --output; nothing was changed.`,
        );
      requireSameSettings(of, origin.settings, settings);
      return origin.hash;
    };
  const hashOf = checkedHash(path);
  // All of it is looked at before anything is written.
  if (resume) for await (const frame of frameTexts(path)) hashOf(frame);
  const store = await FrameStore.open(partial, prefix, checkedHash(partial));
  if (resume)
    for await (const frame of frameTexts(path)) {
      const hash = hashOf(frame);
      if ((await store.find(hash)) === null) await store.append(hash, frame);
    }
  return store;
}

const unaskedIn = (partial: string): string => `${partial}.rest`;

/** Writes results that are not in the output beside the others. Returns their number. */
async function keepUnasked(store: FrameStore, order: readonly number[]): Promise<number> {
  const asked = new Uint8Array(store.count);
  for (const number of order) asked[number] = 1;
  const others = Array.from(store.numbers).filter((number) => asked[number] === 0);
  if (others.length > 0)
    await pipeline(store.chunks(others), createWriteStream(unaskedIn(store.path), { flush: true }));
  return others.length;
}
