/** What a check of the contract is, and what all of them need: runs whose results are copied, errors as promised. */
import type { ErrorCode } from '@mace/core';
import type { Backend, CompileOptions, DeviceTensor, RealArray, RunInputs } from '@mace/core/backend';
import type { Example } from '../../case.js';
import type { Outputs, Subject } from '../../subject.js';
import { testedExecutable, type TestedExecutable } from '../../tested-executable.js';

/** Asks for one promise. What it throws unexpectedly is a problem too. */
export type Check = (subject: Subject) => Promise<Finding>;

/** What is wrong, in words; nothing if the promise is kept; or why it does not apply. */
export type Finding = readonly string[] | { readonly unavailable: string };

/** Compiles on the backend of the subject, and disposes of the executable when `use` is done. */
export async function compiled<T>(
  subject: Subject,
  { graph, parameters }: Example,
  use: (executable: TestedExecutable) => Promise<T>,
): Promise<T> {
  const executable = await subject.compile(graph, parameters);
  try {
    return await use(executable);
  } finally {
    executable.dispose();
  }
}

/** Compiles on another backend as `Subject.compile` does on its own. */
export async function compileOn(
  backend: Backend,
  subject: Subject,
  { graph, parameters }: Example,
  options: Partial<CompileOptions> = {},
): Promise<TestedExecutable> {
  const { precision, configuration } = subject;
  const executable = await backend.compile(graph, { precision, parameters, ...configuration, ...options });
  return testedExecutable(executable, graph, backend);
}

/** What is left in the memory of a backend after something was done many times. @param what - all that was disposed of by then */
export async function leftBy(
  backend: Backend,
  use: () => Promise<void>,
  times: number,
  what: string,
): Promise<Finding> {
  await use();
  const before = backend.memory();
  for (let i = 0; i < times; i++) await use();
  const after = backend.memory();
  const [bytes, buffers] = [after.liveBytes - before.liveBytes, after.liveBuffers - before.liveBuffers];
  return bytes > 0 || buffers > 0 ? [`${what} left ${bytes} bytes in ${buffers} buffers.`] : [];
}

/** Results that stay as they are, whatever the backend does with its arrays afterwards. */
export async function runCopied(executable: TestedExecutable, inputs: RunInputs): Promise<Outputs> {
  return copied(await executable.run(inputs));
}

export function copied(outputs: Outputs): Record<string, RealArray> {
  return Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, values.slice()]));
}

/** To the host, or in every other call on the device where the backend can. */
export async function runEither(executable: TestedExecutable, inputs: RunInputs, call: number): Promise<Outputs> {
  if (!executable.runOnDevice || call % 2 === 0) return runCopied(executable, inputs);
  const tensors = await executable.runOnDevice(inputs);
  try {
    return await readAll(tensors);
  } finally {
    for (const tensor of Object.values(tensors)) tensor.dispose();
  }
}

export async function readAll(tensors: Readonly<Record<string, DeviceTensor>>): Promise<Record<string, RealArray>> {
  const read: Record<string, RealArray> = {};
  for (const [name, tensor] of Object.entries(tensors)) read[name] = await tensor.read();
  return read;
}

/** The class of an error and what it must tell. */
export interface Promised {
  readonly code: ErrorCode;
  /** Found in the message. */
  readonly naming?: string;
  /** `reason` of an UnsupportedError. */
  readonly reason?: string;
}

const classes: Partial<Record<ErrorCode, readonly [name: string, remedy: string]>> = {
  graph: [
    'a GraphError',
    'Call verify of @mace/core/ir before anything else, or build the backend with assembleBackend.',
  ],
  shape: [
    'a ShapeError',
    'Check with checkInputs, bindMaps and checkParameters of @mace/core/backend, or build the backend with assembleBackend.',
  ],
  unsupported: ['an UnsupportedError', 'Refuse what the capabilities do not claim; assembleBackend does.'],
  disposed: ['a DisposedError', 'Remember what was disposed and refuse its use; assembleBackend does.'],
  cancelled: ['a CancelledError', 'Look at cancellation.aborted before the work begins; assembleBackend does.'],
};

/** What a call that must fail did instead; nothing if it failed as promised. Something that it made is disposed of. */
export async function refusal(call: string, work: () => unknown, promised: Promised): Promise<string[]> {
  const outcome = await outcomeOf(work);
  const [name, remedy] = classes[promised.code] ?? [`an error with code ${promised.code}`, ''];
  const naming = promised.naming === undefined ? '' : ` that names ${promised.naming}`;
  const reason = promised.reason === undefined ? '' : ` with reason ${promised.reason}`;
  const expected = `expected ${name}${reason}${naming}`;
  if (!outcome.thrown) {
    disposeOf(outcome.value);
    return [`${call}: ${expected}, got a result. ${remedy}`];
  }
  const { error } = outcome;
  const { code, reason: why, message } = Object(error) as { code?: unknown; reason?: unknown; message?: unknown };
  const asPromised =
    code === promised.code &&
    (promised.reason === undefined || why === promised.reason) &&
    String(message).includes(promised.naming ?? '');
  return asPromised ? [] : [`${call}: ${expected}, got ${described(error)}. ${remedy}`];
}

/** What a call did; it never throws. */
export async function outcomeOf(
  work: () => unknown,
): Promise<{ readonly thrown: false; readonly value: unknown } | { readonly thrown: true; readonly error: unknown }> {
  try {
    return { thrown: false, value: await work() };
  } catch (error) {
    return { thrown: true, error };
  }
}

/** The class and message of what was thrown. */
export function described(error: unknown): string {
  return error instanceof Error ? `${error.name} "${error.message}"` : `the value ${String(error)} thrown`;
}

/** Disposes of what a call made that should have failed. */
export function disposeOf(made: unknown): void {
  const { dispose } = Object(made) as { dispose?: unknown };
  if (typeof dispose === 'function') dispose.call(made);
}
