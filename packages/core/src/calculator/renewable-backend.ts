/** The backend of a calculator: given, or made of a definition, and then made again where its device is lost. */
import { contractVersion, type Backend, type BackendDefinition } from '../backend/index.js';
import { BackendUnavailableError, isMaceError, type DeviceError } from '../errors.js';

export class RenewableBackend {
  #renewing: Promise<void> | undefined;
  #disposed = false;
  /** Whether the last device was lost and there is no new one. */
  #isLost = false;

  private constructor(
    private backend: Backend,
    /** Null where the backend belongs to the caller, who disposes of it. */
    private readonly definition: BackendDefinition | null,
  ) {}

  /** @throws BackendUnavailableError without a backend, or for one of another contract */
  static async of(given: Backend | BackendDefinition | undefined): Promise<RenewableBackend> {
    if (!given) {
      throw new BackendUnavailableError(
        "createCalculator needs a backend and never picks one. Pass one, for instance: import { reference } from '@mace/core'; createCalculator({ model, backend: reference() }).",
      );
    }
    if (!isDefinition(given)) return new RenewableBackend(given, null);
    if (given.contract !== contractVersion)
      throw new BackendUnavailableError(
        `${given.name} follows contract ${String(given.contract)}; this version knows contract ${contractVersion}. Install versions that belong together.`,
      );
    return new RenewableBackend(await given.create(), given);
  }

  get current(): Backend {
    return this.backend;
  }

  /**
   * Does work; where the device was lost, once more on a new one: all that a backend holds is made of what the host has.
   *
   * @param forget - called before the new one is there: what was compiled is gone
   */
  async use<T>(work: () => Promise<T>, forget: () => void): Promise<T> {
    // A new one could not be made when the last was lost; perhaps by now it can.
    if (this.#isLost && !this.#disposed) await this.#renewed(forget);
    const { backend } = this;
    try {
      return await work();
    } catch (error) {
      const isOver = isLoss(error) || this.#renewing !== undefined || this.backend !== backend;
      if (!this.definition || this.#disposed || !isOver) throw error;
      // Calculations that overlap share the new device.
      if (this.backend === backend) await this.#renewed(forget);
      return work();
    }
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    if (this.definition) await this.backend.dispose();
  }

  #renewed(forget: () => void): Promise<void> {
    return (this.#renewing ??= this.#renew(this.definition!, forget));
  }

  async #renew(definition: BackendDefinition, forget: () => void): Promise<void> {
    this.#isLost = true;
    try {
      await this.backend.dispose();
      forget();
      this.backend = await definition.create();
      this.#isLost = false;
      if (this.#disposed) await this.backend.dispose();
    } finally {
      this.#renewing = undefined;
    }
  }
}

function isDefinition(backend: Backend | BackendDefinition): backend is BackendDefinition {
  return 'create' in backend;
}

/** Whether it is the device that failed, and not the work. */
function isLoss(error: unknown): boolean {
  return isMaceError(error) && error.code === 'device' && (error as DeviceError).reason === 'lost';
}
