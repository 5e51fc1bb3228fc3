/**
 * The archive of torch.save and torch.jit.save: one folder with `data.pkl`, and the storages under `data/`.
 */
import { FormatError } from '@mace/core';
import { readPickle } from './pickle/interpreter.js';
import { tensorReader, type TensorReader } from './pickle/tensors.js';
import type { PickleValue } from './pickle/values.js';
import { quote } from './quote.js';
import { openZip, type ZipArchive, type ZipOptions } from './zip.js';

export interface TorchArchive {
  /** `torchscript`: holds code, and classes named `__torch__.…`. */
  readonly kind: 'pickle' | 'torchscript';
  /** The object of `data.pkl`. */
  readonly root: PickleValue;
  readonly tensors: TensorReader;
  /** Text of another entry of the folder, such as `code/…`, or undefined. */
  text(path: string): string | undefined;
  /** Object of another pickle of the folder, with the reader of its tensors, or undefined. */
  pickle(name: string): { readonly root: PickleValue; readonly tensors: TensorReader } | undefined;
}

/** @throws FormatError, UnsupportedError */
export function openTorchArchive(bytes: Uint8Array, options: ZipOptions = {}): TorchArchive {
  const zip = openZip(bytes, options);
  const folder = topFolder(zip);
  const names = [...zip.entries.keys()];
  const has = (path: string): boolean => zip.entries.has(folder + path);
  const text = (path: string): string | undefined =>
    has(path) ? new TextDecoder().decode(zip.read(folder + path)) : undefined;
  const order = text('byteorder')?.trim() ?? 'little';
  if (order !== 'little' && order !== 'big') {
    throw new FormatError(
      `The entry byteorder says ${quote(order)}; expected little or big. Save the model again with a current PyTorch.`,
    );
  }
  // Eight bytes for each stored byte at most (int8 becomes float64), twice for tensors that share a storage.
  const budget = 2 ** 24 + 16 * [...zip.entries.values()].reduce((sum, entry) => sum + entry.size, 0);
  const readerOf = (storages: string): TensorReader =>
    tensorReader((key) => zip.read(`${folder}${storages}/${key}`), order === 'little', budget);
  return {
    kind: has('constants.pkl') || names.some((name) => name.startsWith(`${folder}code/`)) ? 'torchscript' : 'pickle',
    root: readPickle(zip.read(`${folder}data.pkl`)),
    tensors: readerOf('data'),
    text,
    pickle: (name) =>
      has(`${name}.pkl`) ? { root: readPickle(zip.read(`${folder}${name}.pkl`)), tensors: readerOf(name) } : undefined,
  };
}

/** The folder's name is arbitrary: usually the name the file had when it was saved. */
function topFolder(zip: ZipArchive): string {
  const found = [...zip.entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (found.length === 1) return found[0]!.slice(0, -'data.pkl'.length);
  const packed = [...zip.entries.keys()].find((name) => /\.(model|pth?|safetensors)$/i.test(name));
  if (packed !== undefined && found.length === 0)
    throw new FormatError(
      `This ZIP archive is not a PyTorch file but has one in it, ${quote(packed)}. Unpack it first (unzip).`,
    );
  throw new FormatError(
    `This ZIP archive is not a PyTorch file: expected one entry FOLDER/data.pkl, found ${found.length} among ${zip.entries.size} entries. Open a .model or .pt file saved by mace-torch.`,
  );
}
