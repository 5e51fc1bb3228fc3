import { sample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { wasm } from '@mace/backend-wasm';

// With conformance.test.ts the whole kit in float64, and in float32 what catches every kind of fault; the rest is `npm run conform:all`.
conformanceTests(wasm(), { precision: 'f64', required: true, except: sample });
conformanceTests(wasm(), { precision: 'f32', required: true, only: sample });
