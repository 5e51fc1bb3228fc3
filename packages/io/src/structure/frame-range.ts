/**
 * Which frames of a file: `3`, `-1`, `0:10:2`, `:`, `-5:`, as ASE and Python count.
 */
import { FormatError } from '@mace/core';
import { quoted } from './text.js';

export interface FrameRange {
  /** As it was written. */
  readonly text: string;
  /** One frame, or a slice of them. */
  readonly isOne: boolean;
  readonly start: number | undefined;
  readonly stop: number | undefined;
  readonly step: number;
}

/** Parses a range; undefined when the text is none. Throws FormatError for a step of 0. */
export function parseFrameRange(text: string): FrameRange | undefined {
  const found = /^([+-]?\d{1,15})$|^([+-]?\d{1,15})?:([+-]?\d{1,15})?(?::([+-]?\d{1,15})?)?$/.exec(text);
  if (found === null) return undefined;
  const [, one, start, stop, step] = found.map((part) => (part === undefined ? undefined : Number(part)));
  if (step === 0) throw new FormatError(`frames ${quoted(text)}: the step is 0. Write for example 0:10:2.`);
  return { text, isOne: one !== undefined, start: one ?? start, stop, step: step ?? 1 };
}

/** The chosen items of a stream in their order. Throws FormatError with the number of frames when none is chosen. */
export async function* chosenFrames<T>(frames: AsyncIterable<T>, range: FrameRange, source: string): AsyncGenerator<T> {
  const { start = 0, stop = Infinity, step, isOne, text } = range;
  let count = 0;
  let chosen = 0;
  if (step > 0 && start >= 0 && stop >= 0) {
    // Frames are given as they come, and those behind the last are not read.
    const end = isOne ? start + 1 : stop;
    for await (const frame of frames) {
      if (count >= start && (count - start) % step === 0 && count < end) {
        chosen++;
        yield frame;
      }
      count++;
      if (count >= end && chosen > 0) break;
    }
  } else {
    // Only so many frames are held as counting from the end asks for.
    const held = step > 0 && start < 0 ? -start : Infinity;
    const last: T[] = [];
    for await (const frame of frames) {
      last.push(frame);
      if (last.length > held) last.shift();
      count++;
    }
    for (const at of indices(range, count)) {
      chosen++;
      yield last[at - (count - last.length)] as T;
    }
  }
  if (chosen === 0)
    throw new FormatError(
      `${source} has ${count} frame${count === 1 ? '' : 's'}, none of them is ${text}. Frames count from 0, or from the end from -1.`,
    );
}

/** Indices of a range among `count` frames, as Python's `slice.indices`. */
function indices({ isOne, start, stop, step }: FrameRange, count: number): number[] {
  const fromEnd = (value: number): number => (value < 0 ? value + count : value);
  if (isOne) return [fromEnd(start ?? 0)].filter((at) => at >= 0 && at < count);
  const [low, high] = step > 0 ? [0, count] : [-1, count - 1];
  const bound = (value: number | undefined, otherwise: number): number =>
    value === undefined ? otherwise : Math.min(high, Math.max(low, fromEnd(value)));
  const [from, to] = step > 0 ? [bound(start, low), bound(stop, high)] : [bound(start, high), bound(stop, low)];
  const found: number[] = [];
  for (let at = from; step > 0 ? at < to : at > to; at += step) found.push(at);
  return found;
}
