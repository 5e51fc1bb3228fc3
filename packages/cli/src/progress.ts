/** A progress bar on standard error for long work; silent when nobody watches. Lines printed through it go above it. */
import { SingleBar } from 'cli-progress';
import { visible } from './console.js';

export interface Progress {
  update(done: number): void;
  /** A line, where the others go. */
  print(line: string): void;
  stop(): void;
}

/** What is counted: one of it, and several. */
export type Unit = readonly [one: string, several: string];

/**
 * Counts, towards a total where one is known (streams do not tell). The bar appears after one second.
 * @param details - what else is known after so many seconds
 */
export function progressBar(
  label: string,
  quiet: boolean,
  print: (text: string) => void,
  [one, several]: Unit,
  total?: number,
  details?: (done: number, seconds: number) => string,
): Progress {
  const isWatched = !quiet && process.stderr.isTTY === true;
  const name = visible(label);
  const started = performance.now();
  const payload = (done: number): { unit: string; details: string } => ({
    unit: (total ?? done) === 1 ? one : several,
    details: details ? `, ${details(done, (performance.now() - started) / 1000)}` : '',
  });
  let bar: SingleBar | null = null;
  return {
    update: (done) => {
      if (!isWatched || performance.now() - started < 1000) return;
      if (!bar) {
        bar = new SingleBar({
          format:
            total === undefined
              ? `${name} {value} {unit}, {duration_formatted}`
              : `${name} {bar} {value} of {total} {unit}, {eta_formatted} left{details}`,
          stream: process.stderr,
          clearOnComplete: true,
          hideCursor: true,
        });
        bar.start(total ?? 0, done, payload(done));
      }
      bar.update(done, payload(done));
    },
    print: (line) => {
      if (bar) process.stderr.write('\r\x1b[K');
      print(`${line}\n`);
    },
    stop: () => bar?.stop(),
  };
}
