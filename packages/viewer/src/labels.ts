/** Names of atoms and of the cell's vectors, on a canvas above the picture. */
import { chemicalSymbol } from '@mace/core/structure';
import type { Vector3 } from 'three';
import type { Eye } from './eye.js';
import type { ViewerColors } from './shown.js';

/** Beyond so many atoms labels would hide what they name. */
export const mostLabels = 500;

/** A text at a place, Å [3]; `pill` has a ground. */
export interface Label {
  readonly text: string;
  readonly place: readonly [number, number, number];
  readonly pill: boolean;
}

/** `O3` for atom 3, an oxygen. */
export function atomLabel(numbers: ArrayLike<number>, atom: number): string {
  return `${chemicalSymbol(numbers[atom]!)}${atom}`;
}

/** @param ratio - pixels of the canvas for each CSS pixel */
export function drawLabels(
  context: CanvasRenderingContext2D,
  labels: readonly Label[],
  eye: Eye,
  colors: ViewerColors,
  ratio: number,
): void {
  const { width, height } = context.canvas;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  if (labels.length === 0) return;
  context.setTransform(ratio, 0, 0, ratio, width / 2, height / 2);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const seen = labels.map((label): [Label, Vector3] => [label, eye.project(...label.place).clone()]);
  // Those in front are drawn last.
  for (const [{ text, pill }, at] of seen.sort(([, one], [, other]) => one.z - other.z)) {
    context.font = pill ? '600 11px system-ui, sans-serif' : 'italic 600 14px system-ui, sans-serif';
    const [x, y] = [Math.round(at.x), Math.round(-at.y)];
    if (pill) {
      const half = context.measureText(text).width / 2 + 4;
      context.globalAlpha = 0.82;
      context.fillStyle = colors.stage;
      context.beginPath();
      context.roundRect(x - half, y - 8, 2 * half, 16, 5);
      context.fill();
      context.globalAlpha = 1;
    }
    context.fillStyle = pill ? colors.text : colors.cell;
    context.fillText(text, x, y);
  }
}
