// One vitest project per package, and one for the workspace's own tests. The condition `@mace/source` makes the packages
// resolve each other to their TypeScript sources, so no build step stands between an edit and its test.
// MACE_TIER picks the files: `test` is what `npm test` runs (*.test.ts), `full` what `npm run test:all` adds (*.full.ts),
// `long` what is run by hand (*.long.ts).
import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const tier = process.env['MACE_TIER'] ?? 'test';

// Limits are for what hangs. A test may take seconds, and a busy machine ten times as long.
const testTimeout = tier === 'long' ? 14_400_000 : 900_000;

const packages = readdirSync('packages').filter((name) => existsSync(`packages/${name}/package.json`));

export default defineConfig({
  resolve: { conditions: ['@mace/source'] },
  ssr: { resolve: { conditions: ['@mace/source', 'module', 'node', 'development|production'] } },
  test: {
    allowOnly: !process.env['CI'],
    passWithNoTests: true,
    testTimeout,
    hookTimeout: testTimeout,
    // Many short files: what is loaded and compiled for one serves the next. The long ones get memory of their own.
    isolate: tier !== 'test',
    // Its default leaves one core to a person, who is not there.
    maxWorkers: '100%',
    projects: [
      ...packages.map((name) => ({
        extends: true as const,
        test: {
          name,
          root: `packages/${name}`,
          include: [`src/**/*.${tier}.ts`, `test/**/*.${tier}.ts`],
          // The guide "Add a backend" runs this file on the same code: tests/guide.full.ts.
          exclude: name === 'backend-typed-arrays' ? ['test/conformance.full.ts'] : [],
        },
      })),
      {
        extends: true as const,
        test: {
          name: 'workspace',
          include: [`tests/**/*.${tier}.ts`],
        },
      },
    ],
  },
});
