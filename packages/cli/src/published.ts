/** Published models on the command line: a bar while they come, a question where their licence needs an answer. */
import { createInterface } from 'node:readline/promises';
import { CancelledError } from '@mace/core/errors';
import { findPublishedModel, licenceAddresses, type PublishedModel } from '@mace/models';
import { modelPath, type PullOptions } from '@mace/models/node';
import { complain, yellow } from './console.js';
import { progressBar } from './progress.js';

/** The file of a model by path or published name. @throws ModelUnavailableError, CancelledError */
export async function publishedModelFile(name: string): Promise<string> {
  const { options, end } = watchedPull(name);
  try {
    const path = await modelPath(name, options);
    const published =
      path === name &&
      !name.endsWith('.model') &&
      (name === 'bundled' ? 'the bundled model' : findPublishedModel(name)?.title);
    if (published)
      complain(
        `${yellow('note')}: ${name} is a file in this folder, and is taken; for ${published}, which has that name, run from another folder or rename the file.\n`,
      );
    return path;
  } finally {
    end();
  }
}

/** Options of a download that a person watches, and the end of its bar. */
export function watchedPull(name: string, accepted: readonly string[] = []): { options: PullOptions; end(): void } {
  const bar = progressBar(`downloading ${name}`, false, complain, ['MB', 'MB']);
  let last = 0;
  return {
    options: {
      acceptLicence: async (licence, model) => accepted.includes(licence) || (await askLicence(model)),
      onProgress: (done) => {
        const megabytes = Math.floor(done / 1e6);
        if (megabytes !== last) bar.update((last = megabytes));
      },
    },
    end: () => bar.stop(),
  };
}

/** Asks on the terminal; where nobody can answer, the answer is no, and the error says how to accept. */
async function askLicence(model: PublishedModel): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  complain(
    `${yellow(`${model.title} is under the Academic Software License (ASL)`)}: free for academic work, not for commercial use.\nIt stands at ${licenceAddresses[model.licence]}; an answer is remembered.\n`,
  );
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question('Do you accept it? (yes/no) ')).trim());
  } catch (cause) {
    // Ctrl-C or Ctrl-D, which end no line.
    complain('\n');
    throw new CancelledError(`${model.title}: the question was not answered; nothing was downloaded.`, { cause });
  } finally {
    lines.close();
  }
}
