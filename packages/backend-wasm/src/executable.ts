/** One graph, compiled: its variants, its parameters, and the bindings that run it. */
import {
  countOf,
  multiplyAddsOf,
  type BindingParts,
  type BoundSizes,
  type BoundValues,
  type CompileOptions,
  type ExecutableParts,
  type RealArray,
  type RunParts,
  type TensorParts,
} from '@mace/core/backend';
import { DisposedError } from '@mace/core/errors';
import type { Graph } from '@mace/core/ir';
import type { Arena } from './arena.js';
import { chunksOf } from './chunks.js';
import { compiledGraph } from './code.js';
import type { Parameters } from './fold.js';
import { Geometry } from './geometry.js';
import { RunLayout } from './run-layout.js';
import { BoundSpace } from './run-space.js';
import { nameOf, Runner } from './runner.js';
import { tensorIn, type ArenaTensor } from './tensor.js';
import type { ThreadPool } from './threads/pool.js';
import { variantOf, type Variant } from './variant.js';

/** What holds for all graphs of a backend. */
export interface ExecutableSettings {
  readonly relaxed: boolean;
  readonly atomsPerChunk: number;
  /** Null where everything runs on the thread that asks. */
  readonly pool: ThreadPool | null;
}

/** Bytes of a run above which sums over edges are made again where they are needed, rather than kept. */
const frugalAbove = 2 ** 29;
/** Kernels that do the arithmetic of their node; others pack, copy and add for them. */
const arithmetic = /^(matmul|groupedMatmul|outerProduct|polynomial|convolution|convolutionReverse|table)\d*$/;

export async function compileExecutable(
  arena: Arena,
  graph: Graph,
  options: CompileOptions,
  settings: ExecutableSettings,
): Promise<ExecutableParts> {
  const { atomsPerChunk, pool, relaxed } = settings;
  const compiled = compiledGraph(graph, {
    precision: options.precision,
    relaxed,
    memory: { shared: arena.shared, maximum: arena.maximumPages },
    ...(options.fusions !== undefined && { fusions: options.fusions }),
    ...(options.passes !== undefined && { passes: options.passes }),
  });
  const { program } = compiled;
  const fast = await variantOf(compiled, arena, pool, false);
  /** Made when a run is large enough for it. */
  let frugal: Promise<Variant> | undefined;
  const variants = [fast];
  const { owner } = fast.emitter.plan;
  const spaces = new Set<BoundSpace>();
  const geometries = new Set<Geometry>();
  let parameters: Parameters = copied(options.parameters);
  let [underWay, isDisposed] = [0, false];

  const release = (): void => {
    for (const variant of variants.splice(0)) variant.dispose();
    for (const space of spaces) space.free();
    spaces.clear();
    for (const geometry of geometries) geometry.free();
    geometries.clear();
    parameters = {};
  };
  /** One run at a time in this memory; what is disposed of meanwhile goes afterwards. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    underWay++;
    return arena.alone(async () => {
      try {
        if (isDisposed)
          throw new DisposedError('the executable was disposed of before its run began. Compile it again.');
        return await work();
      } finally {
        if (--underWay === 0 && isDisposed) release();
      }
    });
  };

  const bind = (given: BoundSizes): BindingParts => {
    const { layout } = fast.kept;
    // What has to wait is written to memory later; of a single run the caller may write to the maps by then.
    const sizes: { -readonly [K in keyof BoundSizes]: BoundSizes[K] } = arena.busy
      ? { ...given, maps: copyOfMaps(given.maps) }
      : { ...given };
    const chunks = chunksOf(sizes, owner, layout.scatteredMaps, atomsPerChunk);
    const threads = pool && chunks.count > 1 ? pool.size : 1;
    const needed = layout.bytesOf(sizes, chunks, threads);
    const isLarge = needed > frugalAbove;
    if (isLarge && !frugal) sizes.maps = copyOfMaps(sizes.maps);
    let runner: Runner | undefined;
    const frugalVariant = async (): Promise<Variant> => {
      if (frugal) return frugal;
      frugal = variantOf(compiled, arena, pool, true);
      variants.push(await frugal);
      return frugal;
    };
    const runnerOf = (variant: Variant): Runner => {
      const space = new BoundSpace(variant.kept, sizes, chunks, threads);
      spaces.add(space);
      return new Runner(variant, space);
    };
    let geometry: Geometry | undefined;
    const drop = (old: Geometry | undefined): void => {
      if (old && geometries.delete(old)) old.free();
    };
    const bytes = isLarge ? frugalLayout().bytesOf(sizes, chunks, threads) : needed;
    return {
      get bytes() {
        return bytes + (geometry?.bytes ?? 0);
      },
      multiplyAdds: () => multiplyAdds(sizes.dims),
      run: (given, how) => {
        // A run that has to wait reads its values later; until then the caller may write to them.
        const values = arena.busy || (isLarge && !runner) ? copyOf(given) : given;
        const [weights, moved] = [parameters, geometry];
        return alone(async () => {
          runner ??= runnerOf(isLarge ? await frugalVariant() : fast);
          runner.variant.fold(weights);
          return kept(await runner.run(values, weights, how, moved), how.keep, sizes.dims);
        });
      },
      setGeometry: (given) => {
        const old = geometry;
        geometry = new Geometry(arena, given);
        geometries.add(geometry);
        // Runs that were called before use it.
        if (old) void arena.alone(async () => drop(old));
      },
      dispose: () => {
        drop(geometry);
        if (!runner || !spaces.delete(runner.space)) return;
        runner.space.free();
      },
    };
  };
  const frugalLayout = (): RunLayout => {
    const { emitter, list } = compiled.written(true);
    return new RunLayout(emitter, list);
  };
  const kept = (
    outputs: Record<string, RealArray>,
    keep: RunParts['keep'],
    dims: BoundSizes['dims'],
  ): Record<string, RealArray | TensorParts> => {
    if (keep.size === 0) return outputs;
    const all: Record<string, RealArray | TensorParts> = outputs;
    for (const name of keep) {
      const { shape } = program.graph.outputs[name]!.type;
      const sizes = shape.map((dim) => (typeof dim === 'number' ? dim : dims[dim]));
      all[name] = tensorIn(arena, outputs[name]!, sizes);
    }
    return all;
  };
  const multiplyAdds = (dims: BoundSizes['dims']): Record<string, number> => {
    const found: Record<string, number> = {};
    for (const { whole, byRows } of fast.emitter.phases) {
      for (const call of [...whole, ...byRows]) {
        if (!('kernel' in call) || !arithmetic.test(call.kernel)) continue;
        const name = nameOf(call);
        found[name] = (found[name] ?? 0) + countOf(multiplyAddsOf(call.node), dims);
      }
    }
    return found;
  };

  return {
    graph: program.graph,
    report: program.report,
    chunked: true,
    memory: () => ({
      liveBytes: [
        ...variants.map(({ kept }) => kept.bytes),
        ...[...spaces].map(({ bytes }) => bytes),
        ...[...geometries].map(({ liveBytes }) => liveBytes),
      ].reduce((sum, bytes) => sum + bytes, 0),
      liveBuffers: [...spaces, ...geometries].reduce((sum, { blocks }) => sum + blocks, variants.length),
    }),
    bind,
    setParameters: (replacements) => {
      parameters = { ...parameters, ...copied(replacements) };
    },
    dispose: () => {
      if (isDisposed) return;
      isDisposed = true;
      if (underWay === 0) release();
    },
  };
}

function copied(parameters: Parameters): Record<string, RealArray> {
  return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]));
}

/** The same values in arrays of our own, tensors too, which may be disposed of before the run begins. */
function copyOf(values: BoundValues): BoundValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      (ArrayBuffer.isView(value) ? value : (value as ArenaTensor).view()).slice(),
    ]),
  );
}

function copyOfMaps(maps: BoundSizes['maps']): BoundSizes['maps'] {
  return new Map(
    [...maps].map(([name, { values, offsets, order }]) => [
      name,
      { values: values.slice(), offsets: offsets.slice(), order: order.slice() },
    ]),
  );
}
