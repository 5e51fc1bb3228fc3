import * as ort from 'onnxruntime-node';
import { sample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { limitations, onnx } from '@mace/backend-onnx';

conformanceTests(onnx({ ort }), { precision: 'f64', required: true, limitations, only: sample });
