/** What the file of a structure says of the system itself, which holds wherever its atoms are. */
import type { InfoValue } from '@mace/core/structure';

/** As `@mace/core` reads them, and warns of them. */
const keys: ReadonlySet<string> = new Set([
  'head',
  ...['total_charge', 'charge', 'net_charge', 'totalcharge'],
  ...['total_spin', 'spin', 'spin_multiplicity', 'multiplicity', 'mult'],
  'elec_temp',
]);

/** Head, charge, spin and the like, without what was computed. */
export function inputsOfFile(info: Readonly<Record<string, InfoValue>>): Record<string, InfoValue> {
  return Object.fromEntries(Object.entries(info).filter(([key]) => keys.has(key)));
}
