/**
 * One compiled graph: parameters and fixed values stay on the device, everything else lives for one run.
 *
 * Each array counts its holders; what a run leaves behind, because it failed or was cancelled, is released when it ends.
 */
import {
  compileProgram,
  concreteShape,
  foldProgram,
  runProgram,
  type BoundSizes,
  type BoundValues,
  type CompileOptions,
  type ExecutableParts,
  type FixedValues,
  type RealArray,
} from '@mace/core/backend';
import type { Graph } from '@mace/core/ir';
import type { Buffer, Device } from './device.js';
import { lowerings, type Context, type Tensor } from './lowering.js';

/** Compiles for a device. @throws what `compileProgram` throws, DeviceError */
export function compileExecutable(device: Device, graph: Graph, options: CompileOptions): ExecutableParts {
  const program = compileProgram(graph, lowerings, options);
  let fixed: FixedValues<Tensor> | undefined;
  const kept = new Map<object, readonly Buffer[]>();
  /** The index maps of each binding, by part and name. */
  const bindings = new Set<Map<string, Buffer>>();
  let parameters: ReadonlyMap<string, Buffer> = uploaded(device, options.parameters);

  const folded = (): Buffer[] => [...(fixed?.values() ?? [])].map(({ buffer }) => buffer);
  /** Parameters may be outputs and fixed values, so these are looked at, never owned, by the values of a run. */
  const owned = (): Set<Buffer> =>
    new Set([
      ...parameters.values(),
      ...folded(),
      ...[...kept.values()].flat(),
      ...[...bindings].flatMap((indices) => [...indices.values()]),
    ]);
  const releaseFixed = (): void => {
    const own = new Set(parameters.values());
    for (const buffer of new Set(folded())) if (!own.has(buffer)) device.release(buffer);
    fixed = undefined;
  };

  const run = (
    sizes: BoundSizes,
    indices: Map<string, Buffer>,
    values: BoundValues,
    between: () => void,
  ): Record<string, RealArray> => {
    const made = new Set<Buffer>();
    const mine = (buffer: Buffer): Buffer => {
      made.add(buffer);
      return buffer;
    };
    try {
      const context = contextOf(device, sizes, indices, values, parameters, kept, mine);
      fixed ??= foldProgram(program, lowerings, context, between);
      const outputs = runProgram(program, lowerings, context, fixed, (value) => drop(value, made, device), between);
      return Object.fromEntries(Object.entries(outputs).map(([name, { buffer }]) => [name, device.read(buffer)]));
    } finally {
      const stays = owned();
      for (const buffer of made) if (!stays.has(buffer)) device.release(buffer);
    }
  };

  return {
    graph: program.graph,
    report: program.report,
    memory: () => {
      const held = [...owned()];
      return { liveBytes: held.reduce((sum, { bytes }) => sum + bytes, 0), liveBuffers: held.length };
    },
    bind: (sizes) => {
      const indices = new Map<string, Buffer>();
      bindings.add(indices);
      return {
        run: async (values, { stopIfCancelled }) => run(sizes, indices, values, stopIfCancelled),
        dispose: () => {
          if (bindings.delete(indices)) for (const buffer of indices.values()) device.release(buffer);
        },
      };
    },
    setParameters: (replacements) => {
      const next = uploaded(device, replacements);
      releaseFixed();
      for (const name of next.keys()) device.release(parameters.get(name)!);
      parameters = new Map([...parameters, ...next]);
    },
    dispose: () => {
      for (const indices of bindings) for (const buffer of indices.values()) device.release(buffer);
      bindings.clear();
      releaseFixed();
      for (const buffer of [...parameters.values(), ...[...kept.values()].flat()]) device.release(buffer);
      parameters = new Map();
      kept.clear();
    },
  };
}

function contextOf(
  device: Device,
  { dims, maps }: BoundSizes,
  indices: Map<string, Buffer>,
  values: BoundValues,
  parameters: ReadonlyMap<string, Buffer>,
  kept: Map<object, readonly Buffer[]>,
  mine: (buffer: Buffer) => Buffer,
): Context {
  return {
    input: (name) => mine(device.upload(values[name] as RealArray)),
    parameter: (name) => parameters.get(name)!,
    numbers: (numbers) => mine(device.upload(numbers)),
    map: ({ name }, part) => {
      const key = `${part} of ${name}`;
      let buffer = indices.get(key);
      if (!buffer) indices.set(key, (buffer = device.uploadIndices(maps.get(name)![part], name)));
      return buffer;
    },
    kept: (key, make) => {
      let buffers = kept.get(key);
      if (!buffers) kept.set(key, (buffers = make().map((numbers) => device.upload(numbers))));
      return buffers;
    },
    shapeOf: (node) => concreteShape(node.type.shape, dims),
    run: (kernel, size, operands) => mine(device.run(kernel, size, operands)),
  };
}

/** One value that looked at an array is gone; parameters are not of the run and stay. */
function drop({ buffer }: Tensor, made: Set<Buffer>, device: Device): void {
  buffer.holders--;
  if (buffer.holders > 0 || !made.delete(buffer)) return;
  device.release(buffer);
}

function uploaded(device: Device, parameters: Readonly<Record<string, RealArray>>): Map<string, Buffer> {
  const buffers = new Map<string, Buffer>();
  try {
    for (const [name, values] of Object.entries(parameters)) buffers.set(name, device.upload(values));
    return buffers;
  } catch (error) {
    for (const buffer of buffers.values()) device.release(buffer);
    throw error;
  }
}
