import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { smallSample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { limitations, tfjs } from '@mace/backend-tfjs';

// With conformance.test.ts the whole kit.
conformanceTests(tfjs({ tf, engine: 'wasm' }), { precision: 'f32', required: true, limitations, except: smallSample });

// The slow engine that is everywhere: its kernels are others.
conformanceTests(tfjs({ tf, engine: 'cpu' }), {
  precision: 'f32',
  required: true,
  limitations,
  only: ['ops/*/*/1-to-35-rows', 'golden/B-crystal'],
});
