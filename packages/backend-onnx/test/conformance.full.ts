import * as ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { conformanceTests } from '@mace/conformance/vitest';
import { limitations, onnx } from '@mace/backend-onnx';

// ONNX Runtime takes long to load a graph, so here is a part of the kit; all of it is `npm run conform:all`.
conformanceTests(onnx({ ort: ortNode }), {
  precision: 'f64',
  required: true,
  limitations,
  only: ['contract', 'ops/*/*/71-to-140-rows', 'ops/random', 'golden', 'physics/*/A'],
});
conformanceTests(onnx({ ort: ortNode }), {
  precision: 'f32',
  required: true,
  limitations,
  only: ['contract', 'golden/A-*', 'golden/B-*', 'golden/stages', 'physics/*/A'],
});

// The same models on the kernels of the other runtime.
conformanceTests(onnx({ ort: ortWeb }), {
  precision: 'f32',
  required: true,
  limitations,
  only: ['contract', 'ops/*/*/1-to-35-rows', 'golden/B-crystal', 'golden/stages'],
});
