/**
 * Which tensors of a file are weights of the model, and their values: finite, and real numbers.
 */
import { FormatError, type Tensor } from '@mace/core';
import { isFloatTensor, tensorType, type TensorReader } from './pickle/tensors.js';
import type { PickleTensor } from './pickle/values.js';
import { quote } from './quote.js';

/**
 * State-dict names that carry nothing: output masks, flags of zeroed weights, generated code and its constants, and the
 * gates of nonlinear blocks, all of which follow from the configuration.
 */
const ignored =
  /(^|\.)(output_mask|weights_(\d+|max)_zeroed|_compiled_\w+|graph_opt_main|contractions_weighting|contractions_features|equivariant_nonlin)(\.|$)/;

/** Tensors without values that e3nn makes for layers without a bias or without weights of their own. */
const empty = /(^|\.)(bias|conv_tp\.weight)$/;

/** The weights that upstream stores as integers. */
const integers = /(^|\.)(atomic_numbers|num_interactions|p)$/;

/** @throws FormatError for a value that is not finite, integers where numbers are expected, or a name that occurs twice */
export function readWeights(
  tensors: Iterable<readonly [name: string, tensor: PickleTensor]>,
  reader: TensorReader,
): Record<string, Tensor> {
  const weights: Record<string, Tensor> = Object.create(null) as Record<string, Tensor>;
  for (const [name, tensor] of tensors) {
    if (ignored.test(name) || (tensor.shape.includes(0) && empty.test(name))) continue;
    checkName(name);
    if (name in weights) throw new FormatError(`The file has two tensors named ${name}. The file is damaged.`);
    if (!isFloatTensor(tensor) && !integers.test(name)) {
      throw new FormatError(
        `Weight ${name} ([${tensor.shape.join(' ')}]) is stored as ${tensorType(tensor)}; expected Double, Float, Half or BFloat16. The file is damaged, or quantized: use the original model.`,
      );
    }
    weights[name] = finite(name, reader.read(tensor));
  }
  return weights;
}

/** @throws FormatError when a value is NaN or infinite */
export function finite(name: string, tensor: Tensor): Tensor {
  const at = tensor.data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return tensor;
  throw new FormatError(
    `Weight ${name} ([${tensor.shape.join(' ')}]) is ${tensor.data[at]} at element ${at}; expected finite numbers. The training diverged or the file is damaged: use an earlier checkpoint.`,
  );
}

/** Names stand in messages on terminals: no control characters, no endless ones. @throws FormatError */
export function checkName(name: string): void {
  if (name.length > 0 && name.length <= 300 && !/\p{C}/u.test(name)) return;
  throw new FormatError(
    `The file names a tensor or module ${quote(name)} (${name.length} characters); expected at most 300, printable. The file is damaged or was made to mislead.`,
  );
}
