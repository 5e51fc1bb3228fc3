/** What only structures with a volume have: stress, pressure, a cell that changes. */
import type { Structure } from '@mace/core/structure';

/** Whether it is periodic in three directions. */
export function isCrystal({ cell, pbc }: Structure): boolean {
  return cell !== null && pbc.every(Boolean);
}
