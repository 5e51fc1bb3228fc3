import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { conformanceTests } from '@mace/conformance/vitest';
import { limitations, tfjs } from '@mace/backend-tfjs';

// Of kernels that are other people's, whole models; all of the kit is `npm run conform:all`.
conformanceTests(tfjs({ tf, engine: 'wasm' }), {
  precision: 'f32',
  required: true,
  limitations,
  only: ['ops/random', 'fusion/models', 'golden', 'physics/*/A'],
});

// The slow engine that is everywhere: its kernels are others.
conformanceTests(tfjs({ tf, engine: 'cpu' }), {
  precision: 'f32',
  required: true,
  limitations,
  only: ['ops/*/*/1-to-35-rows', 'golden/B-crystal'],
});
