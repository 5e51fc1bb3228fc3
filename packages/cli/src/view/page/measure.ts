/** What is said of the atoms that were clicked: one, a distance, an angle, a torsion. */
import { chemicalSymbol } from '@mace/core/structure';
import type { ViewFrame } from '../record.js';

/** Atoms that count at most. */
export const mostChosen = 4;

/** @param x - Å, as drawn [atoms 3] */
export function measureText(frame: ViewFrame, x: Float32Array | Float64Array, chosen: readonly number[]): string {
  const names = chosen.map((atom) => `${chemicalSymbol(frame.numbers[atom]!)}${atom}`).join(' – ');
  const points = chosen.map((atom) => [...x.slice(3 * atom, 3 * atom + 3)]);
  const [p, q, r, s] = points as [number[], number[], number[], number[]];
  switch (chosen.length) {
    case 1: {
      const force = frame.forces?.slice(3 * chosen[0]!, 3 * chosen[0]! + 3);
      const pull = force ? `\nforce ${Math.hypot(...force).toFixed(4)} eV/Å` : '';
      return `${names}   ${p.map((value) => value.toFixed(4)).join('  ')} Å${pull}`;
    }
    case 2:
      return `${names}   ${length(minus(q, p)).toFixed(4)} Å`;
    case 3:
      return `${names}   ${degrees(angle(minus(p, q), minus(r, q)))}`;
    default:
      return `${names}   ${degrees(torsion(minus(q, p), minus(r, q), minus(s, r)))}`;
  }
}

const minus = (u: number[], v: number[]): number[] => u.map((value, i) => value - v[i]!);
const dot = (u: number[], v: number[]): number => u.reduce((sum, value, i) => sum + value * v[i]!, 0);
const length = (u: number[]): number => Math.hypot(...u);
const cross = (u: number[], v: number[]): number[] => [
  u[1]! * v[2]! - u[2]! * v[1]!,
  u[2]! * v[0]! - u[0]! * v[2]!,
  u[0]! * v[1]! - u[1]! * v[0]!,
];
const angle = (u: number[], v: number[]): number => Math.atan2(length(cross(u, v)), dot(u, v));
const degrees = (radians: number): string => `${((radians * 180) / Math.PI).toFixed(2)}°`;

/** IUPAC's sign: clockwise from the front bond to the rear one is positive. */
function torsion(a: number[], b: number[], c: number[]): number {
  const [n, m] = [cross(a, b), cross(b, c)];
  return Math.atan2(dot(a, m) * length(b), dot(n, m));
}
