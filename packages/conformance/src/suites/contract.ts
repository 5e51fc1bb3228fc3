/** Every promise of the backend contract. */
import type { ContractCase } from '../case.js';
import { contractNames } from '../checks/contract.js';

export function contractCases(): ContractCase[] {
  return contractNames.map((check) => ({ kind: 'contract', path: `contract/${check}`, check }));
}
