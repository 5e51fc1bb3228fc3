import * as ort from 'onnxruntime-node';
import { conformanceTests } from '@mace/conformance/vitest';
import { limitations, onnx } from '@mace/backend-onnx';

// The rest of the kit is in conformance.full.ts.
conformanceTests(onnx({ ort }), {
  precision: 'f64',
  required: true,
  limitations,
  only: ['ops/*/*/1-to-35-rows', 'golden/B-crystal'],
});
