import { reference } from '@mace/core';
import { conformanceTests } from '@mace/conformance/vitest';

// Graphs of ops are left out: there the reference would be compared with itself.
const only = ['contract', 'fusion', 'physics', 'golden'];

conformanceTests(reference(), { precision: ['f64', 'f32'], required: true, only });
