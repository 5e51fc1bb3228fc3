/** Options that the model cannot follow: errors, never nothing. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createProgram } from '../src/program.js';

const listFile = join(mkdtempSync(join(tmpdir(), 'mace-')), 'list.json');
writeFileSync(listFile, '[1, 2, 3, 4, 5]');

test.each<[string[], RegExp]>([
  [['eval', '--charge', '1'], /--charge 1: the model .* knows no total charge/],
  [['eval', '--spin', '2'], /--spin 2: the model .* knows no total spin/],
  [['eval', '--charge', ''], /--charge "": expected a number/],
  [['eval', '--spin', 'two'], /--spin "two": expected a number/],
  [['eval', '--lora-alpha', '4'], /whole model.*--lora-alpha/],
  [['eval', '--descriptor_num_layers', 'x'], /--descriptor_num_layers "x": expected a number/],
  [['eval', '--descriptor_invariants_only', 'maybe'], /--descriptor_invariants_only "maybe": expected true or false/],
  [['eval', '--like', listFile], /no model file.* a JSON object would do for --like too/],
  [['eval', '--return-descriptors'], /there is none\. Add --output FILE/],
  [['eval', '--descriptor_num_layers', '99'], /no descriptors are asked for/],
])('mace %s', async (words, text) => {
  await expect(createProgram().parseAsync(['node', 'mace', ...words])).rejects.toThrow(text);
});
