/** A structure as a frame of an output file; what extended XYZ cannot hold is left out, and said. */
import type { Structure } from '@mace/core/structure';
import { formatByName, lossText, writablePart, writeExtxyz } from '@mace/io';

export function frameText(structure: Structure, leaveOut: (what: string) => void): string {
  try {
    return writeExtxyz([structure]);
  } catch {
    const part = writablePart(structure, formatByName({ format: 'extxyz' })!);
    const text = writeExtxyz([part.structure]);
    leaveOut(lossText(part));
    return text;
  }
}
