/**
 * The one table of structure formats, and reading and writing by it.
 *
 * A new format is one file with `read` (and `write`) and one entry here. The name of a file decides before its content does.
 */
import { FormatError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { TrajectoryEncoder, writeAseTrajectory, type FrameEncoder } from './ase-trajectory-write.js';
import { readAseTrajectory, streamAseTrajectory } from './ase-trajectory.js';
import type { ByteSource } from './byte-source.js';
import { isAseJson, readAseJson, writeAseJson } from './ase-json.js';
import { readCif } from './cif.js';
import { writeCif } from './cif-write.js';
import { looksLikeXyz, readExtxyz, streamExtxyz, writeExtxyz } from './extxyz.js';
import { decodeBytes, decompressed } from './line-stream.js';
import { readPdb } from './pdb.js';
import { writePdb } from './pdb-write.js';
import { looksLikePoscar, readPoscar } from './poscar.js';
import { writePoscar } from './poscar-write.js';
import { isPymatgenJson, readPymatgenJson, writePymatgenJson } from './pymatgen-json.js';
import { parsePythonJson, type PythonJson } from './python-json.js';
import { quoted } from './text.js';
import { isUlm } from './ulm.js';
import { readXdatcar } from './xdatcar.js';

/** What the table says of every format. */
interface NamedFormat {
  /** Name for the `format` option. */
  readonly name: string;
  /** Other names that the option takes. */
  readonly otherNames?: readonly string[];
  readonly description: string;
  /** File name endings, lower case, with the dot. */
  readonly extensions: readonly string[];
  /** Recognises a file by its name without folder and `.gz`, where the ending does not do. */
  readonly matchesName?: (name: string) => boolean;
}

/** A format of text. */
export interface TextFormat extends NamedFormat {
  readonly isBinary?: false;
  /** Recognises a file by its text. */
  readonly matchesText: (text: string, source: string) => boolean;
  /** Reads all structures. Throws FormatError; `source` names the file in messages. */
  readonly read: (text: string, source: string) => Structure[];
  /** Reads structures one by one in bounded memory. Throws FormatError. */
  readonly stream?: (chunks: AsyncIterable<Uint8Array | string>, source: string) => AsyncGenerator<Structure>;
  /** Writes structures. Throws FormatError for what the format cannot hold. */
  readonly write?: (structures: readonly Structure[]) => string;
}

/** A format of bytes, which are read at any place. */
export interface BinaryFormat extends NamedFormat {
  readonly isBinary: true;
  /** Recognises a file by its first bytes. */
  readonly matchesBytes: (bytes: Uint8Array) => boolean;
  /** Reads all structures. Throws FormatError; `source` names the file in messages. */
  readonly read: (bytes: Uint8Array, source: string) => Structure[];
  /** Reads structures one by one in bounded memory. Throws FormatError. */
  readonly stream: (bytes: ByteSource, source: string) => AsyncGenerator<Structure>;
  /** Writes structures. Throws FormatError for what the format cannot hold. */
  readonly write: (structures: readonly Structure[]) => Uint8Array;
  /** Writes them one by one in bounded memory. */
  readonly encoder: () => FrameEncoder;
}

export type StructureFormat = TextFormat | BinaryFormat;

/** All formats; content is tested in this order. */
export const structureFormats: readonly StructureFormat[] = [
  {
    name: 'extxyz',
    otherNames: ['xyz'],
    description: 'extended XYZ and XYZ',
    extensions: ['.extxyz', '.xyz', '.exyz'],
    matchesText: (text) => looksLikeXyz(text.slice(0, headLength)),
    read: readExtxyz,
    stream: streamExtxyz,
    write: writeExtxyz,
  },
  {
    name: 'cif',
    otherNames: ['mmcif'],
    description: 'Crystallographic Information File',
    extensions: ['.cif', '.mcif', '.mmcif'],
    matchesText: (text) => /^[ \t]*data_\S/im.test(text.slice(0, headLength)),
    read: readCif,
    write: writeCif,
  },
  {
    name: 'xdatcar',
    description: 'VASP XDATCAR trajectory',
    extensions: ['.xdatcar'],
    matchesName: (name) => /(?:^|[._-])xdatcar/i.test(name),
    matchesText: (text) => /^[ \t]*Direct configuration=/im.test(text.slice(0, headLength)),
    read: readXdatcar,
  },
  {
    name: 'poscar',
    otherNames: ['vasp'],
    description: 'VASP POSCAR and CONTCAR',
    extensions: ['.vasp', '.poscar', '.contcar'],
    matchesName: (name) => /(?:^|[._-])(?:poscar|contcar)|(?:poscar|contcar)$/i.test(name),
    matchesText: (text) => looksLikePoscar(text.slice(0, headLength)),
    read: readPoscar,
    write: writePoscar,
  },
  {
    name: 'pdb',
    description: 'Protein Data Bank',
    extensions: ['.pdb', '.ent'],
    matchesText: (text) => /^(?:ATOM {2}|HETATM|CRYST1)/m.test(text.slice(0, headLength)),
    read: readPdb,
    write: writePdb,
  },
  {
    name: 'ase-json',
    description: 'ASE JSON (Atoms or database)',
    extensions: ['.ase.json'],
    matchesText: (text, source) => matchesJson(text, source, isAseJson),
    read: readAseJson,
    write: writeAseJson,
  },
  {
    name: 'pymatgen-json',
    description: 'pymatgen Structure or Molecule as JSON',
    extensions: ['.pymatgen.json'],
    matchesText: (text, source) => matchesJson(text, source, isPymatgenJson),
    read: readPymatgenJson,
    write: writePymatgenJson,
  },
  {
    name: 'ase-traj',
    otherNames: ['traj'],
    description: 'ASE trajectory',
    extensions: ['.traj'],
    isBinary: true,
    matchesBytes: isUlm,
    read: readAseTrajectory,
    stream: streamAseTrajectory,
    write: writeAseTrajectory,
    encoder: () => new TrajectoryEncoder(),
  },
];

const headLength = 65536;

/** Choices of `readStructures` and `writeStructures`. */
export interface FormatChoice {
  /** A name from the table; without it name and content decide. */
  readonly format?: string | undefined;
  /** File name, for the choice of format and for messages. */
  readonly name?: string | undefined;
}

/** Reads all structures of a file's text or bytes (gzip is undone). Throws FormatError. */
export function readStructures(data: string | Uint8Array, choice: FormatChoice = {}): Structure[] {
  const source = choice.name === undefined ? 'structure file' : baseName(choice.name);
  const named = formatByName(choice);
  const bytes = typeof data === 'string' ? undefined : binaryOf(data, source, named);
  if (bytes) return bytes.format.read(bytes.content, source);
  if (named?.isBinary) throw new FormatError(`${source}: ${named.name} is no text. Give the bytes of the file.`);
  const text = typeof data === 'string' ? data : textOf(data, source, choice);
  const format =
    named ??
    structureFormats.find(
      (candidate): candidate is TextFormat => !candidate.isBinary && candidate.matchesText(text, source),
    );
  if (format === undefined) {
    if (text.trim() === '')
      throw new FormatError(`${source}: there is no structure in it, it is empty. Check how it was written.`);
    throw new FormatError(
      `${source}: the format is not recognised, the file starts with ${quoted(text)}. A name such as water.xyz says it, or the option format (--format): ${formatNames()}.`,
    );
  }
  return format.read(text, source);
}

/** The binary format that is named, or that the first bytes tell of. */
function binaryOf(
  bytes: Uint8Array,
  source: string,
  named: StructureFormat | undefined,
): { format: BinaryFormat; content: Uint8Array } | undefined {
  if (named) return named.isBinary ? { format: named, content: decompressed(bytes, source) } : undefined;
  const format = structureFormats.find(
    (candidate): candidate is BinaryFormat => candidate.isBinary === true && candidate.matchesBytes(bytes),
  );
  return format && { format, content: bytes };
}

/** The names of authors in older CIF files are Latin-1; what is read of them is ASCII. */
function textOf(bytes: Uint8Array, source: string, choice: FormatChoice): string {
  try {
    return decodeBytes(bytes, source);
  } catch (error) {
    if (formatByName(choice)?.name !== 'cif') throw error;
    const text = decodeBytes(bytes, source, 'windows-1252');
    // Control characters are in no text.
    if (/[\0-\x08\x0e-\x1f]/.test(text)) throw error;
    return text;
  }
}

/** Writes structures as text; the format comes from `format` or the ending of `name`. Throws FormatError, for binary formats too. */
export function writeStructures(structures: readonly Structure[], choice: FormatChoice): string {
  const format = writtenFormat(choice);
  if (format.isBinary) throw new FormatError(`${format.name} is no text. Write it with writeStructureBytes.`);
  return format.write!(structures);
}

/** Writes structures as bytes, in any format that is written; it comes from `format` or the ending of `name`. Throws FormatError. */
export function writeStructureBytes(structures: readonly Structure[], choice: FormatChoice): Uint8Array {
  const written = writtenFormat(choice).write!(structures);
  return typeof written === 'string' ? new TextEncoder().encode(written) : written;
}

function writtenFormat(choice: FormatChoice): StructureFormat {
  const format = formatByName(choice);
  if (format === undefined) {
    throw new FormatError(
      `${choice.name === undefined ? 'a structure' : quoted(choice.name)}: the ending does not tell a format. Use for example .extxyz, or name one: ${formatNames()}.`,
    );
  }
  if (format.write === undefined)
    throw new FormatError(`${format.name}: this format is only read. Write extxyz instead.`);
  return format;
}

/** The format that a choice names, by `format` or by file name; undefined when neither tells. Throws FormatError for an unknown name. */
export function formatByName(choice: FormatChoice): StructureFormat | undefined {
  if (choice.format !== undefined) {
    const format = structureFormats.find(({ name, otherNames = [] }) =>
      [name, ...otherNames].includes(choice.format ?? ''),
    );
    if (format === undefined)
      throw new FormatError(`there is no structure format ${quoted(choice.format)}. Use one of ${formatNames()}.`);
    return format;
  }
  if (choice.name === undefined) return undefined;
  const name = baseName(choice.name).toLowerCase().replace(/\.gz$/, '');
  return structureFormats.find(
    (candidate) =>
      candidate.extensions.some((extension) => name.endsWith(extension)) || (candidate.matchesName?.(name) ?? false),
  );
}

function formatNames(): string {
  return structureFormats.map(({ name }) => name).join(', ');
}

function baseName(path: string): string {
  return path.split(/[\\/]/).pop() ?? path;
}

function matchesJson(text: string, source: string, test: (root: PythonJson) => boolean): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  return test(parsePythonJson(text, source));
}
