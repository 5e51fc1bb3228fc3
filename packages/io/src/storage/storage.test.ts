/** Storages keep what was flushed, cut what was not noted, and refuse what is shorter. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFolderStorage } from '../node/folder-storage.js';
import { MemoryStorage, type Storage } from './storage.js';

const folder = mkdtempSync(join(tmpdir(), 'mace storage '));
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const kinds: [string, () => Promise<Storage>][] = [
  ['memory', async () => new MemoryStorage()],
  ['a folder', () => openFolderStorage(mkdtempSync(join(folder, 'a')))],
];

describe.each(kinds)('%s', (_, open) => {
  const text = async (storage: Storage, name: string): Promise<string | null> => {
    const read = await storage.read(name);
    return read && new TextDecoder().decode(read);
  };

  it('appends after cutting, in folders too', async () => {
    const storage = await open();
    expect(await storage.read('0001/log.csv')).toBeNull();
    const first = await storage.append('0001/log.csv', 0);
    await first.write(bytes('one two'));
    expect(first.length).toBe(7);
    await first.close();
    const second = await storage.append('0001/log.csv', 4);
    expect(second.length).toBe(4);
    await second.write(bytes('three'));
    await second.flush();
    await second.close();
    expect(await text(storage, '0001/log.csv')).toBe('one three');
  });

  it('refuses a file that has become shorter, and leaves it', async () => {
    const storage = await open();
    await storage.replace('a', bytes('abc'));
    await expect(storage.append('a', 4)).rejects.toThrow(/a: the file has 3 bytes, and 4 were written/);
    expect(await text(storage, 'a')).toBe('abc');
  });

  it('replaces', async () => {
    const storage = await open();
    await storage.replace('a', bytes('abc'));
    await storage.replace('a', bytes('d'));
    expect(await text(storage, 'a')).toBe('d');
    await storage.remove('a');
    await storage.remove('a');
    expect(await storage.size('a')).toBeNull();
  });
});

describe('a folder', () => {
  it('is for one at a time, and free after the end of a process', async () => {
    const path = mkdtempSync(join(folder, 'shared'));
    const storage = await openFolderStorage(path);
    await expect(openFolderStorage(path)).rejects.toThrow(/this process works in this folder already/);
    storage.close();
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const host = readHost();
    writeFileSync(join(path, '.lock'), `${other.pid} ${host}`);
    await expect(openFolderStorage(path)).rejects.toThrow(`process ${other.pid} of ${host} works in this folder`);
    other.kill('SIGKILL');
    await new Promise((ended) => other.on('exit', ended));
    const again = await openFolderStorage(path);
    expect(readFileSync(join(path, '.lock'), 'utf8')).toContain(String(process.pid));
    again.close();
  });

  it('goes where it was made and has no file', async () => {
    const [empty, full] = [join(folder, 'empty'), join(folder, 'full')];
    (await openFolderStorage(empty)).close();
    const storage = await openFolderStorage(full);
    await storage.replace('a', bytes('a'));
    storage.close();
    expect([existsSync(empty), existsSync(join(full, 'a'))]).toEqual([false, true]);
  });

  it('is refused where it is a file', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(openFolderStorage(join(folder, 'file', 'run'))).rejects.toThrow(
      /file\/run: the file cannot be written/,
    );
  });

  it.runIf(process.platform === 'linux')('says where a limit ends a file, and writes no more', async () => {
    const script = `
      process.on('SIGXFSZ', () => {});
      const { openFolderStorage } = await import(process.argv[1]);
      const file = await (await openFolderStorage(process.argv[2])).append('big', 0);
      const write = () => file.write(new Uint8Array(3000)).then(() => 'written', (error) => error.message);
      console.log(await write()); console.log(await write()); console.log(await write());`;
    const module = join(import.meta.dirname, '../../dist/node/index.js');
    const printed = execFileSync(
      'bash',
      [
        '-c',
        'ulimit -f 4; exec "$@"',
        'bash',
        process.execPath,
        '--input-type=module',
        '-e',
        script,
        module,
        join(folder, 'small'),
      ],
      { encoding: 'utf8' },
    );
    expect(printed.split('\n').slice(0, 3)).toEqual([
      'written',
      expect.stringMatching(/small\/big: .*larger than this disk, or a limit of this shell/),
      expect.stringMatching(/larger than this disk/),
    ]);
  });
});

function readHost(): string {
  return execFileSync(process.execPath, ['-p', 'os.hostname()'], { encoding: 'utf8' }).trim();
}

it.skipIf(!existsSync('/proc/self'))('a folder that takes none, such as /proc, is an error at once', async () => {
  await expect(openFolderStorage('/proc/no-such/run')).rejects.toThrow('/proc/no-such/run');
});
