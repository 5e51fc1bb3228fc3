import { smallSample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { limitations, webgpu } from '@mace/backend-webgpu';
import { gpu, required } from './gpu.js';

// The rest of the kit is in conformance.full.ts.
conformanceTests(webgpu({ gpu }), { precision: 'f32', limitations, required, only: smallSample });
