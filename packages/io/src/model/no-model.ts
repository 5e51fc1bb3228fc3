/** What torch saved where no model is, and how to get to one that is inside: dictionaries and lists around it, parts of a training. */
import { FormatError } from '@mace/core';
import {
  PickleDict,
  PickleList,
  PickleObject,
  PickleTensor,
  PickleTuple,
  describe,
  type PickleValue,
} from './pickle/values.js';
import { quote } from './quote.js';

/** The refusal of a file whose root is no module and no checkpoint. */
export function noModel(root: PickleValue): FormatError {
  const found = `The file does not hold a model: its root is ${describe(root)}`;
  const keys = root instanceof PickleDict ? [...root.entries.keys()] : [];
  if (keys.includes('shadow_params'))
    return new FormatError(
      `${found}, of torch_ema: averaged weights without names. Open the checkpoint of that training, into which mace-torch writes the averaged weights.`,
    );
  if (keys.includes('param_groups'))
    return new FormatError(
      `${found}, the state of an optimizer, which holds no weights. Open the checkpoint or the model.`,
    );
  const [inner] = innerOf(root);
  if (!inner) return new FormatError(`${found}. Open a .model file saved by mace-torch.`);
  const [place, what] = inner;
  return new FormatError(
    `${found}, with ${what} at [${place}]. Save that by itself: torch.save(torch.load(FILE, weights_only=False)[${place}], NEW_FILE). Loading executes code from the file: do it only with files that you trust.`,
  );
}

/** What could be a model one level down, with its place as Python writes it. */
function innerOf(root: PickleValue): (readonly [place: string, what: string])[] {
  const items = root instanceof PickleList || root instanceof PickleTuple ? root.items : [];
  const entries: Iterable<readonly [PickleValue, PickleValue]> =
    root instanceof PickleDict ? root.entries : items.entries();
  // Values may be shared, and each look into one counts.
  return [...entries].slice(0, 100).flatMap(([key, value]) => {
    const what =
      value instanceof PickleObject && value.state instanceof PickleDict
        ? describe(value)
        : value instanceof PickleDict && [...value.entries.values()].some((item) => item instanceof PickleTensor)
          ? 'tensors by name'
          : undefined;
    const place = typeof key === 'string' ? quote(key) : typeof key === 'number' ? String(key) : undefined;
    return what !== undefined && place !== undefined ? [[place, what] as const] : [];
  });
}
