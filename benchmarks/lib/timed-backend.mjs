// A backend whose runs are timed: how much of a program's time is its kernels.

/**
 * @param {import('@mace/core').BackendDefinition} definition
 * @returns {{ definition: import('@mace/core').BackendDefinition, kernels: { seconds: number, runs: number } }}
 */
export function timedBackend(definition) {
  const kernels = { seconds: 0, runs: 0 };
  const run = async (/** @type {() => Promise<unknown>} */ work) => {
    const began = performance.now();
    const found = await work();
    kernels.seconds += (performance.now() - began) / 1000;
    kernels.runs++;
    return found;
  };
  const binding = (/** @type {object} */ one) => instead(one, { run: (/** @type {Work} */ work) => run(work) });
  const executable = (/** @type {object} */ one) =>
    instead(one, { bind: async (/** @type {Work} */ work) => binding(await /** @type {Promise<object>} */ (work())) });
  const backend = (/** @type {object} */ one) =>
    instead(one, {
      compile: async (/** @type {Work} */ work) => executable(await /** @type {Promise<object>} */ (work())),
    });
  const timed = { ...definition, create: async () => backend(await definition.create()) };
  return { definition: /** @type {import('@mace/core').BackendDefinition} */ (timed), kernels };
}

/** @typedef {() => Promise<unknown>} Work */

/**
 * An object with some of its methods wrapped.
 * @param {any} one
 * @param {Record<string, (work: Work) => Promise<unknown>>} methods
 */
function instead(one, methods) {
  return new Proxy(one, {
    get: (target, key) => {
      const value = target[key];
      if (typeof value !== 'function') return value;
      const wrap = typeof key === 'string' ? methods[key] : undefined;
      return (/** @type {unknown[]} */ ...given) =>
        wrap ? wrap(() => value.apply(target, given)) : value.apply(target, given);
    },
  });
}
