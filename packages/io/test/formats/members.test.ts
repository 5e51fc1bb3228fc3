/** Trajectories of a gzip member a frame: cut between any two they are whole, cut within one they are refused, and they are taken up again. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import type { Structure } from '@mace/core/structure';
import { openStructureWriter, readStructureFile, streamStructureFile } from '../../src/node/index.js';
import { extxyzFrame } from '../../src/structure/extxyz-append.js';
import { readExtxyz, writeExtxyz } from '../../src/structure/extxyz.js';
import { fileText, plain } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'mace-members-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [first] = readExtxyz(fileText('ase-rich.extxyz')) as [Structure];
const frames = Array.from({ length: 12 }, (_, step) => ({
  ...first,
  info: { ...first.info, step },
  positions: first.positions.map((x) => x + 0.1 * step),
}));
const members = frames.map((frame) => extxyzFrame(frame, { gzip: true }));
const path = join(folder, 'a.xyz.gz');

it('a writer puts each frame into a member of its own', async () => {
  const writer = await openStructureWriter(path, { memberPerFrame: true });
  for (const frame of frames) await writer.write(frame);
  await writer.close();
  expect(new Uint8Array(readFileSync(path))).toEqual(new Uint8Array(Buffer.concat(members)));
  expect(gunzipSync(readFileSync(path)).toString()).toBe(writeExtxyz(frames));
  expect(new TextDecoder().decode(extxyzFrame(frames[3]!))).toBe(writeExtxyz([frames[3]!]));
});

it('cut between members it has the frames until there, and goes on from there', async () => {
  for (const count of [1, 5, 12]) {
    writeFileSync(path, Buffer.concat(members.slice(0, count)));
    expect((await readStructureFile(path)).map(plain)).toEqual(frames.slice(0, count).map(plain));
    writeFileSync(path, Buffer.concat(members.slice(count)), { flag: 'a' });
    expect((await readStructureFile(path)).map(plain)).toEqual(frames.map(plain));
  }
});

it('cut within a member it gives the frames before, and says so', async () => {
  const whole = Buffer.concat(members.slice(0, 4));
  for (const more of [1, 9, 200, members[4]!.length - 1]) {
    writeFileSync(path, Buffer.concat([whole, members[4]!.subarray(0, more)]));
    await expect(readStructureFile(path)).rejects.toThrow(/a\.xyz\.gz: the gzip data are damaged or cut off/);
    let seen = 0;
    const streamed = async (): Promise<void> => {
      for await (const frame of streamStructureFile(path)) expect(plain(frame)).toEqual(plain(frames[seen++]!));
    };
    await expect(streamed()).rejects.toThrow(/damaged or cut off/);
    expect(seen).toBeLessThanOrEqual(4);
  }
});
