/** Opens an address in the browser of this desktop, where there is one. */
import { spawn } from 'node:child_process';

/** @returns whether something was started that opens it */
export function openBrowser(address: string): boolean {
  const [program, ...args] = openers[process.platform] ?? ['xdg-open'];
  const { DISPLAY, WAYLAND_DISPLAY, SSH_CONNECTION } = process.env;
  const hasDesktop = ['darwin', 'win32'].includes(process.platform)
    ? SSH_CONNECTION === undefined
    : (DISPLAY ?? WAYLAND_DISPLAY) !== undefined;
  if (!hasDesktop) return false;
  // What becomes of it is seen on the desktop; the address stands in the terminal anyway.
  spawn(program!, [...args, address], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
  return true;
}

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};
