/** Downloads as they go wrong: whatever a server, a disk, a licence or a second process does, the cache holds whole models only. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  chmodSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isMaceError, type ModelUnavailableError } from '@mace/core';
import { importModel, modelPath, pullModel, readModel, type PullOptions } from '../src/node/index.js';
import { publishedModel } from '../src/index.js';
import { serve, type TestServer } from './testing/server.js';
import { servedBy, standIn } from './testing/standins.js';

const medium = standIn('medium');
const organic = standIn('off-medium');
const sumOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let server: TestServer;
let folder: string;
beforeAll(async () => void (server = await serve()));
afterAll(() => server.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mace models '));
  server.asked.length = 0;
  server.files = { 'medium.model': { bytes: medium, version: '"one"' }, 'off-medium.model': { bytes: organic } };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const names = (): string[] => readdirSync(folder).sort();
/** How much of a download that broke is kept: what had arrived but was not read yet is lost with the connection. */
const bytesOfPart = (): number => statSync(join(folder, names().find((name) => name.endsWith('.part')) ?? '')).size;
const pull = (more: PullOptions = {}, name = 'medium'): ReturnType<typeof pullModel> =>
  pullModel(servedBy(server.address, name), { folder, ...more });
const refusal = async (pulled: Promise<unknown>): Promise<ModelUnavailableError> => {
  const error: unknown = await pulled.then(
    () => 'nothing was thrown',
    (thrown: unknown) => thrown,
  );
  if (!isMaceError(error) || error.code !== 'model-unavailable') throw error;
  return error as ModelUnavailableError;
};

describe('a model that comes whole', () => {
  test('has its record, its progress, and comes once', async () => {
    const progress: [number, number | undefined][] = [];
    const first = await pull({ onProgress: (...now) => progress.push(now) });
    expect(first).toMatchObject({ wasDownloaded: true, record: { bytes: medium.length, sha256: sumOf(medium) } });
    expect(progress.at(-1)).toEqual([medium.length, medium.length]);
    expect(names()).toEqual(['mediummodel', 'mediummodel.json']);
    expect(readFileSync(first.path).equals(medium)).toBe(true);
    expect(await pull()).toMatchObject({ wasDownloaded: false, path: first.path });
    expect(server.asked).toEqual([null]);
  });

  test('one that mace-torch left there is used, under either of its names', async () => {
    writeFileSync(join(folder, 'medium.model'), medium);
    expect(await pull()).toMatchObject({ wasDownloaded: false, record: { sha256: sumOf(medium) } });
    expect(server.asked).toEqual([]);
  });

  test('a server that compresses on the way gives the file', async () => {
    server.files = { 'medium.model': { bytes: medium, compressed: true } };
    expect(readFileSync((await pull()).path).equals(medium)).toBe(true);
  });

  test('a mirror stands for the published servers', async () => {
    const { address, name } = publishedModel('medium');
    server.files = { [address.replace('https://', '')]: { bytes: medium }, copy: { bytes: medium } };
    expect(await pullModel(publishedModel(name), { folder, mirror: `${server.address}/` })).toMatchObject({
      wasDownloaded: true,
    });
    expect(names()[0]).toBe('20231203mace128L1_epoch199model');
    const { config } = await readModel(name, { folder, offline: true });
    expect(config.atomicNumbers).toHaveLength(89);
    server.asked.length = 0;
    rmSync(folder, { recursive: true });
    server.files = { [`for/${address}`]: { bytes: medium } };
    await pullModel(publishedModel(name), { folder, mirror: `${server.address}/for/{address}` });
  });
});

describe('a download that stops', () => {
  test('goes on from where it stopped', async () => {
    server.files = { 'medium.model': { bytes: medium, version: '"one"', breakAfter: 1_000_000 } };
    const error = await refusal(pull());
    expect(error.reason).toBe('network');
    expect(error.message).toMatch(/after [\d.]+ (?:MB|bytes) of 3\.5 MB; run it again, it goes on from there/);
    expect(names().filter((name) => !name.includes('.part'))).toEqual([]);
    const kept = bytesOfPart();
    expect(kept).toBeGreaterThan(0);
    server.files = { 'medium.model': { bytes: medium, version: '"one"' } };
    const { path } = await pull();
    expect(server.asked.at(-1)).toBe(`bytes=${kept}-`);
    expect(readFileSync(path).equals(medium)).toBe(true);
    expect(names()).toEqual(['mediummodel', 'mediummodel.json']);
  });

  test.each([
    [true, 'it goes on from there. '],
    [false, 'it begins anew, as this server sends whole files only. '],
    ['unsaid', 'it goes on from there if the server allows that. '],
  ] as const)('of a server with ranges %s says what becomes of it', async (ranges, next) => {
    server.files = { 'medium.model': { bytes: medium, ranges, breakAfter: 500_000 } };
    expect((await refusal(pull())).message).toContain(`run it again, ${next}`);
    const stop = new AbortController();
    server.files = { 'medium.model': { bytes: medium, ranges, pause: 20 } };
    const stopped = pull({ cancellation: stop.signal, onProgress: (done) => done > 600_000 && stop.abort() });
    await expect(stopped).rejects.toThrow(`next time ${next.trimEnd()}`);
  });

  test('begins anew where the file has changed meanwhile, or the server knows no ranges', async () => {
    for (const now of [{ version: '"two"' }, { version: '"one"', ranges: false }]) {
      server.files = { 'medium.model': { bytes: medium.map((byte) => byte), version: '"one"', breakAfter: 500_000 } };
      await refusal(pull());
      server.files = { 'medium.model': { bytes: medium, ...now } };
      const { path } = await pull();
      expect(readFileSync(path).equals(medium)).toBe(true);
      rmSync(path);
    }
  });

  test('a server that sends another range than it was asked for is asked for the whole', async () => {
    server.files = { 'medium.model': { bytes: medium, version: '"one"', breakAfter: 500_000 } };
    await refusal(pull());
    const kept = bytesOfPart();
    server.files = { 'medium.model': { bytes: medium, version: '"one"', rangesFrom: 0 } };
    expect(readFileSync((await pull()).path).equals(medium)).toBe(true);
    expect(server.asked).toEqual([null, `bytes=${kept}-`, null]);
  });

  test('a part that is whole already is kept; one that is too long begins anew', async () => {
    for (const extra of [0, 10]) {
      server.files = {
        'medium.model': {
          bytes: Buffer.concat([medium, Buffer.alloc(extra + 10)]),
          version: '"one"',
          breakAfter: medium.length + extra,
        },
      };
      await refusal(pull());
      server.files = { 'medium.model': { bytes: medium, version: '"one"' } };
      expect(readFileSync((await pull()).path).equals(medium)).toBe(true);
      rmSync(join(folder, 'mediummodel'));
    }
  });

  test('one that stands still is given up, one that is cancelled is left', async () => {
    server.files = { 'medium.model': { bytes: medium, hangAfter: 300_000 } };
    expect((await refusal(pull({ patience: 2 }))).message).toContain('nothing came for 2 s');
    const stop = new AbortController();
    const cancelled = pull({ cancellation: stop.signal, onProgress: () => stop.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(names().every((name) => name.includes('.part'))).toBe(true);
  });

  test('no connection, no file, no permission: said with the way around', async () => {
    server.files = {};
    expect((await refusal(pull())).message).toMatch(/answers 404 .* `mace models import FILE --name medium`/);
    const gone = await serve();
    await gone.close();
    const nowhere = pullModel(servedBy(gone.address, 'medium'), { folder });
    expect((await refusal(nowhere)).message).toContain('refuses the connection');
    expect((await refusal(pull({ offline: true }))).message).toContain(join(folder, 'mediummodel'));
  });
});

describe('what is not the model', () => {
  test.each([
    ['a web page', '<!DOCTYPE html><html>log in</html>', 'a web page'],
    ['a short message', 'rate limit exceeded\n', 'a text, "rate limit exceeded"'],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\n', 'a Git LFS pointer'],
    ['nothing', '', 'empty'],
    ['other bytes', '\x00\x01\x02\x03', 'no PyTorch archive'],
  ])('%s is recognised, and nothing stays', async (_what, text, said) => {
    server.files = { 'medium.model': { bytes: Buffer.from(text, 'latin1'), type: 'text/html' } };
    const error = await refusal(pull());
    expect([error.reason, error.message]).toEqual(['content', expect.stringContaining(said)]);
    expect(names()).toEqual([]);
  });

  test('another model under its name, or another checksum, is refused', async () => {
    server.files = { 'medium.model': { bytes: organic } };
    const error = await refusal(pull());
    expect(error.message).toContain('it has 10 elements (H, C, N, O, F, P, S, Cl, Br, I), MACE-MP-0 medium 89');
    expect(error.message).toContain('its cut-off is 5 Å, that of MACE-MP-0 medium 6 Å');
    server.files = { 'medium.model': { bytes: medium } };
    const pinned = pullModel(servedBy(server.address, 'medium', { sha256: 'ab'.repeat(32) }), { folder });
    expect((await refusal(pinned)).message).toContain(`its sha256 is ${sumOf(medium)}, expected abab`);
    expect(names()).toEqual([]);
  });

  test('a damaged archive is refused by the reader, and nothing stays', async () => {
    server.files = { 'medium.model': { bytes: medium.subarray(0, 2_000_000) } };
    const error = await refusal(pull());
    expect([error.reason, error.message]).toEqual([
      'content',
      expect.stringContaining(`What came from ${server.address}/medium.model is no whole file of MACE-MP-0 medium`),
    ]);
    expect(names()).toEqual([]);
  });

  test('in the cache it is named with its path', async () => {
    writeFileSync(join(folder, 'medium.model'), '<html>');
    expect((await refusal(pull())).message).toMatch(
      new RegExp(
        `^${join(folder, 'medium.model')} is a web page.* remove ${join(folder, 'medium.model')} and pull the`,
      ),
    );
    rmSync(join(folder, 'medium.model'));
    mkdirSync(join(folder, 'medium.model'));
    expect((await refusal(pull())).message).toContain(`${join(folder, 'medium.model')} is a folder`);
    rmSync(join(folder, 'medium.model'), { recursive: true });
    writeFileSync(join(folder, 'medium.model'), medium);
    await pull();
    writeFileSync(join(folder, 'medium.model'), organic);
    expect((await refusal(pull())).message).toContain('is not MACE-MP-0 medium');
  });
});

describe('licences', () => {
  test('are asked for once and remembered', async () => {
    expect((await refusal(pull({}, 'off-medium'))).message).toContain('not for commercial use');
    expect(server.asked).toEqual([]);
    const questions: string[] = [];
    await pull(
      { acceptLicence: (licence, { name }) => void questions.push(`${licence} ${name}`) !== null },
      'off-medium',
    );
    await pull({ acceptLicence: () => false }, 'off-medium');
    expect(questions).toEqual(['ASL off-medium']);
    expect(JSON.parse(readFileSync(join(folder, 'accepted-licences.json'), 'utf8'))).toHaveProperty('ASL');
  });

  test('models that are not computed here are refused before anything is asked', async () => {
    const polar = pullModel(publishedModel('polar-1-m'), { folder, acceptLicence: ['ASL'] });
    expect((await refusal(polar)).message).toContain('use mace_polar of mace-torch');
    expect(names()).toEqual([]);
  });
});

describe('files that came by other means', () => {
  test('take their place in the cache, if they are the model', async () => {
    const file = join(folder, 'by hand');
    writeFileSync(file, medium);
    const { path } = await importModel(publishedModel('medium'), file, { folder });
    expect(readFileSync(path).equals(medium)).toBe(true);
    expect(await pullModel(publishedModel('medium'), { folder, offline: true })).toMatchObject({ path });
    expect((await refusal(importModel(publishedModel('small'), file, { folder }))).message).toContain('sha256');
    writeFileSync(file, 'no model');
    expect((await refusal(importModel(publishedModel('medium-0b3'), file, { folder }))).reason).toBe('content');
  });
});

test('a mirror that is no web address is named', async () => {
  for (const mirror of ['ftp://host', 'file:///tmp', '/copies', 'localhost:80'])
    expect((await refusal(pull({ mirror }))).message).toMatch(
      new RegExp(`^MACE_MIRROR "${mirror}": expected an address`),
    );
});

describe('names and files', () => {
  test('a folder with the name of a model hides it from nobody', async () => {
    const here = process.cwd();
    mkdirSync(join(folder, 'medium'));
    mkdirSync(join(folder, 'mine'));
    process.chdir(folder);
    try {
      expect((await refusal(modelPath('medium', { folder, offline: true }))).reason).toBe('offline');
      expect((await refusal(modelPath('mine', { folder }))).message).toMatch(/^mine is a folder/);
    } finally {
      process.chdir(here);
    }
  });
});

describe('the disk', () => {
  test.skipIf(!existsSync('/proc/self'))('a folder that can never be made is an end, not a loop', async () => {
    expect((await refusal(pull({ folder: '/proc/none/mace' }))).message).toContain('/proc/none/mace cannot be written');
  });

  test('that cannot be written is named', async () => {
    writeFileSync(join(folder, 'file'), '');
    const error = await refusal(pull({ folder: join(folder, 'file', 'cache') }));
    expect([error.reason, error.message]).toEqual(['disk', expect.stringContaining('XDG_CACHE_HOME')]);
  });

  test('a cache that others own is read', async () => {
    await pull();
    rmSync(join(folder, 'mediummodel.json'));
    chmodSync(folder, 0o500);
    try {
      expect(await pull()).toMatchObject({ wasDownloaded: false });
    } finally {
      chmodSync(folder, 0o700);
    }
    expect(statSync(join(folder, 'mediummodel')).size).toBe(medium.length);
  });
});
