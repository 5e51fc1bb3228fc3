/** A progress bar on standard error for long work; silent when nobody watches. Lines printed through it go above it. */
import { SingleBar } from 'cli-progress';

export interface Progress {
  update(done: number): void;
  /** A line on standard output. */
  print(line: string): void;
  stop(): void;
}

/** Counts, towards a total where one is known (streams do not tell). The bar appears after one second. */
export function progressBar(label: string, quiet: boolean, unit = 'structures', total?: number): Progress {
  const visible = !quiet && process.stderr.isTTY === true;
  const started = performance.now();
  let bar: SingleBar | null = null;
  return {
    update: (done) => {
      if (!visible || performance.now() - started < 1000) return;
      if (!bar) {
        bar = new SingleBar({
          format:
            total === undefined
              ? `${label} {value} ${unit}, {duration_formatted}`
              : `${label} {bar} {value} of {total} ${unit}, {eta_formatted} left`,
          stream: process.stderr,
          clearOnComplete: true,
          hideCursor: true,
        });
        bar.start(total ?? 0, done);
      }
      bar.update(done);
    },
    print: (line) => {
      if (bar) process.stderr.write('\r\x1b[K');
      process.stdout.write(`${line}\n`);
    },
    stop: () => bar?.stop(),
  };
}
