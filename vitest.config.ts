// One vitest project per package, and one for the workspace's own tests. The condition `@mace/source` makes the packages
// resolve each other to their TypeScript sources, so no build step stands between an edit and its test.
// `npm run test:long` sets MACE_LONG, which picks the long suites (*.long.ts) instead of the usual ones.
import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const suffix = process.env['MACE_LONG'] ? 'long' : 'test';

const packages = readdirSync('packages').filter((name) => existsSync(`packages/${name}/package.json`));

export default defineConfig({
  resolve: { conditions: ['@mace/source'] },
  ssr: { resolve: { conditions: ['@mace/source', 'module', 'node', 'development|production'] } },
  test: {
    allowOnly: !process.env['CI'],
    passWithNoTests: true,
    // Its default leaves one core to a person, who is not there.
    maxWorkers: '100%',
    projects: [
      ...packages.map((name) => ({
        extends: true as const,
        test: {
          name,
          root: `packages/${name}`,
          include: [`src/**/*.${suffix}.ts`, `test/**/*.${suffix}.ts`],
          testTimeout: suffix === 'long' ? 3_600_000 : 30_000,
        },
      })),
      {
        extends: true as const,
        test: {
          name: 'workspace',
          include: [`tests/**/*.${suffix}.ts`],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
