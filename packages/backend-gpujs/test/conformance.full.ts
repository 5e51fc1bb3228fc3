import { conformanceTests } from '@mace/conformance/vitest';
import { gpujs, limitations } from '@mace/backend-gpujs';
import { GPU } from 'gpu.js';

// Whole models; all of the kit is `npm run conform:all`.
conformanceTests(gpujs({ GPU, mode: 'cpu' }), {
  precision: 'f32',
  limitations,
  required: true,
  only: ['ops/random', 'fusion/models', 'golden', 'physics/*/A'],
});
