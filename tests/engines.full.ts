// The engines of other people, as the command line finds them: a sample of the kit on the native binding of TensorFlow.js, and three
// real models of MACE_FIXTURES on each engine that runs in Node. The rest of the kit is in the tests of their packages.
import { smallSample } from '@mace/conformance';
import { conformanceTests } from '@mace/conformance/vitest';
import { describe, it } from 'vitest';
import { engineBackends } from '../packages/cli/src/backends/engines.js';
import { fixtureEntries } from '../packages/cli/src/golden-fixtures.js';

const fixtures = process.env['MACE_FIXTURES'];
const nativeRequired = process.env['MACE_REQUIRE_NATIVE'] === '1';
const webgpuRequired = process.env['MACE_REQUIRE_WEBGPU'] === '1';

/** Engines that a fresh machine may lack. */
const mayBeAbsent: Readonly<Record<string, boolean>> = { 'tfjs-node': !nativeRequired, webgpu: !webgpuRequired };

/** All of them: `npm run conform -- --backend onnx-node --only golden/fixtures`. */
const models = ['MACE_SPICE', 'mace01_swa', 'atomate2_MACE'];

/** In plain JavaScript the largest of the models takes minutes. */
const slow = ['tfjs'];

describe('the native binding of TensorFlow.js', async () => {
  const { definition, limitations } = await engineBackends['tfjs-node']!();
  conformanceTests(definition, {
    precision: 'f32',
    required: nativeRequired,
    limitations,
    only: [...smallSample, 'physics/*/B'],
  });
});

for (const [name, backend] of Object.entries(engineBackends).filter(([one]) => !slow.includes(one)))
  describe(`real models on ${name}`, async () => {
    if (!fixtures) {
      it.skip('set MACE_FIXTURES to their folder', () => {});
      return;
    }
    const { definition, limitations } = await backend();
    conformanceTests(definition, {
      precision: name === 'onnx-node' ? ['f64', 'f32'] : 'f32',
      required: mayBeAbsent[name] !== true,
      limitations,
      golden: fixtureEntries(fixtures),
      only: models.map((model) => `golden/fixtures/${model}-*`),
    });
  });
