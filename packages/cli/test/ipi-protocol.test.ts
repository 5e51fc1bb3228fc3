/** The i-PI protocol: bytes as i-PI writes them, in pieces of any size, and a server of our own that does what servers do. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { StructureError } from '@mace/core';
import { serverAddress } from '../src/ipi/address.js';
import { answer, connect, type Ending, type ForceSource } from '../src/ipi/connection.js';
import { bohr, forceMessage, hartree, ServerMessages, stateMessage, type ServerMessage } from '../src/ipi/protocol.js';

const header = (name: string): Buffer => Buffer.from(name.padEnd(12));
const doubles = (...values: number[]): Buffer => Buffer.from(Float64Array.from(values).buffer);
const integer = (value: number): Buffer => Buffer.from(Int32Array.of(value).buffer);

/** A triclinic cell in Bohr; on the wire its vectors are columns: a = (5 0 0), b = (1 6 0), c = (2 3 7). */
const cell = doubles(5, 1, 2, 0, 6, 3, 0, 0, 7);
const rows = [5, 0, 0, 1, 6, 0, 2, 3, 7].map((value) => value * bohr);
const inverse = doubles(...new Array<number>(9).fill(NaN));
const init = (text: string): Buffer =>
  Buffer.concat([header('INIT'), integer(3), integer(text.length), Buffer.from(text)]);
const posdata = Buffer.concat([header('POSDATA'), cell, inverse, integer(2), doubles(0, 1, 2, 3, 4, 5)]);

function all(messages: ServerMessages, bytes: Buffer, size = bytes.length): ServerMessage[] {
  const found: ServerMessage[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    messages.push(bytes.subarray(at, at + size));
    for (let message = messages.next(); message; message = messages.next()) found.push(message);
  }
  return found;
}

describe('what a server says', () => {
  test.each([1, 5, 13, 1000])('is read in pieces of %d bytes; columns of a cell become rows, Bohr become Å', (size) => {
    const bytes = Buffer.concat([header('STATUS'), init(''), posdata, header('GETFORCE'), header('EXIT')]);
    const messages = new ServerMessages(2);
    const found = all(messages, bytes, size);
    expect(found.map(({ kind }) => kind)).toEqual(['STATUS', 'INIT', 'POSDATA', 'GETFORCE', 'EXIT']);
    expect(found[1]).toEqual({ kind: 'INIT', replica: 3, batch: 1 });
    const { cells, positions } = found[2] as Extract<ServerMessage, { kind: 'POSDATA' }>;
    expect([...cells]).toEqual(rows);
    expect([...positions]).toEqual([0, 1, 2, 3, 4, 5].map((value) => value * bohr));
    expect(messages.isInside).toBe(false);
  });

  test('may announce batches: one count, all cells, all positions', () => {
    const messages = new ServerMessages(1);
    const other = doubles(9, 0, 0, 0, 9, 0, 0, 0, 9);
    const batch = Buffer.concat([
      header('POSDATA'),
      integer(1),
      cell,
      inverse,
      other,
      inverse,
      doubles(1, 2, 3, 4, 5, 6),
    ]);
    const [said, sent] = all(messages, Buffer.concat([init('mode:x, batch_size:2'), batch]), 7);
    expect(said).toMatchObject({ batch: 2 });
    const { cells, positions } = sent as Extract<ServerMessage, { kind: 'POSDATA' }>;
    expect([...cells].map((value) => Math.round(value / bohr))).toEqual([
      5, 0, 0, 1, 6, 0, 2, 3, 7, 9, 0, 0, 0, 9, 0, 0, 0, 9,
    ]);
    expect([...positions].map((value) => Math.round(value / bohr))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('is refused where it is something else, or of other atoms, before those are waited for', () => {
    expect(() => all(new ServerMessages(1), Buffer.from('HTTP/1.1 400 Bad Request'))).toThrow(
      /got "HTTP\/1\.1 400"\. Is this the port of an i-PI server\?/,
    );
    expect(() => all(new ServerMessages(9), posdata.subarray(0, 160))).toThrow(/server has 2 atoms, the template 9/);
    expect(() => all(new ServerMessages(9), Buffer.concat([header('INIT'), integer(0), integer(-1)]))).toThrow(
      /got -1/,
    );
  });
});

test('an answer is in atomic units, its virial transposed', () => {
  const virial = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const bytes = forceMessage(
    { energies: Float64Array.of(hartree), forces: Float64Array.of(1, 2, 3), virials: Float64Array.from(virial) },
    ['{"ü":1}'],
  );
  const numbers = [...new Float64Array(bytes.slice(24, 48 + 72).buffer)];
  expect(Buffer.from(bytes.subarray(0, 12)).toString()).toBe('FORCEREADY  ');
  expect([...new Float64Array(bytes.slice(12, 20).buffer)]).toEqual([1]);
  expect(new Int32Array(bytes.slice(20, 24).buffer)[0]).toBe(1);
  numbers.slice(0, 3).forEach((value, i) => expect(value).toBeCloseTo(((i + 1) * bohr) / hartree, 14));
  expect(numbers.slice(3).map((value) => Math.round(value * hartree))).toEqual([1, 4, 7, 2, 5, 8, 3, 6, 9]);
  expect(new Int32Array(bytes.slice(120, 124).buffer)[0]).toBe(8);
  expect(Buffer.from(bytes.subarray(124)).toString()).toBe('{"ü":1}');
  expect(Buffer.from(stateMessage('READY')).toString()).toBe('READY       ');
});

describe('an address', () => {
  const socketsPrefix = '/tmp/ipi_';
  test.each([
    [{}, 'localhost:31415'],
    [{ address: 'node7' }, 'node7:31415'],
    [{ address: 'node7:99' }, 'node7:99'],
    [{ address: 'node7', port: 99 }, 'node7:99'],
    [{ address: ':99' }, 'localhost:99'],
    [{ address: '::1' }, '[::1]:31415'],
    [{ address: '[::1]:99' }, '[::1]:99'],
    [{ unix: 'ice' }, '/tmp/ipi_ice'],
    [{ unix: true as const, address: 'ice' }, '/tmp/ipi_ice'],
    [{ unix: '/run/ice' }, '/run/ice'],
  ])('%j is %s', (options, text) => expect(serverAddress({ socketsPrefix, ...options }).text).toBe(text));

  test.each([
    [{ address: 'a:b' }, /--address a:b: expected a port/],
    [{ address: 'a:70000' }, /expected a port from 1 to 65535/],
    [{ address: 'a:1', port: 2 }, /given twice/],
    [{ unix: 'ice', port: 2 }, /a Unix socket has none/],
    [{ unix: 'ice', address: 'a' }, /expected one of them/],
    [{ unix: true as const }, /expected the name of a socket/],
  ])('%j is refused', (options, message) =>
    expect(() => serverAddress({ socketsPrefix, ...options })).toThrow(message),
  );
});

describe('a driver', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  /** A driver of two atoms and a server that does `act`. */
  async function drive(act: (socket: Socket) => void, source: Partial<ForceSource> = {}): Promise<Ending> {
    server = createServer(act);
    await new Promise<void>((resolve) => server!.listen(0, 'localhost', resolve));
    const { port } = server.address() as { port: number };
    const address = serverAddress({ address: `localhost:${port}`, socketsPrefix: '' });
    return answer(await connect(address, 0), address, {
      atoms: 2,
      prepare: async () => undefined,
      compute: async ({ positions }) => ({
        forces: { energies: Float64Array.of(1), forces: positions, virials: new Float64Array(9) },
        extras: ['{}'],
      }),
      ...source,
    });
  }

  test('says what it is at, computes once for positions, and ends by EXIT', async () => {
    let heard = '';
    let ended = (): void => undefined;
    const end = new Promise<void>((resolve) => (ended = resolve));
    const ending = await drive((socket) => {
      socket.on('close', ended);
      socket.write(
        Buffer.concat([
          header('STATUS'),
          init(''),
          header('STATUS'),
          posdata,
          header('STATUS'),
          header('GETFORCE'),
          header('STATUS'),
          header('EXIT'),
        ]),
      );
      socket.on('data', (bytes) => (heard += bytes.toString('latin1')));
    });
    expect(ending).toBe('exit');
    await end;
    expect(heard.match(/NEEDINIT|READY|HAVEDATA|FORCEREADY/g)).toEqual([
      'NEEDINIT',
      'READY',
      'HAVEDATA',
      'FORCEREADY',
      'READY',
    ]);
  });

  test('ends well where the server closes between messages, and not where an answer is owed', async () => {
    expect(await drive((socket) => socket.end(header('STATUS')))).toBe('closed');
    await expect(drive((socket) => socket.end(posdata))).rejects.toThrow(/gone before it took the last forces/);
    await expect(drive((socket) => socket.end(posdata.subarray(0, 99)))).rejects.toThrow(/in the middle of a message/);
    await expect(drive((socket) => socket.end(header('GETFORCE')))).rejects.toThrow(/before it has sent positions/);
  });

  test('tells of what cannot be computed as it is', async () => {
    const compute = () => Promise.reject(new StructureError('atoms 0 and 1 are at one place.'));
    await expect(drive((socket) => socket.write(posdata), { compute })).rejects.toThrow(/^atoms 0 and 1/);
  });

  test('waits for a server, and says that there is none', async () => {
    const gone = serverAddress({ address: 'localhost:1', socketsPrefix: '' });
    await expect(connect(gone, 0)).rejects.toThrow(
      /^localhost:1: no server listens there\. .* its address and port\.$/,
    );
    const path = serverAddress({ unix: 'no such server', socketsPrefix: '/tmp/ipi_' });
    await expect(connect(path, 0)).rejects.toThrow(/there is no such socket/);
    server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server!.listen(0, 'localhost', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server!.close(resolve));
    setTimeout(() => (server = createServer((socket) => socket.end()).listen(port, 'localhost')), 300);
    const late = await connect(serverAddress({ address: `localhost:${port}`, socketsPrefix: '' }), 20);
    late.destroy();
  });
});
