import { sample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { wasm } from '@mace/backend-wasm';

conformanceTests(wasm(), { precision: 'f64', required: true, only: sample });
conformanceTests(wasm(), { precision: 'f32', required: true, only: ['ops/*/*/1-to-35-rows', 'golden/B-crystal'] });
