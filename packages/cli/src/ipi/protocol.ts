/**
 * The i-PI protocol as bytes: what a server says, and what a driver answers. No sockets.
 *
 * Headers are twelve characters, numbers are of the machine's own byte order, units are atomic. A cell is sent with its vectors as
 * columns, which are rows here; so is a virial (i-PI: `docs/src/distributed.rst`, `ipi/interfaces/sockets.py` of 3.3).
 */
import { FormatError } from '@mace/core/errors';

/** Å and eV, with the constants of CODATA 2014 that ASE 3.29 has. */
export const bohr = 0.5291772105638411;
export const hartree = 27.211386024367243;

/** What a driver says of itself when it is asked. */
export type DriverState = 'NEEDINIT' | 'READY' | 'HAVEDATA';

export type ServerMessage =
  | { readonly kind: 'STATUS' | 'GETFORCE' | 'EXIT' }
  /** `replica`: which of them is asked for. `batch`: how many structures each `POSDATA` holds. */
  | { readonly kind: 'INIT'; readonly replica: number; readonly batch: number }
  /** Å; cells [structures 3 3] with vectors as rows, positions [structures atoms 3]. */
  | { readonly kind: 'POSDATA'; readonly cells: Float64Array; readonly positions: Float64Array };

/** Of each structure of a batch. */
export interface Forces {
  /** eV [structures] */
  readonly energies: Float64Array;
  /** eV/Å [structures atoms 3] */
  readonly forces: Float64Array;
  /** −∂E/∂ε, eV [structures 3 3] */
  readonly virials: Float64Array;
}

/** Makes messages of bytes as they come, in pieces of any size. */
export class ServerMessages {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #pieces: Uint8Array[] = [];
  #length = 0;
  #wanted = headerLength;
  #batch = 1;

  /** @param atoms - how many there are; a server that has others is refused before its positions are read */
  constructor(readonly atoms: number) {}

  /** Whether a message has begun and not ended. */
  get isInside(): boolean {
    return this.#length > 0;
  }

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** The next whole message, if it is there. @throws FormatError for what is none, and for another number of atoms */
  next(): ServerMessage | undefined {
    while (this.#length >= this.#wanted) {
      this.#bytes = joined([this.#bytes, ...this.#pieces]);
      this.#pieces = [];
      const read = this.#read(this.#bytes);
      if (typeof read === 'number') {
        this.#wanted = read;
        continue;
      }
      this.#bytes = this.#bytes.slice(read.length);
      this.#length = this.#bytes.length;
      this.#wanted = headerLength;
      return read.message;
    }
    return undefined;
  }

  /** The message at the beginning, or how many bytes are needed to go on. */
  #read(bytes: Uint8Array<ArrayBuffer>): Read {
    const kind = textOf(bytes.subarray(0, headerLength)).trimEnd();
    switch (kind) {
      case 'STATUS':
      case 'GETFORCE':
      case 'EXIT':
        return { message: { kind }, length: headerLength };
      case 'INIT':
        return this.#readInit(bytes);
      case 'POSDATA':
        return this.#readPositions(bytes);
      default:
        throw new FormatError(
          `expected STATUS, INIT, POSDATA, GETFORCE or EXIT of the i-PI protocol, got ${JSON.stringify(kind)}. Is this the port of an i-PI server?`,
        );
    }
  }

  #readInit(bytes: Uint8Array<ArrayBuffer>): Read {
    const start = headerLength + 8;
    if (bytes.length < start) return start;
    const [replica = 0, size = 0] = new Int32Array(bytes.slice(headerLength, start).buffer);
    if (size < 0 || size > longestText)
      throw new FormatError(`INIT: expected 0 to ${longestText} characters, got ${size}.`);
    if (bytes.length < start + size) return start + size;
    const text = textOf(bytes.subarray(start, start + size));
    this.#batch = Number(/\bbatch_size:([1-9]\d{0,5})\b/.exec(text)?.[1] ?? 1);
    return { message: { kind: 'INIT', replica, batch: this.#batch }, length: start + size };
  }

  /** One structure: cell, inverse cell, count, positions. Several: count, all cells with their inverses, all positions. */
  #readPositions(bytes: Uint8Array<ArrayBuffer>): Read {
    const batch = this.#batch;
    const countAt = headerLength + (batch === 1 ? cellLength : 0);
    if (bytes.length < countAt + 4) return countAt + 4;
    const [atoms = 0] = new Int32Array(bytes.slice(countAt, countAt + 4).buffer);
    if (atoms !== this.atoms)
      throw new FormatError(
        `the server has ${atoms} atoms, the template ${this.atoms}. Start it with the structure that the server has, its atoms in the same order.`,
      );
    const positionsAt = headerLength + 4 + batch * cellLength;
    const length = positionsAt + batch * atoms * 24;
    if (bytes.length < length) return length;
    const cellsAt = batch === 1 ? headerLength : headerLength + 4;
    const cells = new Float64Array(9 * batch);
    for (let g = 0; g < batch; g++) {
      const at = cellsAt + g * cellLength;
      cells.set(transposed(new Float64Array(bytes.slice(at, at + 72).buffer)), 9 * g);
    }
    const positions = new Float64Array(bytes.slice(positionsAt, length).buffer);
    return { message: { kind: 'POSDATA', cells: scaled(cells, bohr), positions: scaled(positions, bohr) }, length };
  }
}

/** The answer to `STATUS`. */
export function stateMessage(state: DriverState): Uint8Array {
  return header(state);
}

/** The answer to `GETFORCE`. @param extras - text of each structure, as a rule JSON [structures] */
export function forceMessage({ energies, forces, virials }: Forces, extras: readonly string[]): Uint8Array {
  const batch = energies.length;
  const texts = extras.map((text) => new TextEncoder().encode(text));
  return joined([
    header('FORCEREADY'),
    bytesOf(scaled(energies, 1 / hartree)),
    bytesOf(Int32Array.of(forces.length / 3 / batch)),
    bytesOf(scaled(forces, bohr / hartree)),
    ...Array.from(energies, (_, g) => bytesOf(scaled(transposed(virials.subarray(9 * g, 9 * g + 9)), 1 / hartree))),
    ...texts.flatMap((text) => [bytesOf(Int32Array.of(text.length)), text]),
  ]);
}

/** A message with its length, or how many bytes are needed to go on. */
type Read = number | { readonly message: ServerMessage; readonly length: number };

const headerLength = 12;
/** A cell and its inverse. */
const cellLength = 2 * 9 * 8;
/** Of the text of `INIT`; more is no text. */
const longestText = 1 << 20;

function header(name: string): Uint8Array {
  return new TextEncoder().encode(name.padEnd(headerLength));
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}

function bytesOf(values: Float64Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function scaled(values: Float64Array, factor: number): Float64Array {
  return values.map((value) => value * factor);
}

/** [3 3] */
function transposed(m: Float64Array): Float64Array {
  return Float64Array.of(m[0]!, m[3]!, m[6]!, m[1]!, m[4]!, m[7]!, m[2]!, m[5]!, m[8]!);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
