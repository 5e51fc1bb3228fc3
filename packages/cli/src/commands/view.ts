/** `mace view`: a structure or trajectory in a page of this machine, with plots of what its frames and its log say. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FormatError } from '@mace/core/errors';
import { streamFrames } from '@mace/io/node';
import { complain, dim, print, yellow } from '../console.js';
import { openBrowser } from '../loopback/open-browser.js';
import { untilInterrupted } from '../loopback/server.js';
import { readLog } from '../view/log-table.js';
import { serveView } from '../view/server.js';
import { FrameSpool } from '../view/spool.js';

export interface ViewOptions {
  readonly format?: string;
  /** Default any that is free. */
  readonly port?: number;
  /** Whether a browser is opened. */
  readonly open: boolean;
}

/** Until it is interrupted. @throws FormatError for a file without frames, a folder that is not of `mace md`, a port that is taken */
export async function view(name: string, { format, port = 0, open }: ViewOptions): Promise<void> {
  const { file, log } = filesOf(name);
  const html = pageText();
  const table = log === undefined ? undefined : await readLog(log);
  const reading = streamFrames(file, { format });
  const frames = await FrameSpool.make();
  try {
    const first = await reading.next();
    if (first.done) throw new FormatError(`${file}: there is no structure in it.`);
    await frames.add(first.value);
    const title = basename(name.replace(/[\\/]+$/, ''));
    const server = await serveView({ title, frames, html, ...(table && { log: table }) }, port);
    const interrupted = untilInterrupted();
    print(`${title}: ${server.address}\n`);
    const isOpened = open && openBrowser(server.address);
    print(dim(`${open && !isOpened ? 'Open this address in a browser of this machine. ' : ''}Ctrl-C ends it.\n`));
    const read = readRest(reading, frames);
    await interrupted.then(() => reading.return(undefined).catch(() => undefined));
    await Promise.all([server.close(), read]);
  } finally {
    await frames.dispose();
  }
}

/** What is behind the first frame. A fault is said here and in the page, which shows the frames before it. */
async function readRest(reading: AsyncGenerator<Parameters<FrameSpool['add']>[0]>, frames: FrameSpool): Promise<void> {
  try {
    for await (const structure of reading) await frames.add(structure);
  } catch (error) {
    frames.failure = error instanceof Error ? error.message : String(error);
    complain(`${yellow('note')}: ${frames.failure} Frames before it are shown.\n`);
  }
  frames.isWhole = true;
}

/** A structure file, or trajectory and log of a folder that `mace md` wrote. @throws FormatError */
function filesOf(name: string): { file: string; log?: string } {
  if (!statSync(name, { throwIfNoEntry: false })?.isDirectory()) return { file: name };
  const names = ['trajectory.xyz', 'trajectory.xyz.gz', 'trajectory.traj', 'final.xyz'];
  const file = names.map((one) => join(name, one)).find((path) => existsSync(path));
  if (file === undefined)
    throw new FormatError(`${name}: this folder has no trajectory.xyz, as those of mace md have. Name a file.`);
  const log = join(name, 'log.csv');
  return { file, ...(existsSync(log) && { log }) };
}

/** @throws FormatError where it was not built */
function pageText(): string {
  for (const place of ['view.html', '../../dist/view.html']) {
    const file = new URL(place, import.meta.url);
    if (existsSync(file)) return readFileSync(file, 'utf8');
  }
  throw new FormatError('the page of mace view is not built. In a clone: npm run setup.');
}
