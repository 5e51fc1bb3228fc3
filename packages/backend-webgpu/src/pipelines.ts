/** Compiled kernels of a device, each made once. */
import { DeviceError } from '@mace/core/errors';
import { wgslOf, type Kernel } from './kernel.js';

export class Pipelines {
  readonly #made = new Map<string, Promise<GPUComputePipeline>>();

  constructor(readonly device: GPUDevice) {}

  /**
   * @param place - op and scope of the node that first needs it, for errors
   * @throws DeviceError where the driver refuses the text
   */
  get(kernel: Kernel, place: string): Promise<GPUComputePipeline> {
    let known = this.#made.get(kernel.key);
    if (!known) {
      known = this.#compile(kernel, place);
      this.#made.set(kernel.key, known);
      // What failed, for whatever reason, is tried again by whoever asks next.
      known.catch(() => this.#made.delete(kernel.key));
    }
    return known;
  }

  async #compile(kernel: Kernel, place: string): Promise<GPUComputePipeline> {
    // What is wrong with the text is told by its messages, not to whoever listens to the errors of the device.
    this.device.pushErrorScope('validation');
    const module = this.device.createShaderModule({ label: kernel.name, code: wgslOf(kernel, place) });
    const made = this.device.createComputePipelineAsync({
      label: kernel.name,
      layout: 'auto',
      compute: { module, entryPoint: 'main' },
    });
    await this.device.popErrorScope().catch(() => null);
    try {
      return await made;
    } catch (error) {
      const { messages } = await module.getCompilationInfo();
      const found = messages.map(({ lineNum, message }) => `line ${lineNum}: ${message}`).join('; ');
      throw new DeviceError(
        'rejected',
        `the driver refuses the kernel ${kernel.name}, first needed by ${place}: ${found || messageOf(error)}. Update the driver, or use the backend wasm; and please open an issue.`,
        { cause: error },
      );
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
