/** Every case of the kit. */
import type { Case } from '../case.js';
import type { GoldenEntry } from '../golden/entry.js';
import { contractCases } from './contract.js';
import { fusionCases } from './fusion.js';
import { goldenCases } from './golden.js';
import { gradientCases } from './gradients.js';
import { opCases } from './ops.js';
import { physicsCases } from './physics.js';
import { polynomialCases } from './polynomials.js';
import { soakCases } from './soak.js';

/** @param golden - entries beside those in the package */
export function allCases(golden: readonly GoldenEntry[] = []): readonly Case[] {
  return [
    ...contractCases(),
    ...opCases(),
    ...polynomialCases(),
    ...gradientCases(),
    ...fusionCases(),
    ...physicsCases(),
    ...goldenCases(golden),
    ...soakCases(),
  ];
}
