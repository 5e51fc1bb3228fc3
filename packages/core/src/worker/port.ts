/** What messages go through, in pages and in Node: a worker as its maker sees it, the inside of a worker, an end of a channel. */

/* eslint-disable @typescript-eslint/no-explicit-any -- events and transfer lists have other types in pages, workers and Node */

/** Fits `Worker`, `MessagePort` and the `self` of a worker in pages, `Worker`, `MessagePort` and `parentPort` in Node. */
export interface Port {
  postMessage(message: any, transfer?: any): void;
  addEventListener?(event: string, listener: (event: any) => void): void;
  removeEventListener?(event: string, listener: (event: any) => void): void;
  on?(event: string, listener: (value: any) => void): unknown;
  off?(event: string, listener: (value: any) => void): unknown;
  start?(): void;
  /** Of a worker in Node: -1 once it has ended. */
  readonly threadId?: number;
}

export interface PortListener {
  message(data: unknown): void;
  /** Nothing comes any more. */
  lost(why: string): void;
  /** A worker of a page did not start, or an error in it was not caught: then it lives on. */
  failed?(why: string): void;
}

/** Listens until what it returns is called. */
export function listen(port: Port, listener: PortListener): () => void {
  const { lost, failed } = listener;
  const unreadable = (): void => lost('a message could not be read');
  const closed = (): void => lost('its port was closed');
  if (port.on) {
    const listeners: Listeners = {
      message: (data: unknown) => listener.message(data),
      messageerror: unreadable,
      close: closed,
      error: (error: unknown) => lost(`it failed: ${String((error as Partial<Error> | undefined)?.message ?? error)}`),
      exit: (code: unknown) => lost(`it ended with code ${String(code)}`),
    };
    for (const [event, told] of Object.entries(listeners)) port.on(event, told);
    if (port.threadId === -1) lost('it has ended');
    return () => Object.entries(listeners).forEach(([event, told]) => port.off?.(event, told));
  }
  const listeners: Listeners = {
    message: ({ data }: { data: unknown }) => listener.message(data),
    messageerror: unreadable,
    close: closed,
    error: ({ message }: { message?: string }) => failed?.(message ?? 'its file could not be loaded'),
  };
  for (const [event, told] of Object.entries(listeners)) port.addEventListener?.(event, told);
  port.start?.();
  return () => Object.entries(listeners).forEach(([event, told]) => port.removeEventListener?.(event, told));
}

type Listeners = Readonly<Record<string, (value: any) => void>>;
