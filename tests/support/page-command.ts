// A command that serves a page (`mace view`, `mace gui`), started as people start it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './workspace.js';

export interface PageCommand {
  /** That it prints. */
  readonly address: string;
  /** @returns its exit code */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export async function startPageCommand(args: readonly string[], cwd: string): Promise<PageCommand> {
  const command = spawn(process.execPath, [join(root, 'packages', 'cli', 'bin', 'mace.js'), ...args, '--no-open'], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = await new Promise<string>((resolve, reject) => {
    let text = '';
    command.stdout.on('data', (piece: Buffer) => {
      text += piece.toString();
      const [found] = /http:\S+/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
    command.once('exit', (code) => reject(new Error(`mace ${args.join(' ')} ended with ${code}: ${text}`)));
  });
  const ended = new Promise<number | null>((resolve) => command.once('exit', resolve));
  return {
    address,
    end: (signal) => {
      command.kill(signal);
      return ended;
    },
  };
}
