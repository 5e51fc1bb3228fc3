// Structures squeezed to between half and all of their bond lengths, with forces up to 10,000 eV/Å: float32 is no farther from
// float64 than twice mace-torch's own float32, as the root mean square over a hundred structures of a real model. Here are
// all; strained.full.ts has one.
import { describe, test } from 'vitest';
import { fixtureFolder } from '../support/fixtures.js';
import { checkStrained } from './strained-errors.js';
import { strainedModels } from './strained.js';

describe.skipIf(fixtureFolder === undefined)('strained structures of real trained models (MACE_FIXTURES)', () => {
  test.each(Object.keys(strainedModels))('%s', (file) => checkStrained(file));
});
