import { smallSample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { gpujs, limitations } from '@mace/backend-gpujs';
import { GPU } from 'gpu.js';

// With conformance.test.ts the whole kit.
conformanceTests(gpujs({ GPU, mode: 'cpu' }), { precision: 'f32', limitations, required: true, except: smallSample });
