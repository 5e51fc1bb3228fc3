/** Crystal systems: of a group of symmetry operations, and as files name them. */
import { kindsOfOperations } from './symmetry-group.js';
import type { Operation } from './symmetry-operations.js';

export type CrystalSystem =
  | 'triclinic'
  | 'monoclinic'
  | 'orthorhombic'
  | 'tetragonal'
  | 'trigonal'
  | 'hexagonal'
  | 'cubic';

/** The system of a group, by how many axes of each order it has, whatever its lattice. */
export function systemOfOperations(operations: readonly Operation[]): CrystalSystem {
  const rotations = new Map(operations.map((operation) => [operation.slice(0, 9).join(' '), operation]));
  const kinds = kindsOfOperations([...rotations.values()]).split(' ');
  // Determinant times trace: 0 for 3 and -3, 1 for 4 and -4, 2 for 6 and -6, -1 for 2 and m.
  const count = (turn: number): number =>
    kinds.filter((kind) => {
      const [determinant = 0, trace = 0] = kind.split('/').map(Number);
      return determinant * trace === turn;
    }).length;
  if (count(0) >= 8) return 'cubic';
  if (count(2) > 0) return 'hexagonal';
  if (count(0) > 0) return 'trigonal';
  if (count(1) > 0) return 'tetragonal';
  return count(-1) > 2 ? 'orthorhombic' : count(-1) > 0 ? 'monoclinic' : 'triclinic';
}

/** The systems that a word allows: cells of trigonal groups are called hexagonal and rhombohedral; undefined for no system. */
export function systemsSaid(word: string): readonly CrystalSystem[] | undefined {
  const name = word.trim().toLowerCase();
  if (name === 'hexagonal') return ['hexagonal', 'trigonal'];
  if (name === 'rhombohedral') return ['trigonal'];
  const systems: readonly CrystalSystem[] = [
    'triclinic',
    'monoclinic',
    'orthorhombic',
    'tetragonal',
    'trigonal',
    'hexagonal',
    'cubic',
  ];
  return systems.find((system) => system === name) && [name as CrystalSystem];
}
