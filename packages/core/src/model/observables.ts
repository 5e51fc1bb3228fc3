/**
 * From the energy graph to forces, virials and second derivatives: ordinary graphs of the same ops.
 *
 * With f_e = ∂E/∂r_e: F_i = Σ(sender = i) f_e − Σ(receiver = i) f_e, and the virial of an atom is
 * −½ Σ sym(f_e ⊗ r_e) over its edges on both sides (spec 7.3). Stress is the host's: −virial/V.
 */
import { forward, reverse } from '../autodiff/index.js';
import { GraphError } from '../errors.js';
import {
  GraphBuilder,
  polynomialTable,
  type Graph,
  type Monomial,
  type Node,
  type PolynomialTable,
} from '../ir/index.js';
import { modelMaps } from './context.js';

/** What can be asked of an energy graph. */
export type Observable =
  | 'atomEnergy'
  | 'embeddingEnergy'
  | 'features'
  | 'forces'
  | 'atomVirial'
  | 'edgeGradient'
  | 'hessianVector';

/**
 * The graph of exactly these outputs.
 *
 * `forces` [atoms 3] eV/Å; `atomVirial` [atoms 9] eV, row-major; `edgeGradient` ∂E/∂r [edges 3];
 * `hessianVector` [atoms 3] = H·v, with the input `edgeTangent` [edges 3] = v_receiver − v_sender.
 */
export function observablesGraph(energy: Graph, wanted: readonly Observable[]): Graph {
  const build = new GraphBuilder();
  const known = build.import(energy);
  const vectors = build.input('edgeVectors', ['edges', 3]);
  const { sender, receiver } = modelMaps(1, 1);
  const outputs: Record<string, Node> = {};
  const zeroEdges = (): Node => build.fill(0, vectors);
  const seeds = ['atomEnergy', 'embeddingEnergy'].flatMap((name) =>
    known[name] ? [{ node: known[name], cotangent: build.fill(1, known[name]) }] : [],
  );
  let edgeGradient: Node | undefined;
  const gradient = (): Node => (edgeGradient ??= reverse(build, seeds, [vectors])[0] ?? zeroEdges());
  const toForces = (edge: Node): Node => build.sub(build.segmentSum(edge, sender), build.segmentSum(edge, receiver));

  for (const name of wanted) {
    build.scoped(name, () => {
      switch (name) {
        case 'forces':
          outputs.forces = toForces(gradient());
          break;
        case 'edgeGradient':
          outputs.edgeGradient = gradient();
          break;
        case 'atomVirial': {
          const edge = build.reshape(
            build.polynomial(
              [build.reshape(gradient(), ['edges', 3, 1]), build.reshape(vectors, ['edges', 3, 1])],
              symmetricOuterProduct,
            ),
            ['edges', 9],
          );
          outputs.atomVirial = build.add(build.segmentSum(edge, sender), build.segmentSum(edge, receiver));
          break;
        }
        case 'hessianVector': {
          const tangent = build.input('edgeTangent', ['edges', 3]);
          const moved = forward(build, new Map([[vectors as Node, tangent as Node]]), [gradient()])[0] ?? zeroEdges();
          outputs.hessianVector = build.neg(toForces(moved));
          break;
        }
        default: {
          const node = known[name];
          if (!node) throw new GraphError(`the model has no ${name}; it has ${Object.keys(known).join(', ')}.`);
          outputs[name] = node;
        }
      }
    });
  }
  return build.finish(energy.name, outputs);
}

/**
 * The gradient of a loss on energies, forces and stress with respect to parameters: one reverse pass of
 * Σ_g wE_g·E_g + jvp(E; t), with the inputs `energyCotangent` [graphs] and `edgeTangent` [edges 3].
 *
 * With v = ∂Loss/∂F and s = ∂Loss/∂σ held constant, the host sets t_e = −(v_receiver − v_sender) + r_e·sym(s_g)/V_g.
 *
 * @returns a graph with outputs `d(NAME)` for each parameter
 */
export function parameterGradientGraph(energy: Graph, parameters: readonly string[]): Graph {
  const build = new GraphBuilder();
  const known = build.import(energy);
  const vectors = build.input('edgeVectors', ['edges', 3]);
  const tangent = build.input('edgeTangent', ['edges', 3]);
  const weight = build.input('energyCotangent', ['graphs']);
  const { graph } = modelMaps(1, 1);
  const energies = ['atomEnergy', 'embeddingEnergy'].flatMap((name) => known[name] ?? []);
  const perAtom = build.gather(weight, graph);
  const seeds = energies.map((node) => ({ node, cotangent: perAtom }));
  const moved = forward(build, new Map([[vectors as Node, tangent as Node]]), energies);
  for (const node of moved) if (node) seeds.push({ node, cotangent: build.fill(1, node) });
  const leaves = parameters.map((name) => {
    const parameter = energy.parameters.find(({ attributes }) => attributes.name === name);
    if (!parameter) throw new GraphError(`the graph has no parameter ${name}.`);
    return build.parameter(name, parameter.type.shape);
  });
  const parts = reverse(build, seeds, leaves);
  return build.finish(
    `${energy.name}.parameterGradient`,
    Object.fromEntries(parameters.map((name, i) => [`d(${name})`, parts[i] ?? build.fill(0, leaves[i]!)])),
  );
}

/** −½·½(f_a r_b + f_b r_a), row-major [9]. */
const symmetricOuterProduct: PolynomialTable = polynomialTable(
  9,
  (function* (): Generator<Monomial> {
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) {
        for (const [i, j] of [
          [a, b],
          [b, a],
        ] as const) {
          yield {
            out: 3 * a + b,
            coefficient: -0.25,
            factors: [
              { operand: 0, component: i },
              { operand: 1, component: j },
            ],
          };
        }
      }
    }
  })(),
);
