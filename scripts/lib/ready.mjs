// All the set-up that a command needs, in one call; does nothing, in some 50 ms, when it was done before.
import { build } from './build.mjs';
import { install } from './install.mjs';

/**
 * Installs and builds what is missing; on failure says so in one line and ends the process.
 * @param {'start' | 'all'} mode
 */
export async function ready(mode) {
  try {
    await build(await install(mode));
  } catch (error) {
    process.stderr.write(`Set-up: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
