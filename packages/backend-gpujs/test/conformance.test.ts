import { conformanceTests } from '@mace/conformance/vitest';
import { gpujs, limitations } from '@mace/backend-gpujs';
import { GPU } from 'gpu.js';

// The kernels of other people, whose promises are asked for in full; the rest of the kit is in conformance.full.ts.
const only = ['contract', 'ops/*/*/1-to-35-rows', 'fusion/models/B', 'physics/reference/B', 'golden/B-crystal'];

conformanceTests(gpujs({ GPU, mode: 'cpu' }), { precision: 'f32', limitations, required: true, only });
