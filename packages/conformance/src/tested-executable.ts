/** An executable as checks use it: runs whose outputs all stay on the device have a name of their own. */
import type {
  Backend,
  DeviceTensor,
  Executable,
  RealArray,
  RunInputs,
  RunOptions,
  RunOutputs,
} from '@mace/core/backend';
import type { Graph } from '@mace/core/ir';

export interface TestedExecutable extends Omit<Executable, 'run' | 'setParameters'> {
  run(inputs: RunInputs, options?: RunOptions): Promise<RunOutputs>;
  setParameters(parameters: Readonly<Record<string, RealArray>>): Promise<void>;
  /** `run` with all outputs in `keep`; absent where the backend claims no device tensors. */
  runOnDevice?(inputs: RunInputs, options?: RunOptions): Promise<Readonly<Record<string, DeviceTensor>>>;
}

export function testedExecutable(executable: Executable, graph: Graph, backend: Backend): TestedExecutable {
  return {
    report: executable.report,
    bind: (sizes) => executable.bind(sizes),
    run: (inputs, options) => executable.run(inputs, options),
    ...(backend.capabilities.deviceTensors && {
      runOnDevice: (inputs: RunInputs, options: RunOptions = {}) =>
        executable.run(inputs, { ...options, keep: Object.keys(graph.outputs) }) as Promise<
          Readonly<Record<string, DeviceTensor>>
        >,
    }),
    setParameters: (parameters) => executable.setParameters(parameters),
    dispose: () => executable.dispose(),
  };
}
