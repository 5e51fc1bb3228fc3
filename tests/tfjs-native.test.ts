// The kit on the native binding of TensorFlow.js, where `npm run tfjs:native` has built it. CI builds and requires it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { conformanceTests } from '@mace/conformance/vitest';
import { expect, it } from 'vitest';
import { findBackend } from '../packages/cli/src/backends.js';
import { root } from './support/workspace.js';

const required = process.env['MACE_REQUIRE_NATIVE'] === '1';
const { definition, limitations } = await findBackend('tfjs-node');

if (required || existsSync(join(root, '.setup', 'tfjs-native', 'built.json')))
  conformanceTests(definition, { precision: 'f32', required, limitations });
else
  it('is not there', (context) => {
    context.skip('the native binding of TensorFlow.js was not built: npm run tfjs:native (Linux, Python, g++).');
    expect.unreachable();
  });
