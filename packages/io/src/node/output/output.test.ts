/** Outputs: the whole new file, or what was there before; streams are written, and never replaced. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { FormatError } from '@mace/core';
import { openOutput, writeFileAtomically } from './output.js';
import { checkOutput, realFiles } from './target.js';
import { sweepLeftovers, temporaryPath } from './temporary.js';
import { faults, FaultyFiles, type Fault } from './testing/faulty-files.js';

const posix = process.platform !== 'win32';
const all = mkdtempSync(join(tmpdir(), 'mace outputs '));
let folder = '';
beforeEach(() => (folder = mkdtempSync(join(all, 'one '))));
afterAll(() => rmSync(all, { recursive: true }));

const older = 'what was there before\n';
const pieces = ['one piece\n', 'another, longer piece\n', 'the end\n'];
const whole = pieces.join('');
const temporaries = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.tmp'));

/** What stands at the target when it is written. */
const situations: Readonly<Record<string, (path: string) => void>> = {
  nothing: () => undefined,
  'a file': (path) => writeFileSync(path, older, { mode: 0o640 }),
  // Only administrators of Windows may make links.
  ...(posix && {
    'a link to a file': (path: string) => {
      writeFileSync(`${path}.real`, older);
      symlinkSync(`${basename(path)}.real`, path);
    },
  }),
};

describe.each(Object.keys(situations))('a fault at each call in turn, where there is %s', (situation) => {
  it.each(faults)('%s: the old file or the whole new one, and an error unless it is new', async (fault: Fault) => {
    let struck = 0;
    for (const code of ['ENOSPC', 'EIO', 'EACCES']) {
      for (let at = 0; ; at++) {
        const path = join(folder, `${code} ${at}.xyz`);
        situations[situation]!(path);
        const files = new FaultyFiles(fault, at, code);
        const error = await writePieces(path, files).catch((error: unknown) => error);
        await files.end();
        if (at >= files.calls.length) break;
        struck++;
        const where = `${fault} at call ${at}, ${files.calls[at]}`;
        const found = contents(path);
        expect([situation === 'nothing' ? null : older, whole], where).toContain(found);
        if (error === undefined) expect(found, where).toBe(whole);
        else {
          expect(error, where).toBeInstanceOf(FormatError);
          expect((error as Error).message, where).toContain(path);
          expect((error as Error).message, where).not.toMatch(/secret|\.tmp/);
        }
        if (fault === 'short' || fault === 'lost') {
          const isLost = fault === 'lost' && files.calls[at] === 'write';
          expect(error instanceof FormatError, where).toBe(isLost);
          if (isLost) expect(found, where).not.toBe(whole);
        }
        if (fault !== 'killed') expect(temporaries(), where).toEqual([]);
        for (const name of temporaries()) unlinkSync(join(folder, name));
      }
    }
    expect(struck).toBeGreaterThan(30);
  });
});

describe('files', () => {
  it.runIf(posix)('keep mode and links; a new one has the mode that any new file has', async () => {
    const file = join(folder, 'a.xyz');
    const link = join(folder, 'link.xyz');
    writeFileSync(file, older);
    chmodSync(file, 0o604);
    symlinkSync('a.xyz', link);
    await writeFileAtomically(link, bytes(whole));
    expect(readlinkSync(link)).toBe('a.xyz');
    expect(readFileSync(file, 'utf8')).toBe(whole);
    expect(statSync(file).mode & 0o777).toBe(0o604);
    const fresh = join(folder, 'new.xyz');
    await writeFileAtomically(fresh, bytes(whole));
    writeFileSync(join(folder, 'usual.xyz'), '');
    expect(statSync(fresh).mode).toBe(statSync(join(folder, 'usual.xyz')).mode);
  });

  it.runIf(posix)('a link in another folder, to a file that is not there yet', async () => {
    mkdirSync(join(folder, 'far'));
    mkdirSync(join(folder, 'near'));
    symlinkSync('../far/b.xyz', join(folder, 'near', 'b.xyz'));
    symlinkSync('near', join(folder, 'short'));
    await writeFileAtomically(join(folder, 'short', 'b.xyz'), bytes(whole));
    expect(readFileSync(join(folder, 'far', 'b.xyz'), 'utf8')).toBe(whole);
  });

  it('nothing is written after a write that failed, and the end does not put it in place', async () => {
    const path = join(folder, 'a.xyz');
    writeFileSync(path, older);
    const files = new FaultyFiles('refused', await callsBefore('write', path), 'ENOSPC');
    const output = await openOutput(path, undefined, files.fileSystem);
    await expect(output.write('a')).rejects.toThrow(/a\.xyz: the file cannot be written: the disk is full/);
    await expect(output.write('b')).rejects.toThrow(/full/);
    await expect(output.close()).rejects.toThrow(/full/);
    expect(readFileSync(path, 'utf8')).toBe(older);
    expect(temporaries()).toEqual([]);
  });

  it('writes that nobody waits for come one after the other', async () => {
    const path = join(folder, 'a.xyz');
    const output = await openOutput(path);
    void output.write('1'.repeat(1e6));
    void output.write('2');
    expect(await output.close()).toBe(1e6 + 1);
    expect(await output.close()).toBe(1e6 + 1);
    await output.abort();
    expect(readFileSync(path, 'utf8')).toBe(`${'1'.repeat(1e6)}2`);
  });

  it('what is no file any more at the end is not replaced', async () => {
    const path = join(folder, 'a.xyz');
    const output = await openOutput(path);
    await output.write(whole);
    mkdirSync(path);
    await expect(output.close()).rejects.toThrow(/a\.xyz: this is no longer a file/);
    expect(lstatSync(path).isDirectory()).toBe(true);
    expect(temporaries()).toEqual([]);
  });

  it('nothing was written: an empty file; given up: none', async () => {
    const path = join(folder, 'a.xyz');
    await (await openOutput(path)).close();
    expect(readFileSync(path, 'utf8')).toBe('');
    const other = await openOutput(join(folder, 'b.xyz'));
    await other.write(whole);
    await other.abort();
    await expect(other.write(whole)).rejects.toThrow(/after its end/);
    expect(readdirSync(folder)).toEqual(['a.xyz']);
  });

  it('two at once: one whole file', async () => {
    const path = join(folder, 'a.xyz');
    const texts = ['a', 'b'].map((letter) => letter.repeat(3e6));
    await Promise.all(texts.map((text) => writeFileAtomically(path, bytes(text))));
    expect(texts).toContain(readFileSync(path, 'utf8'));
    expect(readdirSync(folder)).toEqual(['a.xyz']);
  });

  it('leftovers of a process that is gone are swept, others are not', async () => {
    const path = join(folder, 'a.xyz');
    const own = temporaryPath(path);
    const gone = spawnSync(process.execPath, ['--version']).pid;
    const dead = own.replace(`-${process.pid}-`, `-${gone}-`);
    const elsewhere = dead.replace(/\.[0-9a-f]{8}-/, '.00000000-');
    const another = join(folder, `.other.xyz${basename(dead).slice('.a.xyz'.length)}`);
    for (const name of [own, dead, elsewhere, another]) writeFileSync(name, '');
    await sweepLeftovers(path, realFiles);
    expect(readdirSync(folder).sort()).toEqual([own, elsewhere, another].map((name) => basename(name)).sort());
  });
});

describe.runIf(posix)('targets are checked before anything is computed', () => {
  it.each<[string, (folder: string) => string, RegExp]>([
    ['no name', () => '', /the name of the output is empty/],
    ['a folder', (folder) => folder, /this is a folder/],
    ['the name of a folder', (folder) => join(folder, 'new') + '/', /this is a folder/],
    ['no folder', (folder) => join(folder, 'none', 'a.xyz'), /there is no folder .*none\. Make it first/],
    ['a file as a folder', (folder) => join(named(folder), 'a.xyz'), /a part of the path is no folder/],
    ['a long name', (folder) => join(folder, 'x'.repeat(300)), /the name is too long/],
    ['a circle of links', circle, /symbolic links lead in a circle/],
  ])('%s', async (_, make, message) => {
    const name = make(folder);
    const before = readdirSync(folder);
    const error: unknown = await openOutput(name).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toContain(name);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('a file and a folder without the right to write', async (context) => {
    if (process.getuid?.() === 0) context.skip('the superuser may write everything');
    const path = named(folder);
    chmodSync(path, 0o444);
    await expect(checkOutput(path)).rejects.toThrow(/permission denied/);
    chmodSync(folder, 0o555);
    await expect(checkOutput(join(folder, 'b.xyz'))).rejects.toThrow(/permission denied/);
    chmodSync(folder, 0o755);
  });

  it('an ending of another format', async () => {
    const format = { name: 'extended XYZ', endings: ['.xyz', '.xyz.gz'], isText: true };
    for (const name of ['o.cif', 'o.bak', 'o.xyz.zst', 'o.traj', 'o.cif.gz', 'POSCAR', 'CONTCAR.relaxed'])
      await expect(checkOutput(join(folder, name), format)).rejects.toThrow(
        /: the (?:name|ending \.[\w.]+) does not fit: what is written is extended XYZ\. End it with \.xyz, \.xyz\.gz/,
      );
    for (const name of ['o.xyz', 'O.XYZ', 'o.xyz.gz', 'results', 'ice.300', '.hidden', 'my_poscar.xyz'])
      expect((await checkOutput(join(folder, name), format)).kind).toBe('file');
  });
});

describe.runIf(posix)('streams', () => {
  it('a FIFO, and a link to one, have the bytes and stay', async () => {
    const path = join(folder, 'fifo');
    execFileSync('mkfifo', [path]);
    symlinkSync('fifo', join(folder, 'link'));
    for (const name of ['fifo', 'link']) {
      const output = openOutput(join(folder, name));
      const [text] = await Promise.all([
        readAll(path),
        output.then(async (out) => (await out.write(whole), out.close())),
      ]);
      expect(text).toBe(whole);
      expect(lstatSync(path).isFIFO()).toBe(true);
    }
    expect(readdirSync(folder).sort()).toEqual(['fifo', 'link']);
  });

  it('a device by a link stays a device', async () => {
    const link = join(folder, 'nothing.xyz');
    symlinkSync('/dev/null', link);
    await writeFileAtomically(link, bytes(whole));
    expect(readlinkSync(link)).toBe('/dev/null');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('a full device says so', async (context) => {
    if (!statSync('/dev/full', { throwIfNoEntry: false })) context.skip('there is no /dev/full');
    await expect(writeFileAtomically('/dev/full', bytes(whole))).rejects.toThrow(/\/dev\/full: .*the disk is full/);
  });

  it('standard output under any of its names', async () => {
    for (const name of ['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1', linked(folder, '/dev/stdout')]) {
      if (name.startsWith('/proc') && process.platform !== 'linux') continue;
      expect(await checkOutput(name)).toMatchObject({ kind: 'stream', descriptor: 1, name });
    }
  });
});

it('a file with two names keeps the other as it was', async () => {
  const path = join(folder, 'a.xyz');
  writeFileSync(path, older);
  linkSync(path, join(folder, 'b.xyz'));
  await writeFileAtomically(path, bytes(whole));
  expect(readFileSync(join(folder, 'b.xyz'), 'utf8')).toBe(older);
});

async function writePieces(path: string, files: FaultyFiles): Promise<void> {
  const output = await openOutput(path, undefined, files.fileSystem);
  for (const piece of pieces) await output.write(piece);
  await output.close();
}

async function callsBefore(call: string, path: string): Promise<number> {
  const files = new FaultyFiles('refused', Infinity, '');
  const output = await openOutput(path, undefined, files.fileSystem);
  await output.write('x');
  await output.abort();
  return files.calls.indexOf(call);
}

function contents(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function readAll(path: string): Promise<string> {
  return realFiles.open(path, 'r').then((file) => file.readFile('utf8').finally(() => file.close()));
}

function named(folder: string): string {
  writeFileSync(join(folder, 'a file'), older);
  return join(folder, 'a file');
}

function circle(folder: string): string {
  symlinkSync('two', join(folder, 'one'));
  symlinkSync('one', join(folder, 'two'));
  return join(folder, 'one');
}

function linked(folder: string, to: string): string {
  symlinkSync(to, join(folder, 'a link'));
  return join(folder, 'a link');
}
