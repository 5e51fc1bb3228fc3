/** What is behind the page of `mace view`: frames as bytes, a server that only answers its own page, logs, and the geometry that is drawn. */
import { readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeStructure, type Structure } from '@mace/core/structure';
import { readStructures } from '@mace/io';
import { view } from '../src/commands/view.js';
import type { LoopbackServer } from '../src/loopback/server.js';
import { readLog } from '../src/view/log-table.js';
import { measureText } from '../src/view/page/measure.js';
import { quantitiesOf, viewFrame } from '../src/view/quantities.js';
import { decodeFrames, encodeFrame } from '../src/view/record.js';
import { serveView } from '../src/view/server.js';
import { FrameSpool } from '../src/view/spool.js';
import { file } from './testing/run.js';

const text = (i: number): string =>
  `2\nLattice="4 0 0 1 5 0 0 2 6" Properties=species:S:1:pos:R:3:momenta:R:3:forces:R:3 energy=${-1.5 - i} step=${i} name="a b" pbc="T F T"\n` +
  `O 0 0 ${i} 0 0 0 0 0 3\nH 0 0.5 -1 1 0 0 0 4 0\n`;
const frames = (count: number): Structure[] =>
  readStructures(Array.from({ length: count }, (_, i) => text(i)).join(''), { format: 'extxyz' });
const buffer = ({ buffer: all, byteOffset, byteLength }: Uint8Array): ArrayBuffer =>
  (all as ArrayBuffer).slice(byteOffset, byteOffset + byteLength);

async function spooled(structures: readonly Structure[]): Promise<FrameSpool> {
  const spool = await FrameSpool.make();
  for (const structure of structures) await spool.add(structure);
  return spool;
}

describe('a frame', () => {
  test('comes back from its bytes as it was, and others behind it', () => {
    const [one] = frames(1);
    const bare = makeStructure({ symbols: ['H', 'H', 'H'], positions: [0, 0, 0, 0, 0, 1, 0, 0, 2] });
    const [back, other, third] = decodeFrames(
      buffer(Buffer.concat([one!, bare, one!].map((each) => encodeFrame(viewFrame(each))))),
    );
    expect([...back!.numbers]).toEqual([8, 1]);
    expect([...back!.positions]).toEqual([0, 0, 0, 0, 0.5, -1]);
    expect([...back!.forces!]).toEqual([0, 0, 3, 0, 4, 0]);
    expect([...back!.cell!]).toEqual([4, 0, 0, 1, 5, 0, 0, 2, 6]);
    expect(back!.pbc).toEqual([true, false, true]);
    expect(back!.keys).toMatchObject({ energy: '-1.5', name: 'a b' });
    expect([[...other!.numbers], other!.forces, other!.cell, other!.pbc]).toEqual([
      [1, 1, 1],
      null,
      null,
      [false, false, false],
    ]);
    expect([...third!.positions]).toEqual([...back!.positions]);
  });

  test('has its numbers: keys, the largest force, the temperature of ASE', () => {
    const found = quantitiesOf(frames(1)[0]!);
    expect(found.get('energy')).toBe(-1.5);
    expect(found.get('largest force (eV/Å)')).toBe(4);
    // p² / m of the hydrogen atom, over three degrees of freedom of two atoms.
    expect(found.get('temperature (K)')).toBeCloseTo(1 / 1.008 / (6 * 8.617330337217213e-5), 8);
  });

  test.each([
    ['FixAtoms', 1, [true, false, true]],
    ['FixCartesian', 3, [false, true, true, true, true, true, false, false, true]],
  ])('the temperature of ASE where %s holds a part', (_, columns, values) => {
    const water = makeStructure({ symbols: ['O', 'H', 'H'], positions: [0, 0, 0, 1, 0, 0, 0, 1, 0] });
    const momenta = Float64Array.of(1, 0.5, -0.25, 0.1, 0.2, 0.3, -0.2, 0, 0.1);
    const found = quantitiesOf({
      ...water,
      arrays: {
        move_mask: { columns, kind: 'logical', values },
        momenta: { columns: 3, kind: 'real', values: momenta },
      },
    });
    // get_temperature() with these constraints: both take three degrees of freedom.
    expect(found.get('temperature (K)')).toBeCloseTo(523.2255431384656, 8);
  });
});

describe('frames in a file', () => {
  test('are read again from anywhere, with numbers for each', async () => {
    const spool = await spooled([...frames(40), makeStructure({ symbols: ['He'], positions: [0, 0, 0] })]);
    try {
      const found = decodeFrames(buffer(await spool.read(17, 3)));
      expect(found.map(({ keys }) => keys['step'])).toEqual(['17', '18', '19']);
      expect(decodeFrames(buffer(await spool.read(39, 64)))).toHaveLength(2);
      expect(spool.series(38)).toMatchObject({ energy: [-39.5, -40.5, null], step: [38, 39, null] });
    } finally {
      await spool.dispose();
    }
  });

  test('of any size are answered in pieces, and leave nothing behind', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('mace-view-'));
    const big = makeStructure({ numbers: new Array<number>(100_000).fill(1), positions: new Float64Array(300_000) });
    const spool = await spooled([big, big, big, big, big]);
    expect(decodeFrames(buffer(await spool.read(0, 5)))).toHaveLength(3);
    await spool.dispose();
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('mace-view-'))).toEqual(before);
  });
});

describe('the server', () => {
  let spool: FrameSpool;
  let server: LoopbackServer;
  const html = '<!doctype html><style>p{}</style><script type="module">1</script>';
  beforeAll(async () => {
    spool = await spooled(frames(5));
    server = await serveView({ title: 'a.xyz', frames: spool, html }, 0);
  });
  afterAll(async () => {
    await server.close();
    await spool.dispose();
  });

  test('gives the page, what it is about, and frames', async () => {
    expect(new URL(server.address).hostname).toBe('127.0.0.1');
    expect(await (await fetch(server.address)).text()).toBe(html);
    expect(await (await fetch(`${server.address}about`)).json()).toMatchObject({
      title: 'a.xyz',
      count: 5,
      hasLog: false,
    });
    const bytes = await (await fetch(`${server.address}frames?from=3&count=9`)).arrayBuffer();
    expect(decodeFrames(bytes).map(({ keys }) => keys['step'])).toEqual(['3', '4']);
    expect((await fetch(`${server.address}frames?from=5`)).status).toBe(404);
    expect((await fetch(`${server.address}../etc/passwd`)).status).toBe(403);
  });

  test('refuses without the token, under another name, and what is no question', async () => {
    const { origin, host, port, pathname } = new URL(server.address);
    for (const path of ['/', '/about', '/x/about', `${pathname.slice(0, -2)}/about`, pathname.slice(0, -1)])
      expect((await fetch(origin + path)).status, path).toBe(403);
    const named = (name: string): Promise<number | undefined> =>
      new Promise((resolve) => {
        request({ host: '127.0.0.1', port, path: pathname, headers: { host: name } }, ({ statusCode }) =>
          resolve(statusCode),
        ).end();
      });
    expect(await named(host)).toBe(200);
    expect(await named('evil.example')).toBe(403);
    expect((await fetch(server.address, { method: 'POST' })).status).toBe(405);
  });

  test('has a policy by which the page runs its own script alone and asks nobody else', async () => {
    const { headers } = await fetch(server.address);
    const policy = headers.get('content-security-policy')!.split('; ');
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"]),
    );
    expect(policy.find((line) => line.startsWith('script-src'))).toBe(
      "script-src 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='",
    );
    expect(policy.join()).not.toMatch(/unsafe|\*|https?:/);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('says that a port is taken', async () => {
    const { port } = new URL(server.address);
    await expect(serveView({ title: '', frames: spool, html }, Number(port))).rejects.toThrow(
      `--port ${port}: another program listens there.`,
    );
  });
});

test('a log: names, numbers, what is no number, and fewer rows where there are very many', async () => {
  const path = file('log.csv', '# units: fs\nstep,"time (fs)",what\n0,0,a\n1,0.5,b\n\n2,,c\n');
  expect(await readLog(path)).toEqual({ step: [0, 1, 2], 'time (fs)': [0, 0.5, null] });
  writeFileSync(path, `step\n${Array.from({ length: 90_001 }, (_, i) => i).join('\n')}\n`);
  const { step } = await readLog(path);
  expect(step!.length).toBeLessThanOrEqual(40_000);
  expect(step!.slice(0, 3)).toEqual([0, 4, 8]);
  await expect(readLog(file('empty.csv', ''))).rejects.toThrow(/expected names of columns/);
});

test('what is no structure is said before a page is there', async () => {
  const options = { open: false };
  await expect(view(file('no.xyz', 'not a number\n'), options)).rejects.toThrow(/no\.xyz/);
  await expect(view(file('none.extxyz', ''), options)).rejects.toThrow(/none\.extxyz/);
  await expect(view('not there.xyz', options)).rejects.toThrow(/not there\.xyz/);
  await expect(view(join(file('a.xyz', text(0)), '..'), options)).rejects.toThrow(/no trajectory\.xyz/);
});

describe('what is drawn', () => {
  test('clicked atoms are a place, a distance, an angle, a torsion', () => {
    const x = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 2);
    const frame = {
      ...viewFrame(makeStructure({ symbols: ['O', 'H', 'C', 'N'], positions: [...x] })),
      forces: Float32Array.of(3, 4, 0, ...new Array<number>(9).fill(0)),
    };
    expect(measureText(frame, x, [0])).toBe('O0   1.0000  0.0000  0.0000 Å\nforce 5.0000 eV/Å');
    expect(measureText(frame, x, [1, 2])).toBe('H1 – C2   2.0000 Å');
    expect(measureText(frame, x, [0, 1, 2])).toBe('O0 – H1 – C2   90.00°');
    expect(measureText(frame, x, [0, 1, 2, 3])).toBe('O0 – H1 – C2 – N3   90.00°');
  });
});
