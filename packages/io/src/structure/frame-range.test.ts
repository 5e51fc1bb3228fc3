/** Ranges of frames against what Python's slices give. */
import { describe, expect, it } from 'vitest';
import { chosenFrames, parseFrameRange } from './frame-range.js';

async function* frames(count: number, read: number[] = []): AsyncGenerator<number> {
  for (let at = 0; at < count; at++) {
    read.push(at);
    await Promise.resolve();
    yield at;
  }
}
const chosen = async (text: string, count = 6): Promise<number[]> => {
  const all: number[] = [];
  for await (const frame of chosenFrames(frames(count), parseFrameRange(text)!, 'a.xyz')) all.push(frame);
  return all;
};

describe('ranges of frames', () => {
  it.each([
    ['0', [0]],
    ['-1', [5]],
    ['-6', [0]],
    ['+2', [2]],
    [':', [0, 1, 2, 3, 4, 5]],
    ['::', [0, 1, 2, 3, 4, 5]],
    ['0:10:2', [0, 2, 4]],
    ['1:4', [1, 2, 3]],
    ['4:', [4, 5]],
    [':2', [0, 1]],
    ['::3', [0, 3]],
    ['-2:', [4, 5]],
    ['-5:-1:2', [1, 3]],
    ['-9:2', [0, 1]],
    ['1:-1', [1, 2, 3, 4]],
    ['::-1', [5, 4, 3, 2, 1, 0]],
    ['4:1:-2', [4, 2]],
    ['-1:-4:-1', [5, 4, 3]],
    ['10::-3', [5, 2]],
  ])('%s', async (text, expected) => expect(await chosen(text)).toEqual(expected));
  it.each(['6', '-7', '3:3', '9:', '2:1', '1:4:-1'])('none: %s', async (text) =>
    expect(chosen(text)).rejects.toThrow(/^a\.xyz has 6 frames, none of them is .*\. Frames count from 0/),
  );
  it.each(['', 'a', '1.5', '1:2:3:4', '0x1', '1 ', '--1'])('no range: %j', (text) =>
    expect(parseFrameRange(text)).toBeUndefined(),
  );
  it('a step of 0 is refused', () => expect(() => parseFrameRange('::0')).toThrow(/the step is 0/));
  it('frames behind the last are not read', async () => {
    const read: number[] = [];
    for await (const frame of chosenFrames(frames(100, read), parseFrameRange('1:4:2')!, 'a'))
      expect(frame % 2).toBe(1);
    expect(read.length).toBe(4);
  });
});
