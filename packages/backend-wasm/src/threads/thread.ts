/** One worker of Node or of a page, and how many of them this machine runs. */
import { nodeModule } from '../node.js';
import { workerSource, type FromThread, type ToThread } from './worker-source.js';

export interface Thread {
  /** Numbers of the code that it has. */
  readonly opened: Set<number>;
  post(message: ToThread): void;
  /** Whether the process waits for it. */
  busy(is: boolean): void;
  stop(): void;
}

export interface Hearing {
  received(message: FromThread): void;
  crashed(cause: unknown): void;
}

/** Starts one. */
export function startThread(listener: Hearing): Thread {
  return nodeThread(listener) ?? pageThread(listener);
}

interface NodeWorker {
  on(event: string, listener: (value: never) => void): void;
  postMessage(message: unknown): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

/** Threads that this machine can run at once; 1 where memory cannot be shared. */
export function threadsAvailable(): number {
  const { crossOriginIsolated, navigator } = globalThis as {
    crossOriginIsolated?: boolean;
    navigator?: { hardwareConcurrency?: number };
  };
  const os = nodeModule<{ availableParallelism(): number }>('node:os');
  if (os) return os.availableParallelism();
  return crossOriginIsolated === true ? (navigator?.hardwareConcurrency ?? 1) : 1;
}

/** Whether workers from text may start; pages forbid them where their content security policy has no `worker-src blob:`. */
export async function workersStart(): Promise<boolean> {
  if (nodeModule('node:worker_threads')) return true;
  const address = URL.createObjectURL(new Blob(['postMessage(0)'], { type: 'text/javascript' }));
  let worker: Worker | undefined;
  try {
    return await new Promise<boolean>((resolve) => {
      worker = new Worker(address);
      worker.onmessage = () => resolve(true);
      worker.onerror = () => resolve(false);
    });
  } catch {
    return false;
  } finally {
    worker?.terminate();
    URL.revokeObjectURL(address);
  }
}

function nodeThread(listener: Hearing): Thread | undefined {
  const threads = nodeModule<{ Worker: new (source: string, options: { eval: true }) => NodeWorker }>(
    'node:worker_threads',
  );
  if (!threads) return undefined;
  const worker = new threads.Worker(workerSource, { eval: true });
  let stopped = false;
  worker.on('message', (message: FromThread) => listener.received(message));
  worker.on('error', (error: Error) => listener.crashed(error));
  worker.on('exit', (code: number) => {
    if (!stopped) listener.crashed(new Error(`a worker ended with code ${code}`));
  });
  worker.unref();
  return {
    opened: new Set(),
    post: (message) => worker.postMessage(message),
    busy: (is) => (is ? worker.ref() : worker.unref()),
    stop: () => {
      stopped = true;
      void worker.terminate();
    },
  };
}

function pageThread(listener: Hearing): Thread {
  const address = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  const worker = new Worker(address);
  worker.onmessage = ({ data }: MessageEvent<FromThread>) => listener.received(data);
  worker.onerror = (event) => listener.crashed(new Error(event.message));
  return {
    opened: new Set(),
    post: (message) => worker.postMessage(message),
    busy: () => {},
    stop: () => {
      worker.terminate();
      URL.revokeObjectURL(address);
    },
  };
}
