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
  const { config } = await readModel('medium', {
    address: `${server.address}/medium.model`,
    onProgress: (done) => (last = done),
  });
  expect([config.atomicNumbers.length, last]).toEqual([89, standIn('medium').length]);
});

test.each([
  ['medium', 'page.html', 'a web page'],
  ['medium', 'none.model', 'answers 404'],
  ['medium', 'cut.model', 'stopped after'],
  ['medium-0b3', 'medium.model', ''],
  ['off-medium', 'medium.model', 'not for commercial use'],
  ['medum', 'medium.model', 'The nearest: medium'],
])('%s from %s', async (name, file, said) => {
  const read = readModel(name, { address: `${server.address}/${file}` });
  if (said === '') await expect(read).resolves.toBeTruthy();
  else await expect(read).rejects.toThrow(said);
});

test('a server that cannot be reached is told with the way to drop a file', async () => {
  await expect(readModel('medium', { address: 'http://127.0.0.1:1/x' })).rejects.toThrow('drop the file into the page');
});
