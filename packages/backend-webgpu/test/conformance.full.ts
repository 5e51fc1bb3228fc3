import { sample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { limitations, webgpu } from '@mace/backend-webgpu';
import { gpu, required } from './gpu.js';

// What catches every kind of fault; all of the kit is `npm run conform:all`, whose reports CI checks.
conformanceTests(webgpu({ gpu }), { precision: 'f32', limitations, required, only: sample });
