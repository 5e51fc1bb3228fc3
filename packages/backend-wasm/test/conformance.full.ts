import { sample, smallSample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { wasm } from '@mace/backend-wasm';

// With conformance.test.ts the whole kit in both precisions.
conformanceTests(wasm(), { precision: 'f64', required: true, except: sample });
conformanceTests(wasm(), { precision: 'f32', required: true, except: smallSample });
