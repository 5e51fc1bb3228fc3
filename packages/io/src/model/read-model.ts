/** Opens any model file: the kind is told by the content, never by the name. */
import { FormatError, isMaceError, type MaceConfig, type MaceModel } from '@mace/core';
import { modelOfCheckpoint, stateDictOf } from './checkpoint.js';
import { modelOfArchive } from './mace-model.js';
import { readModelBytes } from '../mace-format/mace-format.js';
import { quote } from './quote.js';
import { looksLikeSafeTensors } from '../mace-format/safetensors.js';
import { sha256 } from './sha256.js';
import { openTorchArchive } from './torch-archive.js';
import { looksLikeZip } from './zip.js';

export interface ReadModelOptions {
  /** Name of the file, for messages and provenance. */
  readonly name?: string;
  /** For checkpoints: a model of the same run, or its settings. Whatever both tell has to agree. */
  readonly like?: MaceModel | Partial<MaceConfig>;
  /** For checkpoints with LoRA adapters: α of the training, where `like` does not have it. */
  readonly loraAlpha?: number;
  /** Default true. Files that torch was told to write without checksums need false. */
  readonly verifyChecksums?: boolean;
}

interface Format {
  readonly name: string;
  matches(bytes: Uint8Array): boolean;
  read(bytes: Uint8Array, options: ReadModelOptions): MaceModel;
}

/** Every kind of file that is recognised, in the order of the questions; the last ones only to say what to do. */
const formats: readonly Format[] = [
  { name: 'PyTorch archive', matches: looksLikeZip, read: readTorch },
  {
    name: 'MACE model (safetensors)',
    matches: looksLikeSafeTensors,
    read: (bytes, options) => {
      const model = readModelBytes(bytes);
      refuseTold(options);
      return model;
    },
  },
  refused('gzip archive', (bytes) => starts(bytes, [0x1f, 0x8b]), 'Unpack it first (gunzip).'),
  refused(
    'legacy PyTorch file (before 1.6, no archive)',
    isLegacyTorch,
    'Save it again with a current PyTorch: torch.save(torch.load(FILE, weights_only=False), NEW_FILE). Loading executes code from the file: do it only with files that you trust.',
  ),
  refused(
    'pickle that torch did not write',
    (bytes) => bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5 && bytes.at(-1) === 0x2e,
    'If it is a model, save it with torch.save(model, FILE).',
  ),
  refused(
    'tar archive (PyTorch before 0.4)',
    (bytes) => starts(bytes.subarray(257), [0x75, 0x73, 0x74, 0x61, 0x72]),
    'Save it again with a current PyTorch.',
  ),
  refused('HDF5 file', (bytes) => starts(bytes, [0x89, 0x48, 0x44, 0x46]), 'Open a .model file saved by mace-torch.'),
  refused(
    'web page',
    (bytes) => /^\s*<(!doctype|html|\?xml)/i.test(textStart(bytes)),
    'The download gave an error page: download the model again.',
  ),
  refused(
    'Git LFS pointer',
    (bytes) => textStart(bytes).startsWith('version https://git-lfs'),
    'Fetch the file itself: git lfs pull.',
  ),
];

/**
 * A model from the bytes of a `.model` file, a TorchScript file, a checkpoint (with `like`), or this project's own format.
 *
 * @throws FormatError for a file that is damaged, hostile or no model; UnsupportedError for a model that cannot be evaluated
 */
export async function readModel(bytes: Uint8Array, options: ReadModelOptions = {}): Promise<MaceModel> {
  // Node's Buffer overrides `slice` to share memory; a plain view copies, which typed arrays of the weights rely on.
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = formatOf(view, options.name);
  const model = readNamed(options.name, () => format.read(view, options));
  const own = model.provenance ?? {};
  if (own.sha256 !== undefined) return model; // a converted file keeps the checksum of its source
  return {
    ...model,
    provenance: {
      ...own,
      ...(options.name === undefined ? {} : { source: options.name }),
      sha256: await sha256(bytes),
    },
  };
}

/** Messages of readers say what is wrong inside the file; here they get its name. */
function readNamed(name: string | undefined, read: () => MaceModel): MaceModel {
  try {
    return read();
  } catch (error) {
    if (isMaceError(error) && name !== undefined && !error.message.startsWith(name))
      error.message = `${name}: ${error.message}`;
    throw error;
  }
}

/** What kind of file it is. @throws FormatError when it is none that is known */
export function formatOf(
  bytes: Uint8Array,
  name = 'The file',
): { readonly name: string; read(bytes: Uint8Array, options: ReadModelOptions): MaceModel } {
  const format = formats.find((candidate) => candidate.matches(bytes));
  if (format) return format;
  const text = textStart(bytes);
  const hex = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const start = /^[\t\n\r\x20-\x7e]+$/.test(text) ? `the text ${quote(text)}` : hex || 'nothing';
  throw new FormatError(
    `${name} is no model file: it has ${bytes.length} bytes and begins with ${start}; expected a PyTorch archive (50 4b 03 04) or a safetensors file. ${name.endsWith('.onnx') ? 'ONNX files are written, not read: open the model that this one was made from.' : 'Open a .model file saved by mace-torch.'}`,
  );
}

function readTorch(bytes: Uint8Array, options: ReadModelOptions): MaceModel {
  const { like = {}, loraAlpha, verifyChecksums = true } = options;
  const archive = openTorchArchive(bytes, { verifyChecksums });
  if (stateDictOf(archive.root))
    return modelOfCheckpoint(archive, { like, ...(loraAlpha !== undefined && { loraAlpha }) });
  const model = modelOfArchive(archive);
  refuseTold(options);
  return model;
}

/** A whole model has nothing to be told. @throws FormatError */
function refuseTold({ like, loraAlpha }: ReadModelOptions): void {
  const [option, what] =
    like !== undefined ? ['--like', 'settings were'] : loraAlpha !== undefined ? ['--lora-alpha', 'an α was'] : [];
  if (option)
    throw new FormatError(
      `The file is a whole model, and ${what} given for it (\`${option}\`), which only a checkpoint needs. Leave the option out.`,
    );
}

function refused(name: string, matches: (bytes: Uint8Array) => boolean, remedy: string): Format {
  return {
    name,
    matches,
    read(_bytes, options) {
      throw new FormatError(
        `${options.name ?? 'The file'} is a ${name}; expected a PyTorch archive or a safetensors file. ${remedy}`,
      );
    },
  };
}

function starts(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** Protocol 2, then LONG1 with torch's magic number. */
function isLegacyTorch(bytes: Uint8Array): boolean {
  return starts(bytes, [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20]);
}

function textStart(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 60));
}
