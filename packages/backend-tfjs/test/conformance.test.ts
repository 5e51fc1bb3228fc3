import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { conformanceTests } from '@mace/conformance/vitest';
import { limitations, tfjs } from '@mace/backend-tfjs';

// The kernels of other people, whose promises are asked for in full; the rest of the kit is in conformance.full.ts.
const only = ['contract', 'ops/*/*/1-to-35-rows', 'fusion/models/B', 'physics/reference/B', 'golden/B-crystal'];

conformanceTests(tfjs({ tf, engine: 'wasm' }), { precision: 'f32', required: true, limitations, only });
