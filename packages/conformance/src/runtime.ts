/** What differs between Node, Deno and a page: the timers' types and the name of the runtime. */

/** Globals that every runtime has, typed without the types of any. */
interface Globals {
  readonly setTimeout: (callback: () => void, milliseconds: number) => unknown;
  readonly clearTimeout: (timer: unknown) => void;
  readonly performance: { now(): number };
  readonly process?: {
    readonly versions?: { readonly node?: string };
    readonly platform?: string;
    readonly arch?: string;
  };
  readonly Deno?: { readonly version: { readonly deno: string } };
  readonly navigator?: { readonly userAgent?: string };
}

const globals = globalThis as unknown as Globals;

/** `Node 20.19.2, linux x64`, `Deno 2.1`, `HeadlessChrome 156`, or the user agent of another browser. */
export function runtimeName(): string {
  const { process, Deno, navigator } = globals;
  if (Deno) return `Deno ${Deno.version.deno}`;
  if (process?.versions?.node) return `Node ${process.versions.node}, ${process.platform} ${process.arch}`;
  const agent = navigator?.userAgent ?? 'unknown runtime';
  const [, browser, version] = /(Firefox|(?:Headless)?Chrome|Version)\/(\d+)/.exec(agent) ?? [];
  return browser ? `${browser.replace('Version', 'Safari')} ${version}` : agent;
}

/** Seconds since some moment. */
export function now(): number {
  return globals.performance.now() / 1000;
}

/** What `withTimeout` rejects with. */
export class TimeoutError extends Error {}

/** The result of `work`, or a TimeoutError that names `what`. A loop that never yields cannot be interrupted from here. */
export async function withTimeout<T>(work: Promise<T>, seconds: number, what: string): Promise<T> {
  let timer: unknown;
  const limit = new Promise<never>((_, reject) => {
    timer = globals.setTimeout(
      () => reject(new TimeoutError(`${what} did not end within ${seconds} s; it hangs, or is far too slow.`)),
      seconds * 1000,
    );
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    globals.clearTimeout(timer);
  }
}
