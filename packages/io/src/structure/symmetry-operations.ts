/**
 * Symmetry operations as CIF writes them (`-y+1/2, x-y, z`), and the orbit of a site under them.
 */
import { failAt, quoted } from './text.js';

/** Nine whole numbers by rows, then three translations. */
export type Operation = Float64Array;

/** x,y,z. */
export const identity: Operation = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0);

const termPattern = /\s*([+-]?)\s*(?:(\d+)\s*\/\s*(\d+)|(\d*\.\d+|\d+\.?))?\s*\*?\s*([xyz]?)/y;

/** Parses one operation. Throws FormatError with the line. */
export function parseOperation(text: string, source: string, line: number): Operation {
  const parts = text.toLowerCase().split(',');
  const operation = new Float64Array(12);
  const fail = (): never =>
    failAt(source, line, `${quoted(text)} is not a symmetry operation. Write for example 'x+1/2, -y, z'.`);
  if (parts.length !== 3) fail();
  parts.forEach((part, row) => {
    const trimmed = part.trim();
    if (trimmed === '') fail();
    termPattern.lastIndex = 0;
    while (termPattern.lastIndex < trimmed.length) {
      const start = termPattern.lastIndex;
      const found = termPattern.exec(trimmed);
      const [, sign = '', over, under, decimal, axis = ''] = found ?? [];
      const hasNumber = over !== undefined || decimal !== undefined;
      if (found === null || (!hasNumber && axis === '') || (start > 0 && sign === '')) fail();
      const size = over !== undefined ? Number(over) / Number(under) : decimal !== undefined ? Number(decimal) : 1;
      const value = sign === '-' ? -size : size;
      const index = axis === '' ? 9 + row : 3 * row + 'xyz'.indexOf(axis);
      operation[index] = (operation[index] ?? 0) + value;
    }
  });
  const rotation = operation.subarray(0, 9);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0] = rotation;
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (!operation.every(Number.isFinite) || Math.abs(Math.abs(determinant) - 1) > 1e-9) fail();
  return operation;
}

/** True when an operation leaves every point where it is. */
export function isIdentity(operation: Operation): boolean {
  return operation.every((value, index) => value === identity[index]);
}

/** The image of a fractional position. */
export function applyOperation(operation: Operation, x: number, y: number, z: number): [number, number, number] {
  const row = (r: number): number =>
    (operation[3 * r] ?? 0) * x +
    (operation[3 * r + 1] ?? 0) * y +
    (operation[3 * r + 2] ?? 0) * z +
    (operation[9 + r] ?? 0);
  return [row(0), row(1), row(2)];
}
