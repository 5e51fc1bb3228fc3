import { conformanceTests } from '@mace/conformance/vitest';
import { wasm } from '@mace/backend-wasm';

conformanceTests(wasm(), { precision: 'f64', required: true });
conformanceTests(wasm(), { precision: 'f32', required: true });
