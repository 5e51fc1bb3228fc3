import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { conformanceTests } from '@mace/conformance/vitest';
import { limitations, tfjs } from '@mace/backend-tfjs';

conformanceTests(tfjs({ tf, engine: 'wasm' }), { precision: 'f32', required: true, limitations });

// The slow engine that is everywhere: its kernels are others.
conformanceTests(tfjs({ tf, engine: 'cpu' }), {
  precision: 'f32',
  required: true,
  limitations,
  only: ['contract', 'ops/*/*/1-to-35-rows', 'golden'],
});
