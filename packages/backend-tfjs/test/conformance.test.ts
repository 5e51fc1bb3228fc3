import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { sample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { limitations, tfjs } from '@mace/backend-tfjs';

conformanceTests(tfjs({ tf, engine: 'wasm' }), { precision: 'f32', required: true, limitations, only: sample });
