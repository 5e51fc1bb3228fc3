/**
 * A random session on a backend, call after call, against a sound one that computes each result afresh: what shows that a
 * fault of an engine changes something. It knows nothing of the kit's cases.
 */
import {
  indexMapValues,
  type Backend,
  type BackendDefinition,
  type RealArray,
  type RunInputs,
} from '@mace/core/backend';
import { GraphBuilder, type Graph, type IndexMap } from '@mace/core/ir';
import { withTimeout } from '../../src/runtime.js';
import { testedExecutable, type TestedExecutable } from '../../src/tested-executable.js';
import { FaultDraw } from './draw.js';

const steps = 120;
const map = (name: string, from: 'edges' | 'atoms', to: 'atoms' | 'graphs'): IndexMap => ({ name, from, to });

type Arrays = Record<string, RealArray>;

interface Compiled {
  readonly graph: Graph;
  readonly precision: 'f64' | 'f32';
  readonly executable: TestedExecutable;
  given: Arrays;
  current: Arrays;
}

/** What differs first, in words; null if nothing does in the whole session. */
export async function sessionFault(
  definition: BackendDefinition,
  sound: BackendDefinition,
  seed: number,
): Promise<string | null> {
  const [backend, judge] = [await definition.create(), await sound.create()];
  try {
    return await withTimeout(session(backend, judge, new FaultDraw(seed)), 20, 'session');
  } catch (error) {
    return `session ended with ${String(error)}`;
  }
}

async function session(backend: Backend, judge: Backend, draw: FaultDraw): Promise<string | null> {
  const graphs = [graphOf('one', 6), graphOf('two', 40)];
  const start = backend.memory();
  const compile = async (graph: Graph): Promise<Compiled> => {
    const given = parametersOf(graph, draw);
    const precision = draw.chance(0.8) ? 'f64' : 'f32';
    return {
      graph,
      precision,
      executable: testedExecutable(await backend.compile(graph, { precision, parameters: given }), graph, backend),
      given,
      current: copies(given),
    };
  };
  const all: Compiled[] = [await compile(graphs[0]!), await compile(graphs[0]!), await compile(graphs[1]!)];
  const kept: { text: string; found: Arrays; wanted: Arrays }[] = [];
  const memory = new Map<Compiled, RunInputs>();
  const inputsFor = (one: Compiled): RunInputs => {
    const old = memory.get(one);
    if (old && draw.chance(0.35)) return old;
    if (old && draw.chance(0.4)) return edited(old, draw);
    const made = inputsOf(one.graph, draw);
    memory.set(one, made);
    return made;
  };
  const wantedOf = async (one: Compiled, inputs: RunInputs): Promise<Arrays> => {
    const fresh = await judge.compile(one.graph, { precision: one.precision, parameters: one.current });
    const wanted = copies(await fresh.run(inputs));
    fresh.dispose();
    return wanted;
  };
  const actions: Record<string, () => Promise<string | null>> = {
    run: async () => {
      const one = draw.choose(all);
      const inputs = inputsFor(one);
      const found = await one.executable.run(inputs);
      const wanted = await wantedOf(one, inputs);
      kept.push({ text: 'a kept result', found: found as Arrays, wanted });
      return differs(wanted, found);
    },
    overlap: async () => {
      const runs = Array.from({ length: 2 + draw.integer(4) }, () => draw.choose(all)).map((one) => ({
        one,
        inputs: inputsOf(one.graph, draw),
      }));
      const found = await Promise.all(runs.map(({ one, inputs }) => one.executable.run(inputs)));
      for (const [i, { one, inputs }] of runs.entries()) {
        const fault = differs(await wantedOf(one, inputs), found[i]!);
        if (fault) return fault;
      }
      return null;
    },
    device: async () => {
      const runs = Array.from({ length: 1 + draw.integer(3) }, () => draw.choose(all)).map((one) => ({
        one,
        inputs: inputsFor(one),
      }));
      const wanted: Arrays[] = [];
      for (const { one, inputs } of runs) wanted.push(await wantedOf(one, inputs));
      const overlaps = draw.chance(0.5);
      const made = overlaps
        ? await Promise.all(runs.map(({ one, inputs }) => one.executable.runOnDevice!(inputs)))
        : [];
      if (!overlaps) for (const { one, inputs } of runs) made.push(await one.executable.runOnDevice!(inputs));
      let fault: string | null = null;
      for (const [i, tensors] of made.entries()) {
        for (const [name, tensor] of Object.entries(tensors)) {
          (await tensor.read()).fill(5);
          fault ??= differs({ [name]: wanted[i]![name]! }, { [name]: await tensor.read() });
          tensor.dispose();
        }
      }
      return fault;
    },
    replace: async () => {
      const one = draw.choose(all);
      const next = draw.chance(0.3) ? one.given : copies(one.current);
      const name = draw.choose(Object.keys(next));
      const at = draw.chance(0.3) ? draw.choose([0, next[name]!.length - 1]) : draw.integer(next[name]!.length);
      next[name]![at] = draw.symmetric(1);
      // The sum stays as it is half of the time.
      if (draw.chance(0.5)) next[name]![(at + 1) % next[name]!.length]! += one.current[name]![at]! - next[name]![at]!;
      if (draw.chance(0.2)) next[name]!.forEach((_: number, i: number) => (next[name]![i] = draw.symmetric(1)));
      await one.executable.setParameters(next);
      one.given = next;
      one.current = copies(next);
      return actions.run!();
    },
    scribble: async () => {
      const one = draw.choose(all);
      for (const values of Object.values(one.given)) values[draw.integer(values.length)] = 7;
      one.given = copies(one.current);
      return actions.run!();
    },
    refuse: async () => {
      const one = draw.choose(all);
      const inputs = inputsOf(one.graph, draw);
      const { x: _x, ...values } = inputs.values;
      await one.executable.run({ ...inputs, values }).catch(() => {});
      await one.executable.run(inputs, { cancellation: { aborted: true } }).catch(() => {});
      if (draw.chance(0.5)) await one.executable.setParameters({}).catch(() => {});
      return actions.run!();
    },
    upload: async () => {
      const values = Float64Array.from({ length: draw.size(1, 500) }, () => draw.symmetric(1));
      const wanted = values.slice();
      const tensor = backend.upload(values, [values.length]);
      values.fill(9);
      (await tensor.read()).fill(11);
      const fault = differs({ tensor: wanted }, { tensor: await tensor.read() });
      tensor.dispose();
      return fault;
    },
    recompile: async () => {
      const i = draw.integer(all.length);
      all[i]!.executable.dispose();
      memory.delete(all[i]!);
      all[i] = await compile(draw.choose(graphs));
      return null;
    },
  };
  const names = Object.keys(actions);
  for (let step = 0; step < steps; step++) {
    const name = draw.choose(names);
    const fault = await actions[name]!();
    if (fault) return `step ${step}, ${name}: ${fault}`;
  }
  for (const { text, found, wanted } of kept) {
    const fault = differs(wanted, found);
    if (fault) return `${text}: ${fault}`;
  }
  for (const { executable } of all) executable.dispose();
  const { liveBytes } = backend.memory();
  return liveBytes > start.liveBytes ? `${liveBytes - start.liveBytes} bytes stay.` : null;
}

function graphOf(name: string, width: number): Graph {
  const build = new GraphBuilder();
  const x = build.input('x', ['edges', width]);
  const z = build.input('z', ['atoms', width]);
  const receiver = map('receiver', 'edges', 'atoms');
  const mixed = build.matmul(x, build.parameter('alpha', [width, width]));
  const folded = build.tanh(build.parameter('beta', [width]));
  const atoms = build.add(build.segmentSum(mixed, receiver), build.mul(z, build.expand(folded, z.type.shape, [1])));
  return build.finish(name, {
    atoms,
    edges: build.mul(build.gather(atoms, map('sender', 'edges', 'atoms')), x),
    sums: build.segmentSum(build.sin(atoms), map('graph', 'atoms', 'graphs')),
  });
}

function parametersOf(graph: Graph, draw: FaultDraw): Arrays {
  return Object.fromEntries(
    graph.parameters.map(({ attributes: { name }, type }) => [
      name,
      Float64Array.from({ length: (type.shape as number[]).reduce((a, b) => a * b, 1) }, () => draw.symmetric(1)),
    ]),
  );
}

function inputsOf(graph: Graph, draw: FaultDraw): RunInputs {
  const atoms = draw.chance(0.1) ? 0 : draw.size(1, 350);
  const dims = { atoms, edges: atoms === 0 || draw.chance(0.1) ? 0 : draw.size(1, 500), graphs: draw.size(1, 9) };
  return {
    dims,
    maps: Object.fromEntries(
      graph.maps.map(({ name, from, to }) => {
        const targets = dims[to as 'atoms'];
        const values = Int32Array.from({ length: dims[from as 'atoms'] }, () => draw.integer(targets));
        return [name, indexMapValues(values, targets)];
      }),
    ),
    values: Object.fromEntries(
      graph.inputs.map(({ attributes: { name }, type }) => [
        name,
        Float64Array.from({ length: dims[type.shape[0] as 'atoms'] * (type.shape[1] as number) }, () =>
          draw.symmetric(2),
        ),
      ]),
    ),
  };
}

/** The same inputs with an inner number or target changed: in place, or in copies. */
function edited(inputs: RunInputs, draw: FaultDraw): RunInputs {
  const inPlace = draw.chance(0.5);
  const values = inPlace ? inputs.values : copies(inputs.values as Arrays);
  const maps = { ...inputs.maps };
  const name = draw.choose(Object.keys(values));
  const array = values[name] as RealArray;
  if (array.length > 2) {
    const at = 1 + draw.integer(array.length - 2);
    const change = draw.symmetric(1);
    array[at]! += change;
    if (at + 1 < array.length - 1 && draw.chance(0.5)) array[at + 1]! -= change;
  }
  const { values: targets, offsets } = maps.receiver!;
  if (targets.length > 3 && draw.chance(0.5)) {
    const next = targets.slice();
    const [a, b] = [1 + draw.integer(targets.length - 2), 1 + draw.integer(targets.length - 2)];
    [next[a], next[b]] = [next[b]!, next[a]!];
    const made = indexMapValues(next, offsets.length - 1);
    if (inPlace) {
      targets.set(made.values);
      offsets.set(made.offsets);
      maps.receiver!.order.set(made.order);
    } else maps.receiver = made;
  }
  return inPlace ? inputs : { ...inputs, values, maps };
}

function copies(arrays: Readonly<Record<string, RealArray>>): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, values.slice()]));
}

function differs(wanted: Arrays, found: Readonly<Record<string, RealArray>>): string | null {
  for (const [name, values] of Object.entries(wanted)) {
    const other = found[name];
    if (other?.length !== values.length) return `${name} has ${other?.length} numbers; expected ${values.length}`;
    const at = values.findIndex(
      (x: number, i: number) => x !== other[i] && !(Number.isNaN(x) && Number.isNaN(other[i])),
    );
    if (at >= 0) return `${name}[${at}] is ${other[at]}; expected ${values[at]}`;
  }
  return null;
}
