import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { smallSample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { limitations, tfjs } from '@mace/backend-tfjs';

// The rest of the kit is in conformance.full.ts.
conformanceTests(tfjs({ tf, engine: 'wasm' }), { precision: 'f32', required: true, limitations, only: smallSample });
