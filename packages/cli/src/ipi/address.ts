/** Where an i-PI server listens, as people write it: that of i-PI's own driver (`-a`, `-p`, `-u`), and HOST:PORT. */
import { FormatError } from '@mace/core/errors';

/** As declared in `program/driver-commands.ts`. */
export interface AddressOptions {
  /** A host, a host with its port, or the name of a Unix socket. */
  readonly address?: string;
  readonly port?: number;
  /** The name of a Unix socket, or true where `address` is one. */
  readonly unix?: string | true;
  /** What stands before the name of a Unix socket. */
  readonly socketsPrefix: string;
}

export type ServerAddress =
  | { readonly path: string; readonly text: string }
  | { readonly host: string; readonly port: number; readonly text: string };

/** i-PI's and ASE's own. */
export const usualPort = 31415;

/** @throws FormatError for what contradicts itself, and a port that is none */
export function serverAddress({ address, port, unix, socketsPrefix }: AddressOptions): ServerAddress {
  if (unix !== undefined) {
    const name = unix === true ? address : unix;
    if (unix !== true && address !== undefined)
      throw new FormatError(`--unix ${unix} and --address ${address}: expected one of them.`);
    if (port !== undefined)
      throw new FormatError(`--port ${port}: a Unix socket has none. Leave out --port or --unix.`);
    if (!name) throw new FormatError('--unix: expected the name of a socket, as the server has it: --unix NAME.');
    const path = name.startsWith('/') ? name : socketsPrefix + name;
    return { path, text: path };
  }
  const { host, written } = hostAndPort(address ?? '');
  if (written !== undefined && port !== undefined)
    throw new FormatError(`--address ${address} and --port ${port}: the port is given twice. Leave one out.`);
  const number = written === undefined ? (port ?? usualPort) : Number(written);
  if (!Number.isInteger(number) || number < 1 || number > 65535)
    throw new FormatError(
      `${written === undefined ? `--port ${port}` : `--address ${address}`}: expected a port from 1 to 65535.`,
    );
  return { host, port: number, text: `${host.includes(':') ? `[${host}]` : host}:${number}` };
}

/** `host`, `host:port`, `[::1]:port`, `::1`, `:port`. */
function hostAndPort(address: string): { host: string; written: string | undefined } {
  const [, inBrackets, plain, written] = /^(?:\[(.*)\]|([^:]*))(?::([^:]*))?$/.exec(address) ?? [];
  // More than one colon and no brackets: an address of IPv6 alone.
  const host = inBrackets ?? plain ?? address;
  return { host: host === '' ? 'localhost' : host, written };
}
