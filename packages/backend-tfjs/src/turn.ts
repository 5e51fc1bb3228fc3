/**
 * A turn on an engine: the current engine of TensorFlow.js is one for the whole namespace, so it is switched for a
 * synchronous stretch and put back. What goes wrong on the way becomes an error of this project.
 */
import { DeviceError, isMaceError } from '@mace/core/errors';
import { restart, type Engine } from './engine.js';

/** Runs `work` with the engine as the current one. @throws DeviceError, and whatever of this project `work` throws */
export function onEngine<T>(engine: Engine, work: () => T): T {
  refuseLost(engine);
  const { tf, name } = engine;
  const former = tf.getBackend();
  // Asynchronous by type only: a started engine is current when the call returns.
  if (former !== name) void tf.setBackend(name);
  try {
    return work();
  } catch (error) {
    throw deviceErrorOf(engine, error);
  } finally {
    if (former && former !== name) void tf.setBackend(former);
  }
}

/** Waits for numbers to come back from the engine. @throws DeviceError */
export async function fromEngine<T>(engine: Engine, read: () => Promise<T>): Promise<T> {
  let stop = (): void => {};
  const loss = new Promise<never>((_, reject) => {
    stop = engine.onLoss(() => reject(new Error('lost while reading')));
  });
  try {
    refuseLost(engine);
    const found = await Promise.race([read(), loss]);
    // A lost WebGL context may also read as zeros.
    refuseLost(engine);
    return found;
  } catch (error) {
    throw deviceErrorOf(engine, error);
  } finally {
    stop();
  }
}

function refuseLost(engine: Engine): void {
  const loss = engine.lost();
  if (loss !== undefined) throw lostError(engine, loss);
}

function deviceErrorOf(engine: Engine, error: unknown): unknown {
  if (isMaceError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const loss = engine.lost() ?? (/context.?lost|device.?(is )?lost/i.test(message) ? message : undefined);
  if (loss !== undefined) return lostError(engine, loss, error);
  if (/memory|alloc|OOM|texture size|Unable to create WebGLTexture|buffer size|Array buffer/i.test(message))
    return new DeviceError(
      'out-of-memory',
      `tfjs: ${engine.name} has no room: ${message} Compute fewer structures at once, or use another engine.`,
      { cause: error },
    );
  return new DeviceError(
    'rejected',
    `tfjs: ${engine.name} refused an op: ${message} Update TensorFlow.js, or use another engine.`,
    { cause: error },
  );
}

function lostError({ name }: Engine, loss: string, cause?: unknown): DeviceError {
  return new DeviceError('lost', `tfjs: ${loss}. ${restart(name)}`, { cause });
}
