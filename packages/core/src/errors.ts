/**
 * The errors that this project throws: one base class, eleven kinds, each with a stable `code`.
 *
 * A message has four parts: what happened, where, what was expected against what was found, what to do.
 * Errors are recognised by a registered symbol, so `isMaceError` works across two copies of the package.
 */
const marker = Symbol.for('@mace/error');

export type ErrorCode =
  | 'graph'
  | 'shape'
  | 'unsupported'
  | 'backend-unavailable'
  | 'device'
  | 'disposed'
  | 'format'
  | 'structure'
  | 'model-unavailable'
  | 'convergence'
  | 'cancelled';

/** Base class of every error that this project throws on purpose. */
export class MaceError extends Error {
  readonly code: ErrorCode;
  readonly [marker] = true;
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    // Not the name of the class: a page's bundler may have shortened that.
    this.name = `${code.replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase())}Error`;
    this.code = code;
  }
}

/** True for any error of this project, also one thrown by another copy of it. */
export function isMaceError(error: unknown): error is MaceError {
  return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[marker] === true;
}

/** A graph is ill-typed or asks for something that has no derivative. */
export class GraphError extends MaceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('graph', message, options);
  }
}

/** An array does not have the size that its declared shape needs. */
export class ShapeError extends MaceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('shape', message, options);
  }
}

/** Something valid that this backend or version cannot do. */
export class UnsupportedError extends MaceError {
  readonly reason: 'op' | 'precision' | 'size' | 'model' | 'option';
  constructor(reason: UnsupportedError['reason'], message: string, options?: { cause?: unknown }) {
    super('unsupported', message, options);
    this.reason = reason;
  }
}

/** The engine or device of a backend is absent. */
export class BackendUnavailableError extends MaceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('backend-unavailable', message, options);
  }
}

/** A device failed while working. */
export class DeviceError extends MaceError {
  readonly reason: 'lost' | 'out-of-memory' | 'rejected';
  constructor(reason: 'lost' | 'out-of-memory' | 'rejected', message: string, options?: { cause?: unknown }) {
    super('device', message, options);
    this.reason = reason;
  }
}

/** Something was used after `dispose`. */
export class DisposedError extends MaceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('disposed', message, options);
  }
}

/** A file is malformed, or holds something that is never read. */
export class FormatError extends MaceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('format', message, options);
  }
}

/** A structure cannot be computed: unknown element, coincident atoms, singular cell. */
export class StructureError extends MaceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('structure', message, options);
  }
}

/** A published model cannot be had: unknown, not accepted, not reachable, not what it should be. */
export class ModelUnavailableError extends MaceError {
  readonly reason: 'name' | 'licence' | 'offline' | 'network' | 'unreachable' | 'content' | 'disk' | 'refused';
  constructor(reason: ModelUnavailableError['reason'], message: string, options?: { cause?: unknown }) {
    super('model-unavailable', message, options);
    this.reason = reason;
  }
}

/** An iteration stopped before it met its criterion. */
export class ConvergenceError extends MaceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('convergence', message, options);
  }
}

/** The caller asked to stop. Not a failure. */
export class CancelledError extends MaceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('cancelled', message, options);
  }
}

/** Asserts what our own code guarantees; the message asks for an issue. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal: ${message} This is a mistake in mace, please open an issue.`);
}
