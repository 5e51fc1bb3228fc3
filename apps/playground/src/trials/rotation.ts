/**
 * The law of rotation as something to look at: a backend computes the forces of a molecule that was turned, and they are held against the
 * forces of the molecule as it was, turned by the same rotation.
 */
import { computed, signal } from '@preact/signals';
import { ceilings } from '@mace/conformance';
import type { Structure } from '@mace/core/structure';
import type { BackendName } from '../engine/backend-list.js';
import { Engine } from '../engine/engine.js';
import { gallery } from '../files/gallery.js';
import type { Precision } from './chosen.js';
import { largestBetween } from './pairs.js';

export const rotated: Structure = gallery.find(({ name }) => name === 'Ethanol')!.structure;

export interface Turned {
  /** degrees */
  readonly angle: number;
  /** Å [atoms 3] */
  readonly positions: Float64Array;
  /** Of the turned molecule, eV/Å [atoms 3]. */
  readonly forces: Float64Array;
  /** Those of the molecule as it was, turned, eV/Å [atoms 3]. */
  readonly turnedForces: Float64Array;
  /** Largest difference of the two, eV/Å. */
  readonly difference: number;
  /** How far the energy is from that of the molecule as it was, eV. */
  readonly energyDifference: number;
}

export interface RotationChoice {
  readonly backend: BackendName;
  readonly precision: Precision;
}
export const choice = signal<RotationChoice>({ backend: 'wasm', precision: 'f32' });
/** A law compares two results, so twice the ceiling of the kit; and what the model itself does is no fault of a backend, eV/Å. */
export const allowed = computed(() => 2 * (ceilings[choice.value.precision].forces + ownDifference.value));

export const turned = signal<Turned | null>(null);
/** All that were seen since it began, by whole degrees. */
export const seen = signal<readonly Turned[]>([]);
/** Largest difference that the model itself makes, as its coefficients are stored: that of the reference in float64, eV/Å; 0 in float32, where it is not seen. */
export const ownDifference = signal(0);
export const isTurning = signal(false);
export const failure = signal<string | null>(null);

/** Not along an axis, so that every component changes. */
const axis = [1 / 3, 2 / 3, 2 / 3] as const;
const degreesAStep = 3;
const mostSeen = 360 / degreesAStep;
/** Where the reference is asked, degrees. */
const lookedAt = [60, 150, 240, 330];
/** So that it can be followed. */
const leastMilliseconds = 50;

let engine: Engine | null = null;

/** Turns on and on, until it is stopped. */
export async function startTurning(): Promise<void> {
  if (isTurning.value) return;
  const own = (engine = new Engine());
  isTurning.value = true;
  failure.value = null;
  seen.value = [];
  ownDifference.value = 0;
  try {
    if (choice.value.precision === 'f64') {
      const look = await opened(own, { backend: 'reference', precision: 'f64' });
      for (const angle of lookedAt) ownDifference.value = Math.max(ownDifference.value, (await look(angle)).difference);
    }
    const look = await opened(own, choice.value);
    for (let step = 0; engine === own; step++) {
      const began = performance.now();
      const now = await look((step * degreesAStep) % 360);
      turned.value = now;
      seen.value = [...seen.value, now].slice(-mostSeen);
      await new Promise((resolve) => setTimeout(resolve, leastMilliseconds - (performance.now() - began)));
    }
  } catch (error) {
    if (engine === own) failure.value = error instanceof Error ? error.message : String(error);
  } finally {
    if (engine === own) stopTurning();
  }
}

/** The law at an angle, on a backend that is opened for it. */
async function opened(
  own: Engine,
  { backend, precision }: RotationChoice,
): Promise<(angle: number) => Promise<Turned>> {
  await own.begin('open', { source: { kind: 'bundled' }, choice: { backend, precision, tables: false } }).done;
  const first = (await own.begin('evaluate', { structure: rotated, asked: {} }).done).result;
  return async (angle) => {
    const matrix = rotationMatrix(axis, angle);
    const positions = rotateRows(rotated.positions, matrix);
    const { result } = await own.begin('evaluate', { structure: { ...rotated, positions }, asked: {} }).done;
    const turnedForces = rotateRows(first.forces!, matrix);
    return {
      angle,
      positions,
      forces: result.forces!,
      turnedForces,
      difference: largestBetween(result.forces!, turnedForces),
      energyDifference: Math.abs(result.energy - first.energy),
    };
  };
}

export function stopTurning(): void {
  const own = engine;
  engine = null;
  own?.end('stopped');
  isTurning.value = false;
}

/** @param direction - of length 1 @param angle - degrees @returns [3 3], for columns */
export function rotationMatrix([x, y, z]: readonly [number, number, number], angle: number): Float64Array {
  const radians = (angle * Math.PI) / 180;
  const [c, s] = [Math.cos(radians), Math.sin(radians)];
  const t = 1 - c;
  return Float64Array.of(
    t * x * x + c,
    t * x * y - s * z,
    t * x * z + s * y,
    t * x * y + s * z,
    t * y * y + c,
    t * y * z - s * x,
    t * x * z - s * y,
    t * y * z + s * x,
    t * z * z + c,
  );
}

/** Each vector of [rows 3] times a matrix. */
export function rotateRows(rows: ArrayLike<number>, matrix: ArrayLike<number>): Float64Array {
  return Float64Array.from(rows, (_, i) => {
    const [from, k] = [i - (i % 3), i % 3];
    return matrix[3 * k]! * rows[from]! + matrix[3 * k + 1]! * rows[from + 1]! + matrix[3 * k + 2]! * rows[from + 2]!;
  });
}
