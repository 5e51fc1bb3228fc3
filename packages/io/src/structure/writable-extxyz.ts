/** Structures as extended XYZ, without what it cannot hold, such as text with a space in a column. */
import type { Structure } from '@mace/core/structure';
import { writeExtxyz } from './extxyz.js';
import { formatByName } from './formats.js';
import { lossText, writablePart } from './losses.js';

/** One frame. @param leaveOut - told in words what is left out */
export function writableExtxyz(structure: Structure, leaveOut: (what: string) => void): string {
  try {
    return writeExtxyz([structure]);
  } catch {
    const part = writablePart(structure, formatByName({ format: 'extxyz' })!);
    const text = writeExtxyz([part.structure]);
    leaveOut(lossText(part));
    return text;
  }
}
