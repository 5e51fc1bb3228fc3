/** What `mace doctor` says, and what engines would say themselves. */
import { expect, test } from 'vitest';
import { mace } from './testing/run.js';

test('threads are said once, and nothing that an engine prints by itself comes through', async () => {
  const { code, out, err } = await mace('doctor');
  expect([code, err]).toEqual([0, '']);
  expect(/^wasm .*$/m.exec(out)![0].match(/\bthreads?\b/g)).toHaveLength(1);
  expect(out).toMatch(/^webgpu +\S/m);
});

test('only the backends that are named, which then have to serve', async () => {
  const some = await mace('doctor', '--backend', 'reference, wasm', '--json');
  const { engines } = JSON.parse(some.out) as { engines: { name: string; available: boolean }[] };
  expect([some.code, engines.map(({ name, available }) => [name, available])]).toEqual([
    0,
    [
      ['reference', true],
      ['wasm', true],
    ],
  ]);
  const none = await mace('doctor', '--backend', 'nothing');
  expect(none.code).toBe(1);
  expect(none.out).toMatch(/^nothing +missing: .*there is no such backend/m);
});
