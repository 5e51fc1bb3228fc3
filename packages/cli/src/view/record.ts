/** One frame as bytes: what the page draws and lists. The server writes it, the page reads it, on the same machine. */

export interface ViewFrame {
  /** Atomic numbers [atoms]. */
  readonly numbers: Uint8Array;
  /** Å [atoms 3] */
  readonly positions: Float32Array;
  /** eV/Å [atoms 3], where the file has them. */
  readonly forces: Float32Array | null;
  /** Å, vectors as rows [3 3]. */
  readonly cell: Float64Array | null;
  readonly pbc: readonly [boolean, boolean, boolean];
  /** Keys of the frame, as text. */
  readonly keys: Readonly<Record<string, string>>;
}

/** Length of all, atoms, flags, length of the keys: four Int32. */
const headerLength = 16;
const cellLength = 72;
const flag = { forces: 1, cell: 2, pbc: [4, 8, 16] } as const;

export function encodeFrame(frame: ViewFrame): Uint8Array<ArrayBuffer> {
  const atoms = frame.numbers.length;
  const keys = new TextEncoder().encode(JSON.stringify(frame.keys));
  const own = partsOf(atoms, frame.forces !== null);
  const length = padded(own.keys + keys.length);
  const bytes = new Uint8Array(length);
  const flags =
    (frame.forces ? flag.forces : 0) |
    (frame.cell ? flag.cell : 0) |
    frame.pbc.reduce((sum, is, axis) => sum | (is ? flag.pbc[axis]! : 0), 0);
  new Int32Array(bytes.buffer, 0, 4).set([length, atoms, flags, keys.length]);
  if (frame.cell) new Float64Array(bytes.buffer, headerLength, 9).set(frame.cell);
  new Float32Array(bytes.buffer, own.positions, 3 * atoms).set(frame.positions);
  if (frame.forces) new Float32Array(bytes.buffer, own.forces, 3 * atoms).set(frame.forces);
  bytes.set(frame.numbers, own.numbers);
  bytes.set(keys, own.keys);
  return bytes;
}

/** All frames that stand in the bytes, one behind the other. */
export function decodeFrames(bytes: ArrayBuffer): ViewFrame[] {
  const frames: ViewFrame[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const [length = 0, atoms = 0, flags = 0, keysLength = 0] = new Int32Array(bytes, at, 4);
    const hasForces = (flags & flag.forces) !== 0;
    const own = partsOf(atoms, hasForces);
    const [x, y, z] = flag.pbc.map((bit) => (flags & bit) !== 0);
    frames.push({
      numbers: new Uint8Array(bytes, at + own.numbers, atoms),
      positions: new Float32Array(bytes, at + own.positions, 3 * atoms),
      forces: hasForces ? new Float32Array(bytes, at + own.forces, 3 * atoms) : null,
      cell: (flags & flag.cell) !== 0 ? new Float64Array(bytes, at + headerLength, 9) : null,
      pbc: [x!, y!, z!],
      keys: JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, at + own.keys, keysLength))) as ViewFrame['keys'],
    });
    at += length;
  }
  return frames;
}

/** Where each part of a frame begins, in bytes. */
function partsOf(atoms: number, hasForces: boolean): Record<'positions' | 'forces' | 'numbers' | 'keys', number> {
  const positions = headerLength + cellLength;
  const forces = positions + 12 * atoms;
  const numbers = forces + (hasForces ? 12 * atoms : 0);
  return { positions, forces, numbers, keys: numbers + atoms };
}

/** Frames begin where a float64 may. */
function padded(length: number): number {
  return 8 * Math.ceil(length / 8);
}
