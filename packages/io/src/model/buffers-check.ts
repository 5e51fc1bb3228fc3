/**
 * The buffers of a model: constants that upstream stores beside the weights. Most repeat a setting, and mace-torch computes
 * with some of the repetitions: all have to agree.
 */
import { FormatError, type MaceConfig, type MaceModel, type Tensor } from '@mace/core';
import { chemicalSymbol } from '@mace/core/structure';

/** One buffer: whether it may be absent, and what its values have to be. */
interface Buffer {
  readonly name: string;
  readonly needed?: boolean;
  /** Number of values. */
  readonly size: number | 'elements';
  /** The setting that it repeats, value by value. */
  readonly equals?: { readonly setting: string; readonly values: readonly number[] };
  /** What every value has to be. */
  readonly every?: { readonly what: string; readonly holds: (value: number) => boolean };
}

/** @returns the names of the buffers that the model has @throws FormatError that names the buffer and both values */
export function checkBuffers({ config, weights }: MaceModel): string[] {
  return buffersOf(config).flatMap((buffer) => {
    const tensor = Object.hasOwn(weights, buffer.name) ? weights[buffer.name] : undefined;
    if (!tensor && !buffer.needed) return [];
    if (!tensor) throw new FormatError(`Weight ${buffer.name} is missing, which the configuration asks for. ${remedy}`);
    check(buffer, tensor, config);
    return [buffer.name];
  });
}

const remedy = 'The file is damaged, or its settings are not those of its weights.';

const positive = { what: 'positive numbers', holds: (value: number) => value > 0 };
const exponent = {
  what: 'an integer from 1 to 1000',
  holds: (p: number) => Number.isInteger(p) && p >= 1 && p <= 1000,
};

function buffersOf(config: MaceConfig): Buffer[] {
  const cutoff = { setting: 'the cut-off (r_max)', values: [config.cutoff] };
  const power = { setting: 'the exponent of the cut-off', values: [config.cutoffPower] };
  const size = config.radialBasisSize;
  const radial = 'radial_embedding';
  const transform = `${radial}.distance_transform`;
  return [
    { name: 'r_max', size: 1, equals: cutoff },
    {
      name: 'atomic_numbers',
      size: config.atomicNumbers.length,
      equals: { setting: 'the elements', values: config.atomicNumbers },
    },
    {
      name: 'num_interactions',
      size: 1,
      equals: { setting: 'the number of layers', values: [config.numInteractions] },
    },
    { name: `${radial}.cutoff_fn.r_max`, needed: true, size: 1, equals: cutoff },
    { name: `${radial}.cutoff_fn.p`, needed: true, size: 1, equals: power, every: exponent },
    ...(config.radialBasis === 'bessel'
      ? [
          { name: `${radial}.bessel_fn.r_max`, size: 1, equals: cutoff },
          { name: `${radial}.bessel_fn.prefactor`, needed: true, size: 1, every: positive },
        ]
      : []),
    ...(config.radialBasis === 'chebyshev'
      ? [
          {
            name: `${radial}.bessel_fn.n`,
            size,
            equals: { setting: 'the size of the radial basis', values: Array.from({ length: size }, (_, n) => n + 1) },
          },
        ]
      : []),
    ...(config.distanceTransform === 'None'
      ? []
      : [
          ...(config.distanceTransform === 'Agnesi' ? ['q', 'p', 'a'] : ['alpha']).map(
            (name): Buffer => ({
              name: `${transform}.${name}`,
              needed: true,
              size: 1,
            }),
          ),
          { name: `${transform}.covalent_radii`, needed: true, size: 'elements' as const, every: positive },
        ]),
    ...(config.pairRepulsion
      ? [
          { name: 'pair_repulsion_fn.c', needed: true, size: 4 },
          { name: 'pair_repulsion_fn.a_exp', needed: true, size: 1 },
          { name: 'pair_repulsion_fn.a_prefactor', needed: true, size: 1, every: positive },
          { name: 'pair_repulsion_fn.p', needed: true, size: 1, every: exponent },
          { name: 'pair_repulsion_fn.covalent_radii', needed: true, size: 'elements' as const, every: positive },
          // Before mace-torch 0.3.10; today's computes without them.
          ...['r_max', 'cutoff.p', 'cutoff.r_max'].map((name) => ({ name: `pair_repulsion_fn.${name}`, size: 1 })),
        ]
      : []),
  ];
}

function check({ name, size, equals, every }: Buffer, { shape, data }: Tensor, config: MaceConfig): void {
  const fail = (expected: string, got: string): never => {
    throw new FormatError(`Weight ${name} is ${got}; expected ${expected}. ${remedy}`);
  };
  const text = (values: ArrayLike<number>): string => Array.from(values).slice(0, 20).join(' ');
  // A table of all elements, of which the model's own are read.
  if (size === 'elements') {
    const largest = Math.max(...config.atomicNumbers);
    if (data.length <= largest || data.length > 200)
      fail(`one value for each element, 119 in all`, `of the shape [${shape.join(' ')}]`);
    for (const z of config.atomicNumbers)
      if (every && !every.holds(data[z]!)) fail(every.what, `${data[z]} for ${chemicalSymbol(z)}`);
    return;
  }
  if (data.length !== size) fail(`${size} ${size === 1 ? 'value' : 'values'}`, `of the shape [${shape.join(' ')}]`);
  // Copies of one number may have been rounded to different precisions.
  if (equals && !equals.values.every((value, i) => Math.abs(data[i]! - value) <= 3e-7 * Math.abs(value)))
    fail(`${text(equals.values)}, ${equals.setting}`, text(data));
  if (every && !data.every((value) => every.holds(value))) fail(every.what, text(data));
}
