import { smallSample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { typedArrays } from '@mace/backend-typed-arrays';

conformanceTests(typedArrays(), { precision: 'f64', required: true, only: smallSample });
