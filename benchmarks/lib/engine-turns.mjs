// Times backends on one structure in turns, so that a busy minute of the machine falls on all of them. Runs in Node and in a page.
import { probeBackend } from '../../packages/core/dist/backend/index.js';

/** A backend slower than this is timed once, by the run that warms the others up. */
const slowSeconds = 10;

/**
 * Seconds of energy and forces in float32.
 *
 * @param {readonly { name: string, definition: import('@mace/core').BackendDefinition }[]} backends
 * @param {ReturnType<typeof import('./prepared.mjs').prepare>} prepared
 * @param {{ repeat: number, progress: (text: string) => void }} options
 * @returns {Promise<{ name: string, device: string, seconds: number[], absent?: string }[]>} `absent`: why it was not timed
 */
export async function timeInTurns(backends, prepared, { repeat, progress }) {
  const runners = [];
  for (const { name, definition } of backends) {
    progress(`${name} warms up`);
    runners.push(await openRunner(name, definition, prepared));
  }
  for (let turn = 0; turn < repeat; turn++) {
    for (const { name, seconds, run } of runners) {
      if (!run || (seconds[0] ?? 0) > slowSeconds) continue;
      progress(`${name}, turn ${turn + 1} of ${repeat}`);
      seconds.push(await secondsOf(run));
    }
  }
  for (const { close } of runners) await close?.();
  return runners.map(({ name, device, seconds, absent }) => ({ name, device, seconds, ...(absent && { absent }) }));
}

/**
 * @param {string} name
 * @param {import('@mace/core').BackendDefinition} definition
 * @param {ReturnType<typeof import('./prepared.mjs').prepare>} prepared
 */
async function openRunner(name, definition, { graph, parameters, inputs }) {
  const availability = await probeBackend(definition);
  if (!availability.available)
    return { name, device: '', seconds: [], absent: `${availability.reason} ${availability.remedy ?? ''}`.trim() };
  const backend = await definition.create();
  const executable = await backend.compile(graph, { precision: 'f32', parameters });
  const run = () => executable.run(inputs);
  await run();
  const second = await secondsOf(run);
  return {
    name,
    device: backend.device,
    seconds: second > slowSeconds ? [second] : /** @type {number[]} */ ([]),
    run,
    close: () => backend.dispose(),
  };
}

/** @param {() => Promise<unknown>} run */
async function secondsOf(run) {
  const began = performance.now();
  await run();
  return (performance.now() - began) / 1000;
}
