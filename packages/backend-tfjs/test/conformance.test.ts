import { conformanceTests } from '@mace/conformance/vitest';
import { tfjs } from '@mace/backend-tfjs';

conformanceTests(tfjs(), { precision: ['f64', 'f32'], required: true });
