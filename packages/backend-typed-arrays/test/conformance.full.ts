import { defineLimitations } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { limitations, typedArrays } from '@mace/backend-typed-arrays';

conformanceTests(typedArrays(), {
  precision: ['f64', 'f32'],
  required: true,
  limitations: defineLimitations(limitations),
});
