import { smallSample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { gpujs, limitations } from '@mace/backend-gpujs';
import { GPU } from 'gpu.js';

// The rest of the kit is in conformance.full.ts.
conformanceTests(gpujs({ GPU, mode: 'cpu' }), { precision: 'f32', limitations, required: true, only: smallSample });
