/**
 * Mutated files: every one is either read or refused with an error of this project, soon and in little memory.
 *
 * The mutations go on both sides of the checksums: on the bytes of the file, and on the entries of an archive that is put
 * together again with checksums that fit, so that damage reaches the interpreter.
 */
import { isMaceError } from '@mace/core';
import { expect } from 'vitest';
import { inspectModel, readModel, writeModelBytes } from '../../src/index.js';
import { bytesOf, oracleCheckpoint, oracleModel, repack, seeded } from './build.js';

/** Milliseconds for one file; the usual is a few, so more is a hang. */
const slowest = 60_000;
/** Bytes that one file may leave or hold at its end. */
const largest = 3e8;

/** Reads `count` mutated files. The same seed gives the same files. */
export async function fuzz(count: number, seed: number): Promise<{ read: number; refused: number }> {
  const random = seeded(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const { bytes: checkpoint, like } = oracleCheckpoint();
  const sources = [...['layers-1', 'layers-1-residual', 'correlation-1'].map(oracleModel), checkpoint];
  const own = writeModelBytes(await readModel(sources[0]!));
  const result = { read: 0, refused: 0 };
  for (let i = 0; i < count; i++) {
    const source = sources[below(sources.length)]!;
    const kind = below(4);
    let bytes: Uint8Array;
    if (kind === 0) bytes = mutate(source, below);
    else if (kind === 1) bytes = mutateHeader(own, below);
    else
      bytes = repack(source, (name, data) =>
        name.endsWith('/data.pkl') || below(40) === 0 ? mutate(data, below) : data,
      );
    const start = performance.now();
    const before = process.memoryUsage().arrayBuffers;
    try {
      await readModel(bytes, source === checkpoint ? { like } : {});
      result.read++;
    } catch (error) {
      expect(isMaceError(error), `file ${i} of seed ${seed}: ${(error as Error).stack}`).toBe(true);
      expect((error as Error).message.length, `file ${i} of seed ${seed}`).toBeLessThan(3000);
      // A name from the file must not reach a terminal as an escape sequence.
      expect((error as Error).message, `file ${i} of seed ${seed}`).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      result.refused++;
    }
    expect(performance.now() - start, `file ${i} of seed ${seed}`).toBeLessThan(slowest);
    expect(process.memoryUsage().arrayBuffers - before, `file ${i} of seed ${seed}`).toBeLessThan(largest);
    if (i % 100 === 0) await inspectModel(bytes); // never throws
  }
  return result;
}

/** One to eight changes: flipped bits, other bytes, cuts, doubled or moved pieces. */
function mutate(source: Uint8Array, below: (n: number) => number): Uint8Array {
  let bytes: Uint8Array = source.slice();
  for (let change = 1 + below(8); change > 0; change--) {
    if (bytes.length === 0) return bytes;
    const at = below(bytes.length);
    const length = 1 + below(Math.min(64, bytes.length - at));
    switch (below(6)) {
      case 0:
        bytes[at]! ^= 1 << below(8);
        break;
      case 1:
        bytes[at] = below(256);
        break;
      case 2:
        bytes = below(8) === 0 ? bytes.slice(0, at) : bytes;
        break;
      case 3:
        bytes = bytesOf(bytes.subarray(0, at), bytes.subarray(at + length));
        break;
      case 4:
        bytes = bytesOf(bytes.subarray(0, at + length), bytes.subarray(at));
        break;
      default:
        bytes.set(bytes.slice(at, at + length), below(bytes.length - length + 1));
    }
  }
  return bytes;
}

/** Mostly the JSON header, which is where the structure is. */
function mutateHeader(source: Uint8Array, below: (n: number) => number): Uint8Array {
  const length = Number(new DataView(source.buffer).getBigUint64(0, true));
  return below(4) === 0
    ? mutate(source, below)
    : bytesOf(mutate(source.subarray(0, 8 + length), below), source.subarray(8 + length));
}
