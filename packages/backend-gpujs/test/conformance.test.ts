import { sample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { gpujs, limitations } from '@mace/backend-gpujs';
import { GPU } from 'gpu.js';

conformanceTests(gpujs({ GPU, mode: 'cpu' }), { precision: 'f32', limitations, required: true, only: sample });
