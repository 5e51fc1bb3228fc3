/** The socket of a driver: waits for a server, and answers it until it ends. */
import { createConnection, type Socket } from 'node:net';
import { FormatError } from '@mace/core/errors';
import type { ServerAddress } from './address.js';
import {
  forceMessage,
  ServerMessages,
  stateMessage,
  type DriverState,
  type Forces,
  type ServerMessage,
} from './protocol.js';

/** Computes the structures of a message. */
export interface ForceSource {
  readonly atoms: number;
  /** Called when the server says how many structures come at once. */
  prepare(batch: number): Promise<void>;
  compute(message: Extract<ServerMessage, { kind: 'POSDATA' }>): Promise<{ forces: Forces; extras: readonly string[] }>;
}

/** How a server ended: it said so, or it closed the connection when nothing was owed. */
export type Ending = 'exit' | 'closed';

/**
 * Connects, and tries again where nobody listens yet.
 * @param wait - s
 * @throws FormatError where there is no server in that time, or none at that address
 */
export async function connect(address: ServerAddress, wait: number): Promise<Socket> {
  const until = performance.now() + 1000 * wait;
  for (;;) {
    try {
      return await connectedTo(address);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      const isEarly = ['ECONNREFUSED', 'ENOENT', 'EAGAIN'].includes(code);
      if (!isEarly || performance.now() >= until)
        throw new FormatError(
          `${address.text}: ${problemOf(code, error)}${isEarly && wait > 0 ? ` It was tried for ${wait} s.` : ''}`,
          {
            cause: error,
          },
        );
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/**
 * Answers a server until it ends.
 * @throws FormatError for what is not the protocol, and a server that went while an answer was owed; what `source` throws
 */
export async function answer(socket: Socket, address: ServerAddress, source: ForceSource): Promise<Ending> {
  const messages = new ServerMessages(source.atoms);
  let state: DriverState = 'NEEDINIT';
  let answered: Awaited<ReturnType<ForceSource['compute']>> | undefined;
  let reason = 'it closed the connection';
  try {
    for await (const piece of socket as AsyncIterable<Uint8Array>) {
      messages.push(piece);
      for (let message = messages.next(); message; message = messages.next()) {
        if (message.kind === 'EXIT') return 'exit';
        if (message.kind === 'STATUS') await send(socket, stateMessage(state));
        if (message.kind === 'INIT') {
          await source.prepare(message.batch);
          state = 'READY';
        }
        if (message.kind === 'POSDATA') {
          answered = await source.compute(message);
          state = 'HAVEDATA';
        }
        if (message.kind === 'GETFORCE') {
          if (!answered) throw new FormatError('the server asks for forces before it has sent positions.');
          await send(socket, forceMessage(answered.forces, answered.extras));
          answered = undefined;
          state = 'READY';
        }
      }
    }
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`${address.text}: ${error.message}`, { cause: error });
    if (!isSocketError(error)) throw error;
    reason = error.message;
  } finally {
    socket.destroy();
  }
  if (answered || messages.isInside)
    throw new FormatError(
      `${address.text}: the server is gone ${answered ? 'before it took the last forces' : 'in the middle of a message'} (${reason}). Look at what it printed.`,
    );
  return 'closed';
}

/** ms between two tries. */
const pause = 200;

function connectedTo(address: ServerAddress): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection('path' in address ? { path: address.path } : { ...address, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function send(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

function problemOf(code: string, error: unknown): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'no server listens there. Start it, or check its address and port.';
    case 'ENOENT':
      return 'there is no such socket. Start the server, or check its name; --sockets-prefix is what stands before it.';
    case 'ENOTSOCK':
      return 'this is no socket. Check the name.';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'there is no such host. Check --address.';
    case 'EACCES':
      return 'permission denied. Start the server and this as the same user.';
    default:
      return `it cannot be reached: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

function isSocketError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && /^(E[A-Z]+|ERR_STREAM_\w+)$/.test(String(error.code));
}
