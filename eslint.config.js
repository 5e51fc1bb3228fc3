// Lint rules. The formatter is biome's (biome.json); nothing here is about layout.
import tsdoc from 'eslint-plugin-tsdoc';
import tseslint from 'typescript-eslint';

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export by name, so that a thing has one name everywhere.',
};

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', '.setup/', '**/bundled/', '**/test/data/'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommended],
    plugins: { tsdoc },
    languageOptions: { parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: 'error',
      'max-lines': ['warn', { max: 400 }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', noDefaultExport],
      'tsdoc/syntax': 'warn',
    },
  },
  {
    files: ['**/*.test.ts', '**/*.full.ts', '**/*.long.ts', 'tests/**', '**/testing/**', '**/test/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['vitest.config.ts', 'apps/*/vite.config.ts', 'apps/*/src/assets.d.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['scripts/**/*.mjs', 'apps/*/scripts/*.mjs', 'packages/*/bin/*.js'],
    rules: { eqeqeq: 'error', 'max-lines': ['warn', { max: 400 }], 'no-unused-vars': 'error' },
  },
);
