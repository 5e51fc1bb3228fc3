// Kernels are written once, so each mode must have every function that they call.
import { expect, it } from 'vitest';
import { elementaryGlsl } from '../src/elementary-glsl.js';
import { elementaryJs } from '../src/elementary-js.js';

it('both modes have the same functions', () => {
  expect(elementaryJs.map(({ name }) => name)).toEqual(elementaryGlsl.map(({ name }) => name));
});
