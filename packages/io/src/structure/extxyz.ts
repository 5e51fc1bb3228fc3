/**
 * Extended XYZ and plain XYZ, without loss: every comment key and every column, several frames, in memory or as a stream.
 *
 * What a frame means is in `extxyz-frame.ts`; lines that may follow its atoms in `extxyz-tail.ts`; writing in `extxyz-write.ts`.
 */
import { FormatError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import type { ColumnProperty } from './extxyz-columns.js';
import { closeFrame, openFrame, type OpenFrame } from './extxyz-frame.js';
import { FrameTail, isVector, takeVector } from './extxyz-tail.js';
import { streamLines } from './line-stream.js';
import { failAt, parseInteger, quoted, splitLines, tokens } from './text.js';

export { writeExtxyz } from './extxyz-write.js';

/** Reads all frames of an (extended) XYZ text. Throws FormatError with the line. `source` names the file in messages. */
export function readExtxyz(text: string, source = 'XYZ text'): Structure[] {
  const reader = new FrameReader(source);
  const structures: Structure[] = [];
  for (const line of splitLines(text)) {
    const structure = reader.push(line);
    if (structure !== undefined) structures.push(structure);
  }
  const last = reader.end();
  if (last !== undefined) structures.push(last);
  return structures;
}

/** Reads frames one by one from chunks of text or (also gzipped) bytes; only one frame is held. Throws FormatError. */
export async function* streamExtxyz(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  source = 'XYZ stream',
): AsyncGenerator<Structure> {
  const reader = new FrameReader(source);
  for await (const lines of streamLines(chunks, source)) {
    for (const line of lines) {
      const structure = reader.push(line);
      if (structure !== undefined) yield structure;
    }
  }
  const last = reader.end();
  if (last !== undefined) yield last;
}

/** Used by the format table: does this text start like an XYZ frame? */
export function looksLikeXyz(head: string): boolean {
  const lines = splitLines(head);
  const first = lines.findIndex((line) => line.trim() !== '');
  return (
    first >= 0 &&
    parseInteger((lines[first] ?? '').trim()) !== undefined &&
    (lines.length < first + 3 || tokens(lines[first + 2] ?? '').length >= 4)
  );
}

/** Takes one line at a time; gives a structure back with the first line that is no part of it, because lines may follow the atoms. */
class FrameReader {
  private line = 0;
  private frames = 0;
  private count: { rows: number; line: number } | undefined;
  private frame: OpenFrame | undefined;
  /** An error of the line that completed a frame before it: that frame is given first. */
  private failure: Error | undefined;
  /** A frame with all its rows, and what may still follow them. */
  private whole: { frame: OpenFrame; tail: FrameTail } | undefined;

  constructor(private readonly source: string) {}

  push(text: string): Structure | undefined {
    this.throwFailure();
    this.line++;
    if (this.whole?.tail.takes(text, this.source, this.line)) return undefined;
    const structure = this.takeWhole();
    try {
      this.readLine(text);
    } catch (error) {
      if (structure === undefined) throw error;
      this.failure = error as Error;
    }
    return structure;
  }

  end(): Structure | undefined {
    this.throwFailure();
    if (this.count !== undefined) {
      failAt(
        this.source,
        this.line,
        'the file ends after the number of atoms. Expected a comment line and the atoms: the file is cut off, copy it again.',
      );
    }
    if (this.frame !== undefined) {
      const { rows, headerLine, atoms } = this.frame;
      failAt(
        this.source,
        this.line,
        `the file ends after ${atoms} of the ${rows} atoms announced in line ${headerLine}. Correct that number, or copy the file again.`,
      );
    }
    const structure = this.takeWhole();
    if (this.frames === 0)
      throw new FormatError(`${this.source}: there is no structure in it, it is empty. Check how it was written.`);
    return structure;
  }

  private readLine(text: string): void {
    if (this.frame !== undefined) {
      this.readAtom(this.frame, text);
    } else if (this.count !== undefined) {
      this.frame = openFrame(text, this.count, this.source, this.line);
      this.count = undefined;
    } else {
      this.readCount(text);
    }
    if (this.frame !== undefined && this.frame.atoms + this.frame.vectors.length === this.frame.rows) {
      this.whole = { frame: this.frame, tail: new FrameTail(this.frame) };
      this.frame = undefined;
    }
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  private takeWhole(): Structure | undefined {
    if (this.whole === undefined) return undefined;
    const { frame, tail } = this.whole;
    this.whole = undefined;
    this.frames++;
    tail.end();
    return closeFrame(frame, this.source);
  }

  private readCount(text: string): void {
    const trimmed = text.trim();
    if (trimmed === '') return;
    const rows = parseInteger(trimmed);
    if (rows === undefined || rows < 0) {
      failAt(
        this.source,
        this.line,
        `expected the number of atoms of a frame, got ${quoted(trimmed)}. Check the number of atoms of the frame before, or whether this is an XYZ file.`,
      );
    }
    this.count = { rows, line: this.line };
  }

  private readAtom(frame: OpenFrame, text: string): void {
    if (isVector(text)) {
      takeVector(frame, text, this.source, this.line);
      return;
    }
    const cells = frame.isPlain ? plainCells(text) : tokens(text);
    const expected = frame.columns.length;
    if (frame.atoms === 0) frame.width = cells.length;
    if (cells.length < expected || (cells.length > expected && !frame.isPlain)) {
      const properties = frame.collectors.map(({ property }) => property);
      failAt(
        this.source,
        this.line,
        `expected ${expected} columns (${columnNames(properties)}), got ${cells.length}. Correct this line, Properties, or the number of atoms in line ${frame.headerLine}.`,
      );
    }
    if (frame.vectors.length > 0)
      failAt(this.source, this.line, 'an atom follows the lattice vectors VEC1 to VEC3. Write them after all atoms.');
    if (cells.length !== frame.width || (cells.length > expected && isCut(cells))) {
      failAt(
        this.source,
        this.line,
        `expected ${frame.width} columns as in line ${frame.firstAtomLine}, each of them whole. Remove the space inside a number, or what was added to this line.`,
      );
    }
    for (let at = 0; at < expected; at++) {
      const { collector, column } = frame.columns[at] as OpenFrame['columns'][number];
      collector.push(cells[at] as string, column, this.source, this.line);
    }
    frame.atoms++;
  }
}

/** Cells of plain XYZ; `1.5*^-6` is how Mathematica, and with it the set QM9, writes a power of ten. */
function plainCells(text: string): string[] {
  return tokens(text).map((cell) => cell.replace('*^', 'e'));
}

/** True for a number in two pieces among the first columns: `0. 5`, `1 .5`, `- 1`. */
function isCut(cells: readonly string[]): boolean {
  return cells.slice(1, 4).some((cell, at) => {
    const next = cells[at + 2] ?? '';
    return (/^[-+]?\d*\.$/.test(cell) && /^\d+$/.test(next)) || (/^[-+]?\d+$/.test(cell) && /^\.\d/.test(next));
  });
}

function columnNames(properties: readonly ColumnProperty[]): string {
  return properties.map(({ name, type, columns }) => (columns === 1 ? name : `${name}:${type}:${columns}`)).join(', ');
}
