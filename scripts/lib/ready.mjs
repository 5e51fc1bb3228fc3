// All the set-up that a command needs, in one call; does nothing, in some 50 ms, when it was done before.
import { build } from './build.mjs';
import { install } from './install.mjs';

/** What is installed for a purpose, and what is built. */
const purposes = /** @type {const} */ ({
  start: { installed: 'start', built: 'code' },
  // Of what is packed pnpm reads the devDependencies too.
  pack: { installed: 'all', built: 'declarations' },
  all: { installed: 'all', built: 'checked' },
});

/**
 * Installs and builds what is missing; on failure says so in one line and ends the process.
 * @param {keyof typeof purposes} purpose
 */
export async function ready(purpose) {
  const { installed, built } = purposes[purpose];
  try {
    await install(installed);
    await build(built);
  } catch (error) {
    process.stderr.write(`Set-up: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
