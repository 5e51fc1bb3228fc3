// Structures squeezed to between half and all of their bond lengths, with forces up to 10,000 eV/Å: float32 is no farther from
// float64 than twice mace-torch's own float32, as the root mean square over a hundred structures of a real model. Here is one;
// strained.long.ts has all.
import { describe, test } from 'vitest';
import { fixtureFolder } from '../support/fixtures.js';
import { checkStrained } from './strained-errors.js';

describe.skipIf(fixtureFolder === undefined)('strained structures of real trained models (MACE_FIXTURES)', () => {
  test.each(['ilyes319_model_run-1234_epoch-14.pt'])('%s', (file) => checkStrained(file));
});
