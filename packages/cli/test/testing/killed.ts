/** Runs of the command line that are killed at random moments until one comes to its end. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { folder, start } from './run.js';

/**
 * Starts `mace …` again and again; each time it is killed (SIGKILL) once a random number of bytes more stand in `partial`, or after a
 * random time.
 * @param random - from 0 to 1
 * @param bytes - of the whole output
 * @returns how many runs were killed in their middle
 */
export async function killedUntilDone(
  args: readonly string[],
  partial: string,
  { random, bytes, kills }: { readonly random: () => number; readonly bytes: number; readonly kills: number },
): Promise<number> {
  let killed = 0;
  const size = (): number => (existsSync(join(folder, partial)) ? statSync(join(folder, partial)).size : 0);
  for (;;) {
    const child = start(...args);
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    let isOver = false;
    void ended.then(() => (isOver = true));
    if (killed < kills) {
      const [from, more] = [size(), (random() * bytes) / kills];
      while (!isOver && size() < from + more) await sleep(1);
      await sleep(20 * random());
      if (!isOver && child.kill('SIGKILL')) killed++;
    }
    const code = await ended;
    if (code === null) continue;
    if (code !== 0) throw new Error(`mace ${args.join(' ')} ended with ${code}`);
    return killed;
  }
}
