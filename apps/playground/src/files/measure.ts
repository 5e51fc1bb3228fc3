/** Distances, angles and torsions of chosen atoms, as text. */
import { chemicalSymbol, type Structure } from '@mace/core/structure';

/** Straight from atom to atom, not through the walls of a cell. Of more than four atoms only how many they are. */
export function measureText(structure: Structure | null, atoms: readonly number[]): string {
  if (!structure || atoms.length === 0 || atoms.some((atom) => atom >= structure.numbers.length)) return '';
  if (atoms.length > 4) return `${atoms.length} atoms chosen`;
  const names = atoms.map((atom) => `${chemicalSymbol(structure.numbers[atom]!)}${atom}`).join('–');
  const x = atoms.map((atom) => [0, 1, 2].map((k) => structure.positions[3 * atom + k]!) as unknown as Vector);
  const [a, b, c, d] = x as [Vector, Vector, Vector, Vector];
  if (atoms.length === 1) return `${names}   ${a.map((value) => value.toFixed(4)).join('  ')} Å`;
  if (atoms.length === 2) return `${names}   ${length(minus(b, a)).toFixed(4)} Å`;
  if (atoms.length === 3) return `${names}   ${degrees(angle(minus(a, b), minus(c, b)))}`;
  const [u, v, w] = [minus(b, a), minus(c, b), minus(d, c)];
  const [n, m] = [cross(u, v), cross(v, w)];
  const sign = Math.sign(dot(n, w)) || 1;
  return `${names}   ${degrees(sign * angle(n, m))}`;
}

type Vector = readonly [number, number, number];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const length = (a: Vector): number => Math.sqrt(dot(a, a));
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const angle = (a: Vector, b: Vector): number => Math.atan2(length(cross(a, b)), dot(a, b));
const degrees = (radians: number): string => `${((180 / Math.PI) * radians).toFixed(2)}°`;
