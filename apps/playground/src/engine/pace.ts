/** Long work that lets messages in, and tells of itself no more often than people can see. */
import type { Calculator } from '@mace/core';

/** Calls at most so often; what comes between is left out. @param milliseconds - between two calls */
export function every<T>(milliseconds: number, call: (value: T) => void): (value: T) => void {
  let last = -Infinity;
  return (value) => {
    const now = performance.now();
    if (now - last < milliseconds) return;
    last = now;
    call(value);
  };
}

/** Calls once when a task is cancelled. @returns what ends the watch */
export function whenCancelled(cancellation: { readonly aborted: boolean }, call: () => void): () => void {
  const look = setInterval(() => {
    if (!cancellation.aborted) return;
    clearInterval(look);
    call();
  }, 100);
  return () => clearInterval(look);
}

/** Ends when messages that came in the meantime have been heard. */
export function breath(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** A calculator whose systems take a breath after each computation, so that a worker hears that it shall stop. */
export function breathing(calculator: Calculator): Pick<Calculator, 'bind'> {
  return {
    bind: async (structures, options) => {
      const system = await calculator.bind(structures, options);
      const compute = system.compute.bind(system);
      let last = performance.now();
      system.compute = async (given) => {
        if (performance.now() - last > 15) {
          await breath();
          last = performance.now();
        }
        return compute(given);
      };
      return system;
    },
  };
}
