import * as ort from 'onnxruntime-node';
import { conformanceTests } from '@mace/conformance/vitest';
import { limitations, onnx } from '@mace/backend-onnx';

// The kernels of other people, whose promises are asked for in full; the rest of the kit is in conformance.full.ts.
const only = ['contract', 'ops/*/*/1-to-35-rows', 'fusion/models/B', 'physics/reference/B', 'golden/B-crystal'];

conformanceTests(onnx({ ort }), { precision: 'f64', required: true, limitations, only });
