/** Models by name as a page gets them: nothing is kept, everything is checked. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readModel } from '../src/index.js';
import { serve, type TestServer } from './testing/server.js';
import { standIn } from './testing/standins.js';

let server: TestServer;
beforeAll(async () => {
  server = await serve({
    'medium.model': { bytes: standIn('medium') },
    'page.html': { bytes: Buffer.from('<html>') },
    'cut.model': { bytes: standIn('medium'), breakAfter: 100_000 },
  });
});
afterAll(() => server.close());

test('a published model from a server of one’s own', async () => {
  let last = 0;
  const files: Uint8Array[] = [];
  const { config } = await readModel('medium', {
    address: `${server.address}/medium.model`,
    onProgress: (done) => (last = done),
    onFile: (bytes) => files.push(bytes),
  });
  expect([config.atomicNumbers.length, last]).toEqual([89, standIn('medium').length]);
  expect(files.map((bytes) => standIn('medium').equals(bytes))).toEqual([true]);
});

test.each([
  ['medium', 'page.html', 'a web page'],
  ['medium', 'none.model', 'answers 404'],
  ['medium', 'cut.model', 'stopped after'],
  ['medium-0b3', 'medium.model', ''],
  ['off-medium', 'medium.model', 'not for commercial use'],
  ['medum', 'medium.model', 'The nearest: medium'],
])('%s from %s', async (name, file, said) => {
  let files = 0;
  const read = readModel(name, { address: `${server.address}/${file}`, onFile: () => files++ });
  if (said === '') await expect(read).resolves.toBeTruthy();
  else await expect(read).rejects.toThrow(said);
  expect(files).toBe(said === '' ? 1 : 0);
});

test('a server that cannot be reached is told with the way to drop a file', async () => {
  const read = readModel('medium', { address: 'http://127.0.0.1:1/x' });
  await expect(read).rejects.toThrow('drop the file into the page');
  await expect(read).rejects.toMatchObject({ reason: 'unreachable' });
  const answered = readModel('medium', { address: `${server.address}/none.model` });
  await expect(answered).rejects.toMatchObject({ reason: 'network' });
});
