/** `mace gui`: the playground in a page of this machine, with a structure and a model that it opens. */
import { statSync } from 'node:fs';
import { FormatError } from '@mace/core/errors';
import { cachedPath, cacheFolder } from '@mace/models/node';
import { publishedModel } from '@mace/models';
import { dim, print } from '../console.js';
import { playgroundFolder } from '../gui/playground-folder.js';
import { servePlayground } from '../gui/server.js';
import { openBrowser } from '../loopback/open-browser.js';
import { untilInterrupted, type LoopbackServer } from '../loopback/server.js';

export interface GuiOptions {
  /** A file, or the name of a published model that is in the cache. */
  readonly model?: string;
  /** Default `usualPort`, or any that is free where that is taken. */
  readonly port?: number;
  /** Whether a browser is opened. */
  readonly open: boolean;
}

/** Until it is interrupted. @throws FormatError for what is no file, a port that is taken, a playground that is not installed */
export async function gui(structure: string | undefined, { model, port, open }: GuiOptions): Promise<void> {
  if (structure !== undefined && !isFile(structure))
    throw new FormatError(
      `${structure}: this is no file. Give one of structures; \`mace convert\` makes one of frames, folders and standard input.`,
    );
  // The page has the bundled model at hand.
  const models = model === undefined || model === 'bundled' ? [] : [modelFile(model)];
  const files = structure === undefined ? models : [...models, structure];
  const server = await serveAt(port, playgroundFolder(), files);
  const interrupted = untilInterrupted();
  print(`The playground is at ${server.address}\n`);
  const isOpened = open && openBrowser(server.address);
  const advice = open && !isOpened ? 'Open this address in a browser of this machine. ' : '';
  print(dim(`${advice}Everything is computed in the page; Ctrl-C ends the server.\n`));
  await interrupted;
  await server.close();
}

/** Browsers keep models and work by the port too: one that changed at every start would lose them. */
const usualPort = 6223;

async function serveAt(port: number | undefined, folder: string, files: readonly string[]): Promise<LoopbackServer> {
  if (port !== undefined) return servePlayground(folder, files, port);
  return servePlayground(folder, files, usualPort).catch(() => servePlayground(folder, files, 0));
}

/** @throws ModelUnavailableError for what is neither a file nor published; FormatError for what was not fetched yet */
function modelFile(name: string): string {
  if (isFile(name)) return name;
  const { path, exists } = cachedPath(publishedModel(name), cacheFolder());
  if (!exists)
    throw new FormatError(`--model ${name}: it is not on this machine yet. Fetch it: \`mace models pull ${name}\`.`);
  return path;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
