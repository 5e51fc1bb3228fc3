/** Which atom is at a point of the screen. */
import { Vector3 } from 'three';
import type { Eye } from './eye.js';

/**
 * The atom in front of all that are drawn at a point; without one the nearest whose edge is within `slack` pixels; null for the background.
 * @param x - as drawn, Å [atoms 3] @param radii - Å [atoms] @param right - pixels from the middle, with `up`
 */
export function atomAt(
  eye: Eye,
  x: ArrayLike<number>,
  radii: ArrayLike<number>,
  right: number,
  up: number,
  slack: number,
): number | null {
  let [front, frontDepth]: [number | null, number] = [null, -Infinity];
  let [near, nearGap]: [number | null, number] = [null, slack];
  const seen = new Vector3();
  for (let i = 0; i < radii.length; i++) {
    eye.project(x[3 * i]!, x[3 * i + 1]!, x[3 * i + 2]!, seen);
    const distance = Math.hypot(seen.x - right, seen.y - up) / eye.scale;
    if (distance <= radii[i]!) {
      const depth = seen.z + Math.sqrt(radii[i]! ** 2 - distance ** 2);
      if (depth > frontDepth) [front, frontDepth] = [i, depth];
    } else if ((distance - radii[i]!) * eye.scale < nearGap) {
      [near, nearGap] = [i, (distance - radii[i]!) * eye.scale];
    }
  }
  return front ?? near;
}
