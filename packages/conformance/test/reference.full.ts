import { reference } from '@mace/core';
import { conformanceTests } from '@mace/conformance/vitest';

// Graphs of ops are left out: there the reference would be compared with itself. The contract is in contract.test.ts.
conformanceTests(reference(), { precision: 'f64', required: true, only: ['fusion', 'physics', 'golden'] });
conformanceTests(reference(), { precision: 'f32', required: true, only: ['physics/*/B', 'golden'] });
