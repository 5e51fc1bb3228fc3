/** The largest buffer: a number that is kept to. */
import { GraphBuilder } from '@mace/core/ir';
import type { Check } from './check.js';
import { compiled, described, outcomeOf } from './check.js';
import { numbers } from './examples.js';

export const limitChecks: Readonly<Record<string, Check>> = {
  'limits/claim': async (subject) => {
    const { maxBufferBytes, maxMemoryBytes } = (await subject.backend()).capabilities;
    const problems: string[] = [];
    if (!isLimit(maxBufferBytes))
      problems.push(
        `maxBufferBytes is ${maxBufferBytes}; expected a positive, finite number of bytes. Say what the device allows, or what one array may hold.`,
      );
    if (maxMemoryBytes !== undefined && !isLimit(maxMemoryBytes))
      problems.push(
        `maxMemoryBytes is ${maxMemoryBytes}; expected a positive, finite number of bytes. Leave it out where the memory has no limit of its own.`,
      );
    return problems;
  },

  'limits/exceeded': async (subject) => {
    const { maxBufferBytes } = (await subject.backend()).capabilities;
    if (!isLimit(maxBufferBytes)) return { unavailable: 'maxBufferBytes is no limit.' };
    const bytes = subject.precision === 'f64' ? 8 : 4;
    const edges = 4;
    const width = Math.floor(maxBufferBytes / (bytes * edges)) + 1;
    const build = new GraphBuilder();
    const x = build.input('x', ['edges', 1]);
    const graph = build.finish('too-large', { y: build.scoped('wide', () => build.broadcast(x, ['edges', width])) });
    const inputs = { dims: { atoms: 0, edges, graphs: 0 }, maps: {}, values: { x: numbers(edges, 1) } };
    const outcome = await outcomeOf(() =>
      compiled(subject, { graph, parameters: {} }, (executable) => executable.run(inputs)),
    );
    const expected =
      'expected an UnsupportedError (reason size) or a DeviceError (reason out-of-memory). checkBufferSizes of @mace/core/backend refuses it; assembleBackend calls it';
    const what = `a value [${edges} ${width}] takes ${edges * width * bytes} bytes, more than maxBufferBytes = ${maxBufferBytes}`;
    if (!outcome.thrown) return [`${what}: got a result, ${expected}.`];
    const { code, reason } = Object(outcome.error) as { code?: unknown; reason?: unknown };
    const refused = (code === 'unsupported' && reason === 'size') || (code === 'device' && reason === 'out-of-memory');
    return refused ? [] : [`${what}: got ${described(outcome.error)}, ${expected}.`];
  },
};

function isLimit(bytes: number): boolean {
  return Number.isFinite(bytes) && bytes > 0;
}
