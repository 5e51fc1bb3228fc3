import { reference } from '@mace/core';
import { conformanceTests } from '@mace/conformance/vitest';

conformanceTests(reference(), { precision: ['f64', 'f32'], required: true });
