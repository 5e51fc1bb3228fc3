// The sample in float32. The whole kit in float64 is the last command of the guide "Add a backend" (tests/guide.full.ts).
import { sample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { typedArrays } from '@mace/backend-typed-arrays';

conformanceTests(typedArrays(), { precision: 'f32', required: true, only: sample });
