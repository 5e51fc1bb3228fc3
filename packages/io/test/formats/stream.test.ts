/** Streams: the same structures however the bytes are cut, gzip and its limits, files on disk. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { join } from 'node:path';
import { gzipSync, strToU8, zlibSync } from 'fflate';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Structure } from '@mace/core/structure';
import { readStructureFile, streamStructureFile, writeStructureFile } from '../../src/node/files.js';
import { readFrames } from '../../src/node/frames.js';
import { readExtxyz, streamExtxyz, writeExtxyz } from '../../src/structure/extxyz.js';
import { readStructures } from '../../src/structure/formats.js';
import { fileText, plain, randomNumbers, structureWith } from './support.js';

const text = fileText('ase-rich.extxyz');
const expected = readExtxyz(text).map(plain);
const collect = async (stream: AsyncIterable<Structure>): Promise<unknown[]> => {
  const all: unknown[] = [];
  for await (const structure of stream) all.push(plain(structure));
  return all;
};
async function* cut(bytes: Uint8Array, sizes: () => number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const size = sizes();
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe('streams', () => {
  it.each([1, 2, 3, 7, 1000])('chunks of %d bytes, LF and CRLF, plain and gzip', async (size) => {
    for (const variant of [text, text.replaceAll('\n', '\r\n')]) {
      const bytes = strToU8(variant);
      expect(await collect(streamExtxyz(cut(bytes, () => size)))).toEqual(expected);
      expect(await collect(streamExtxyz(cut(gzipSync(bytes), () => size)))).toEqual(expected);
    }
  });
  it('random chunks, several gzip members, text chunks, byte order mark', async () => {
    const random = randomNumbers(3);
    const sizes = (): number => 1 + Math.floor(random() * 90);
    const members = [gzipSync(strToU8(text)), gzipSync(strToU8(text))];
    const both = new Uint8Array(members.reduce((sum, member) => sum + member.length, 0));
    both.set(members[0]!);
    both.set(members[1]!, members[0]!.length);
    expect(await collect(streamExtxyz(cut(both, sizes)))).toEqual([...expected, ...expected]);
    expect(await collect(streamExtxyz([`\uFEFF${text.slice(0, 100)}`, text.slice(100)]))).toEqual(expected);
    expect(readStructures(both, { name: 'a.extxyz.gz' }).map(plain)).toEqual([...expected, ...expected]);
  });
  it('gives the first frame before the last has been asked for', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<string> {
      for (;;) {
        given++;
        yield text;
      }
    }
    const stream = streamExtxyz(endless());
    for (let frame = 0; frame < 7; frame++) await stream.next();
    await stream.return(undefined);
    expect(given).toBeLessThanOrEqual(3);
  });
  it('refuses cut gzip, damaged gzip, bombs, endless lines, other encodings', async () => {
    const zipped = gzipSync(strToU8(text));
    await expect(collect(streamExtxyz([zipped.subarray(0, 500)], 'a.gz'))).rejects.toThrow(/a\.gz.*damaged or cut off/);
    const damaged = zipped.slice();
    damaged[damaged.length - 6]! ^= 1;
    await expect(collect(streamExtxyz([damaged], 'a.gz'))).rejects.toThrow(/a\.gz: the gzip data are damaged/);
    expect(() => readStructures(damaged, { name: 'a.xyz.gz' })).toThrow(/the gzip data are damaged/);
    const bomb = gzipSync(new Uint8Array(64 * 1024 * 1024).fill(32));
    await expect(collect(streamExtxyz([bomb], 'a.gz'))).rejects.toThrow(/grow more than 250 times/);
    expect(() => readStructures(bomb, { name: 'a.xyz.gz' })).toThrow(/grow more than 250 times/);
    const line = 'x'.repeat(8 * 1024 * 1024);
    await expect(
      collect(
        streamExtxyz(
          Array.from({ length: 9 }, () => line),
          'a.xyz',
        ),
      ),
    ).rejects.toThrow(/a line has more than/);
    await expect(collect(streamExtxyz([Uint8Array.of(49, 10, 233, 10)], 'a.xyz'))).rejects.toThrow(/not UTF-8/);
  });
});

describe('compression that is not undone here', () => {
  const gz = gzipSync(strToU8(text));
  it.each([
    ['bzip2', [0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59]],
    ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
    ['Zstandard', [0x28, 0xb5, 0x2f, 0xfd, 0x24]],
    ['ZIP', [0x50, 0x4b, 3, 4, 20, 0]],
    ['zlib', [...zlibSync(strToU8(text))]],
  ])('%s is named, alone and inside gzip', async (kind, start) => {
    const bytes = Uint8Array.from(start);
    const message = `a.xyz: the file is compressed (${kind}), and only gzip is undone here. Decompress it first.`;
    for (const file of [bytes, gzipSync(bytes)]) {
      expect(() => readStructures(file, { name: 'a.xyz' })).toThrow(message);
      await expect(collect(streamExtxyz([file], 'a.xyz'))).rejects.toThrow(message);
    }
  });
  it('gzip in gzip is named, and text that starts like an archive is text', () => {
    expect(() => readStructures(gzipSync(gz), { name: 'a.xyz' })).toThrow('a.xyz: the file is compressed twice.');
    expect(() => readStructures(strToU8('BZhang, 2024'), { name: 'a.xyz' })).toThrow(/line 1: expected the number/);
    expect(() => readStructures(new Uint8Array(0), { name: 'standard input' })).toThrow(
      'standard input: there is no structure in it, it is empty.',
    );
  });
});

describe('members of a gzip file', () => {
  const parts = expected.map((_, index) => gzipSync(strToU8(writeExtxyz([readExtxyz(text)[index] as Structure]))));
  const file = (members: readonly Uint8Array[]): Uint8Array => Uint8Array.from(members.flatMap((part) => [...part]));

  it('every damaged trailer and every changed stored byte is noticed, in any member', async () => {
    const stored = parts.map((_, index) =>
      gzipSync(strToU8(writeExtxyz([readExtxyz(text)[index] as Structure])), { level: 0 }),
    );
    for (const [kind, members] of Object.entries({ parts, stored })) {
      for (const index of members.keys()) {
        const lengths = members.map(({ length }) => length);
        const start = lengths.slice(0, index).reduce((sum, length) => sum + length, 0);
        const size = lengths[index]!;
        const places = [1, 4, 5, 8].map((before) => start + size - before);
        if (kind === 'stored') places.push(start + 40, start + size - 20);
        for (const place of places) {
          const bytes = file(members);
          bytes[place]! ^= 1;
          const message = new RegExp(`the end of member ${index + 1} does not fit`);
          expect(() => readStructures(bytes, { name: 'a.xyz.gz' })).toThrow(message);
          // A stream gives frames before it comes to the sum of their member, and may stumble over the damage itself.
          await expect(
            collect(
              streamExtxyz(
                cut(bytes, () => 5),
                'a.gz',
              ),
            ),
          ).rejects.toThrow(/^a\.gz/);
        }
      }
    }
    expect(readStructures(file(parts), { name: 'a.xyz.gz' }).map(plain)).toEqual(expected);
  });
  it.each([1, 2, 7, 64, 20000])('%d zero bytes behind the last member are padding', async (zeros) => {
    const padded = file([...parts, new Uint8Array(zeros)]);
    expect(readStructures(padded, { name: 'a.xyz.gz' }).map(plain)).toEqual(expected);
    for (const size of [1, 5, 4096]) expect(await collect(streamExtxyz(cut(padded, () => size)))).toEqual(expected);
    for (const bad of [file([padded, Uint8Array.of(1)]), file([parts[0]!.subarray(0, -9), new Uint8Array(zeros)])])
      expect(() => readStructures(bad, { name: 'a.xyz.gz' })).toThrow(/a\.xyz\.gz: the gzip data are damaged/);
  });
  it('no single flipped bit gives other structures', () => {
    const random = randomNumbers(5);
    const whole = file(parts);
    for (let flip = 0; flip < 300; flip++) {
      const bytes = whole.slice();
      bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8);
      let read: unknown[] | undefined;
      try {
        read = readStructures(bytes, { name: 'a.xyz.gz' }).map(plain);
      } catch (error) {
        expect((error as Error).message).toMatch(/a\.xyz/);
      }
      // Flags, time and name of a header say nothing about the data.
      if (read !== undefined) expect(read).toEqual(expected);
    }
  });
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mace io '));
  afterAll(() => rmSync(folder, { recursive: true }));
  const structures = [structureWith(), structureWith({ info: { energy: -1.5 } })];

  it.each(['my water.extxyz', 'my water.xyz.gz', 'rows.ase.json'])('%s: written, read and streamed', async (name) => {
    const path = join(folder, name);
    await writeStructureFile(path, structures);
    await writeStructureFile(path, structures);
    expect((await readStructureFile(path)).map(plain)).toEqual(structures.map(plain));
    expect(await collect(streamStructureFile(path))).toEqual(structures.map(plain));
    expect(readdirSync(folder).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });
  it('a failed write leaves the old file', async () => {
    const path = join(folder, 'old.extxyz');
    writeFileSync(path, writeExtxyz(structures));
    await expect(writeStructureFile(path, [structureWith({ info: { pbc: true } })])).rejects.toThrow(
      /pbc is not an info key/,
    );
    expect(readFileSync(path, 'utf8')).toBe(writeExtxyz(structures));
    await expect(writeStructureFile(join(folder, 'no folder', 'a.xyz'), structures)).rejects.toThrow(
      /cannot be written/,
    );
  });
  it('frames behind a name that select nothing are said to be wrong', async () => {
    const path = join(folder, 'traj.xyz');
    writeFileSync(path, writeExtxyz(structures));
    expect(await readFrames(`${path}@-1`)).toHaveLength(1);
    for (const text of ['1,3', 'x', '', '1.5'])
      await expect(readFrames(`${path}@${text}`)).rejects.toThrow(
        `traj.xyz@${text}: ${JSON.stringify(text)} is no selection of frames. Write for example @3`,
      );
    await expect(readFrames(`${path}x@1,3`)).rejects.toThrow(/there is no such file/);
  });
  it.each([undefined, 'extxyz'])('- is standard input, format %s', async (format) => {
    const bytes = gzipSync(strToU8(writeExtxyz(structures)));
    const input = vi.spyOn(process, 'stdin', 'get');
    const of = (content: Uint8Array): void =>
      void input.mockReturnValue(Readable.from([content.slice(0, 9), content.slice(9)]) as typeof process.stdin);
    try {
      of(bytes);
      expect((await readFrames('-', { format })).map(plain)).toEqual(structures.map(plain));
      of(strToU8('no structure at all'));
      await expect(readFrames('-', { format })).rejects.toThrow(/^standard input/);
    } finally {
      input.mockRestore();
    }
  });
  it('files that are not there, and folders', async () => {
    await expect(readStructureFile(join(folder, 'none.xyz'))).rejects.toThrow(/there is no such file/);
    await expect(collect(streamStructureFile(join(folder, 'none.xyz')))).rejects.toThrow(/there is no such file/);
    await expect(readStructureFile(folder)).rejects.toThrow(/this is a folder/);
  });
});
