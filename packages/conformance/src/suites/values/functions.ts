/** Functions of numbers, and the bands of magnitude in which each is asked. */
import type { GraphBuilder, Node } from '@mace/core/ir';

/** Least and largest magnitude, and which signs. */
export type Magnitudes = readonly [least: number, largest: number, signs: 'positive' | 'negative' | 'both'];

export interface Band {
  readonly name: string;
  readonly operands: readonly Magnitudes[];
  /** Where it is beyond float32. */
  readonly precision?: 'f64';
}

export interface NumberFunction {
  readonly name: string;
  readonly bands: readonly Band[];
  /** Whole numbers for which it is defined. */
  readonly whole?: readonly [number, number];
  readonly make: (build: GraphBuilder, input: (name: string) => Node) => Node;
}

export const functions: readonly NumberFunction[] = [
  unary('neg', [both(1e-30, 1e-10), both(1e-10, 1), both(1, 1e10), both(1e10, 1e30), double(both(1e-150, 1e150))]),
  unary('sqrt', powers(), [0, 9]),
  unary('exp', [
    both(1e-8, 1e-3),
    both(1e-3, 1),
    ...[1, 5, 10, 20, 40, 60].flatMap((size, i, all) => [
      positive(size, all[i + 1] ?? 79),
      negative(size, all[i + 1] ?? 79),
    ]),
    positive(79, 88.5),
    negative(79, 86.5),
    double(positive(88.5, 300)),
    double(positive(300, 709.5)),
    double(negative(86.5, 300)),
    double(negative(300, 707)),
  ]),
  unary('log', [...powers(), positive(0.5, 0.999), positive(1.001, 2)], [1, 9]),
  unary('sin', circle()),
  unary('cos', circle()),
  unary('tanh', [
    both(1e-7, 1e-3),
    both(1e-3, 0.1),
    both(0.1, 1),
    both(1, 4),
    both(4, 9),
    both(9, 20),
    both(20, 44),
    both(44, 90),
    both(90, 800),
  ]),
  binary('add', sums()),
  binary('sub', sums()),
  binary('max', sums()),
  binary('mul', factors()),
  binary(
    'div',
    [
      ...factors().filter(({ name }) => !name.startsWith('1e+25')),
      pair(['both', 1e25, 1e30], ['both', 1e5, 1e15]),
      pair(['positive', 1e-3, 1e-2], ['both', 1e-18, 1e-15]),
      pair(['both', 1e15, 1e18], ['both', 1e-18, 1e-15]),
    ],
    [1, 9],
  ),
  binary(
    'pow',
    [
      pair(['positive', 0.01, 1], ['both', 0.1, 1]),
      pair(['positive', 1, 100], ['both', 0.1, 1]),
      pair(['positive', 0.01, 1], ['both', 1, 8]),
      pair(['positive', 1, 100], ['both', 1, 8]),
      pair(['positive', 1.001, 1.5], ['both', 8, 200]),
      pair(['positive', 1e-9, 1e-3], ['both', 0.5, 4]),
      pair(['positive', 1e3, 1e9], ['both', 0.5, 4]),
    ],
    [1, 4],
  ),
];

/** Of powers of ten, for functions that take any positive number. */
function powers(): Band[] {
  const ends = [1e-36, 1e-20, 1e-10, 1e-5, 1e-2, 0.5, 2, 100, 1e5, 1e10, 1e20, 1e38];
  return [
    ...ends.slice(1).map((end, i) => positive(ends[i]!, end)),
    double(positive(1e-300, 1e-38)),
    double(positive(1e38, 1e300)),
  ];
}

function circle(): Band[] {
  return [
    both(1e-7, 1e-3),
    both(1e-3, 0.5),
    both(0.5, 2),
    both(2, 7),
    both(7, 30),
    both(30, 200),
    both(200, 2000),
    both(2000, 12_000),
  ];
}

function sums(): Band[] {
  return [
    pair(['both', 1e-30, 1e-20], ['both', 1e-30, 1e-20]),
    pair(['both', 1e-8, 1e-3], ['both', 1e-8, 1e-3]),
    pair(['both', 1e-3, 1e3], ['both', 1e-3, 1e3]),
    pair(['both', 1e3, 1e6], ['both', 1e3, 1e6]),
    pair(['both', 1e6, 1e12], ['both', 1e6, 1e12]),
    pair(['both', 1e20, 1e30], ['both', 1e20, 1e30]),
    pair(['both', 1e9, 1e12], ['both', 1e-9, 1e-6]),
    double(pair(['both', 1e200, 1e290], ['both', 1e200, 1e290])),
    double(pair(['both', 1e-290, 1e-200], ['both', 1e-290, 1e-200])),
  ];
}

function factors(): Band[] {
  return [
    pair(['both', 1e-17, 1e-14], ['both', 1e-17, 1e-14]),
    pair(['both', 1e-8, 1e-3], ['both', 1e-8, 1e-3]),
    pair(['both', 1e-3, 1e3], ['both', 1e-3, 1e3]),
    pair(['both', 1e3, 1e8], ['both', 1e3, 1e8]),
    pair(['both', 1e14, 1e17], ['both', 1e14, 1e17]),
    pair(['both', 1e25, 1e30], ['both', 1e-30, 1e-25]),
    double(pair(['both', 1e-140, 1e-100], ['both', 1e-140, 1e-100])),
    double(pair(['both', 1e100, 1e140], ['both', 1e100, 1e140])),
  ];
}

type UnaryName = 'neg' | 'sqrt' | 'exp' | 'log' | 'sin' | 'cos' | 'tanh';
type BinaryName = 'add' | 'sub' | 'mul' | 'div' | 'max' | 'pow';

function unary(name: UnaryName, bands: readonly Band[], whole?: readonly [number, number]): NumberFunction {
  return { name, bands, ...(whole && { whole }), make: (build, input) => build[name](input('x')) };
}

function binary(name: BinaryName, bands: readonly Band[], whole?: readonly [number, number]): NumberFunction {
  return { name, bands, ...(whole && { whole }), make: (build, input) => build[name](input('x'), input('z')) };
}

function both(least: number, largest: number): Band {
  return { name: `from-${least}-to-${largest}`, operands: [[least, largest, 'both']] };
}

function positive(least: number, largest: number): Band {
  return { name: `positive-from-${least}-to-${largest}`, operands: [[least, largest, 'positive']] };
}

function negative(least: number, largest: number): Band {
  return { name: `negative-from-${least}-to-${largest}`, operands: [[least, largest, 'negative']] };
}

type Operand = readonly [signs: Magnitudes[2], least: number, largest: number];

function pair(first: Operand, second: Operand): Band {
  const operands = [first, second].map(([signs, least, largest]): Magnitudes => [least, largest, signs]);
  return { name: operands.map(([least, largest]) => `${least}-to-${largest}`).join('-with-'), operands };
}

function double(band: Band): Band {
  return { ...band, precision: 'f64' };
}
