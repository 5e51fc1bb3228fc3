/** `mace ipi` as a person starts it: what is wrong is said in one line, and it stays for another server where it is asked to. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { bundled, file, mace } from './testing/run.js';

let server: Server | undefined;
afterEach(() => void server?.close());

/** A server that does `act` with each driver. @returns its address */
async function listen(act: (socket: Socket, number: number) => void): Promise<string> {
  let number = 0;
  server = createServer((socket) =>
    act(
      socket.on('error', () => undefined),
      number++,
    ),
  );
  await new Promise<void>((resolve) => server!.listen(0, 'localhost', resolve));
  return `localhost:${(server.address() as { port: number }).port}`;
}

const header = (name: string): Buffer => Buffer.from(name.padEnd(12));

describe('said before a server is asked for', () => {
  test.each<[words: string[], message: RegExp]>([
    [[], /which elements the atoms are of is not part of the protocol.*--structures FILE/],
    [['not there.xyz'], /not there\.xyz/],
    [['two.xyz'], /two\.xyz: expected one structure.*two\.xyz@0/],
    [['iron.xyz'], /Fe/],
    [[bundled('ice.xyz'), '--charge', '1'], /knows no total charge/],
    [[bundled('ice.xyz'), '-a', 'host:x'], /expected a port/],
  ])('%j', async (words, message) => {
    file('two.xyz', '1\n\nH 0 0 0\n1\n\nH 0 0 0\n');
    file('iron.xyz', '1\n\nFe 0 0 0\n');
    const { code, err } = await mace('ipi', ...words, '--wait', '0');
    expect(code).toBe(1);
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});

test('nobody listens: one line, exit code 1', async () => {
  const { code, err } = await mace('ipi', bundled('ice.xyz'), '--unix', 'no-such-server', '--wait', '0');
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/^error .*\/tmp\/ipi_no-such-server: there is no such socket\. .*\n$/),
  ]);
});

test('a server with other atoms is refused', async () => {
  const address = await listen((socket) => {
    socket.write(Buffer.concat([header('POSDATA'), Buffer.alloc(144), Buffer.from(Int32Array.of(12).buffer)]));
  });
  const { code, err } = await mace('ipi', bundled('ice.xyz'), '--address', address);
  expect([code, err]).toEqual([1, expect.stringMatching(/the server has 12 atoms, the template 48\./)]);
});

test('a server that goes without a word is the end, or another is waited for', async () => {
  const address = await listen((socket, number) => void socket.end(number === 0 ? header('STATUS') : header('EXIT')));
  const once = await mace('ipi', bundled('ice.xyz'), '--address', address);
  expect([once.code, once.out.match(/connected to/g)]).toEqual([0, ['connected to']]);
  server!.close();
  const again = await listen((socket, number) => void socket.end(number === 0 ? header('STATUS') : header('EXIT')));
  const stays = await mace('ipi', bundled('ice.xyz'), '--address', again, '--reconnect');
  expect([stays.code, stays.out.match(/connected to/g)]).toEqual([0, ['connected to', 'connected to']]);
  expect(stays.out).toMatch(/the server has ended the run: 0 structures/);
});
