/** Options that the model cannot follow: errors, never nothing. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createProgram } from '../src/program/index.js';
import { spelled } from '../src/program/spelling.js';

const listFile = join(mkdtempSync(join(tmpdir(), 'mace-')), 'list.json');
writeFileSync(listFile, '[1, 2, 3, 4, 5]');

const run = async (words: readonly string[]): Promise<unknown> =>
  createProgram().parseAsync(spelled(words), { from: 'user' });

test.each<[string[], RegExp]>([
  [['eval', '--charge', '1'], /--charge 1: the model .* knows no total charge/],
  [['eval', '--spin', '2'], /--spin 2: the model .* knows no total spin/],
  [['eval', '--charge', ''], /--charge "": expected a number/],
  [['eval', '--spin', 'two'], /--spin "two": expected a number/],
  [['eval', '--lora-alpha', '4'], /whole model.*--lora-alpha/],
  [['eval', '--descriptor_num_layers', 'x'], /--descriptor-num-layers "x": expected a whole number/],
  [['eval', '--descriptor_invariants_only', 'maybe'], /--descriptor-invariants-only "maybe": expected true or false/],
  [['eval', '--like', listFile], /no model file.* a JSON object would do for --like too/],
  [['eval', '--return-descriptors'], /there is none\. Add --output FILE/],
  [['eval', '--info-prefix', ''], /--info-prefix "": .*there is none\. Add --output FILE/],
  [['eval', '--descriptor_num_layers', '99'], /no descriptors are asked for/],
])('mace %s', async (words, text) => {
  await expect(run(words)).rejects.toThrow(text);
});
