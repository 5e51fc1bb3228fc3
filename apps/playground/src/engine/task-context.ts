/** What a task has of the worker. */
import type { TaskName, Tasks } from './messages.js';

/** What a task is given beside its input. */
export interface TaskContext<Name extends TaskName> {
  emit(event: Tasks[Name]['event']): void;
  readonly cancellation: { readonly aborted: boolean };
  /** Tells the page, at whatever time, that a lost device has been replaced. */
  tellRenewed(): void;
  /** Called with what the page sends while the task runs. */
  onMessage: (message: Tasks[Name]['message']) => void;
}
