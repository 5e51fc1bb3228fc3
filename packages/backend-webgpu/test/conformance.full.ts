import { smallSample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { limitations, webgpu } from '@mace/backend-webgpu';
import { gpu, required } from './gpu.js';

// With conformance.test.ts the whole kit.
conformanceTests(webgpu({ gpu }), { precision: 'f32', limitations, required, except: smallSample });
