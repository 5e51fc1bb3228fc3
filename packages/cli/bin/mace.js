#!/usr/bin/env node
// Starts the built command line. Committed, because pnpm links no bin whose file is missing when it installs.
import { existsSync } from 'node:fs';
import module from 'node:module';

// Node 22 and later keep compiled code between runs.
/** @type {{ enableCompileCache?: () => void }} */ (module).enableCompileCache?.();

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write(
    'mace: the command line is not built yet. In a clone run `npm run mace -- --help` once from its root: it builds what is missing.\n',
  );
  process.exitCode = 1;
}
