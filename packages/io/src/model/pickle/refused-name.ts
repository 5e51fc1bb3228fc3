/** The error for a name that is not in the allow-list, and the sentence that ends such messages. */
import { FormatError } from '@mace/core';

/** A file named something that is not in the allow-list. */
export class RefusedNameError extends FormatError {
  /** Such as `os.system`. */
  readonly refused: string;
  override readonly name = 'RefusedNameError';
  constructor(refused: string, message: string) {
    super(message);
    this.refused = refused;
  }
}

export const untrusted =
  'No MACE model does that; nothing was executed. Do not open this file with PyTorch unless you trust who made it.';
