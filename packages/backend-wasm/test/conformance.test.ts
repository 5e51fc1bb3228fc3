import { sample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { wasm } from '@mace/backend-wasm';

conformanceTests(wasm(), { precision: ['f64', 'f32'], required: true, only: sample });
