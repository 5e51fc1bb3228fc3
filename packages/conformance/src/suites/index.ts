/** Every case of the kit, suite by suite. Making the cases of a suite builds graphs, so only those asked for are made. */
import type { Case, SuiteName } from '../case.js';
import type { GoldenEntry } from '../golden/entry.js';
import { contractCases } from './contract.js';
import { fusionCases } from './fusion.js';
import { goldenCases } from './golden.js';
import { gradientCases } from './gradients.js';
import { opCases } from './ops.js';
import { physicsCases } from './physics.js';
import { polynomialCases } from './polynomials.js';
import { sizeCases } from './sizes.js';
import { soakCases } from './soak.js';
import { valueCases } from './values.js';

/** Makes the cases of each suite, in the order in which they run. `golden` are entries beside those in the package. */
export const suites: Readonly<Record<SuiteName, (golden: readonly GoldenEntry[]) => readonly Case[]>> = {
  contract: contractCases,
  ops: opCases,
  polynomials: polynomialCases,
  sizes: sizeCases,
  values: valueCases,
  gradients: gradientCases,
  fusion: fusionCases,
  physics: physicsCases,
  golden: goldenCases,
  soak: soakCases,
};
