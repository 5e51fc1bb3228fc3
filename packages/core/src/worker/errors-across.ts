/** Errors that cross between threads as themselves: class, code, reason, message, cause. */
import {
  BackendUnavailableError,
  CancelledError,
  ConvergenceError,
  DeviceError,
  DisposedError,
  FormatError,
  GraphError,
  ModelUnavailableError,
  ShapeError,
  StructureError,
  UnsupportedError,
  isMaceError,
  type ErrorCode,
  type MaceError,
} from '../errors.js';

export interface PackedError {
  readonly code: ErrorCode | null;
  readonly reason?: string;
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: PackedError;
}

export function packError(error: unknown): PackedError {
  if (!(error instanceof Error) && !isMaceError(error)) return { code: null, name: 'Error', message: String(error) };
  const { name, message, stack, cause } = error;
  const reason = isMaceError(error) ? (error as { reason?: string }).reason : undefined;
  return {
    code: isMaceError(error) ? error.code : null,
    name,
    message,
    ...(reason !== undefined && { reason }),
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && { cause: packError(cause) }),
  };
}

export function unpackError(packed: PackedError): Error {
  const { code, name, message, reason, stack, cause } = packed;
  const options = cause && { cause: unpackError(cause) };
  const make = code === null ? undefined : classes[code];
  const error = make ? make(message, reason as never, options) : new (native[name] ?? Error)(message, options);
  if (error.name !== name) error.name = name;
  // Where it was thrown, not where it was made again.
  if (stack !== undefined) error.stack = stack;
  return error;
}

type Make = (message: string, reason: never, options?: { cause?: unknown }) => MaceError;

const classes: Readonly<Record<ErrorCode, Make>> = {
  graph: (message, _, options) => new GraphError(message, options),
  shape: (message, _, options) => new ShapeError(message, options),
  unsupported: (message, reason, options) => new UnsupportedError(reason, message, options),
  'backend-unavailable': (message, _, options) => new BackendUnavailableError(message, options),
  device: (message, reason, options) => new DeviceError(reason, message, options),
  disposed: (message, _, options) => new DisposedError(message, options),
  format: (message, _, options) => new FormatError(message, options),
  structure: (message, _, options) => new StructureError(message, options),
  'model-unavailable': (message, reason, options) => new ModelUnavailableError(reason, message, options),
  convergence: (message, _, options) => new ConvergenceError(message, options),
  cancelled: (message, _, options) => new CancelledError(message, options),
};

const native: Readonly<Record<string, new (message: string, options?: { cause?: unknown }) => Error>> = {
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
};
