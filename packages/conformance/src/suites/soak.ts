/** What takes minutes: many runs, many compilations, a large structure. Run when asked for by name. */
import type { SoakCase } from '../case.js';
import { soakNames } from '../checks/soak.js';

export function soakCases(): SoakCase[] {
  return soakNames.map((check) => ({ kind: 'soak', path: `soak/${check}`, check }));
}
