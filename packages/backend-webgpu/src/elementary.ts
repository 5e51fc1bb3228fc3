/**
 * Functions of one and two numbers in WGSL.
 *
 * WGSL promises little of its own sine, exponential and logarithm (an absolute error of 2⁻¹¹ is allowed), so they are computed
 * here from sums and products: range reductions and polynomials of Cephes (Moshier), to about one unit in the last place.
 */

interface WgslFunction {
  readonly text: string;
  /** Others that it calls. */
  readonly needs?: readonly string[];
}

const library: Readonly<Record<string, WgslFunction>> = {
  powerOfTwo: {
    text: `// 2 to the power of a whole number between -126 and 127.
fn powerOfTwo(exponent: i32) -> f32 { return bitcast<f32>(u32(exponent + 127) << 23u); }`,
  },
  exponential: {
    needs: ['powerOfTwo'],
    text: `fn exponential(x: f32) -> f32 {
  if (x < -104.0) { return 0.0; }
  if (x > 89.0) { var large = 3.0e38; large = large * 10.0; return large; }
  let n = floor(x * 1.44269504088896341 + 0.5);
  let r = (x - n * 0.693359375) + n * 2.12194440e-4;
  let y = ((((1.9875691500e-4 * r + 1.3981999507e-3) * r + 8.3334519073e-3) * r + 4.1665795894e-2) * r
    + 1.6666665459e-1) * r + 5.0000001201e-1;
  let half = i32(n) / 2;
  return (y * r * r + r + 1.0) * powerOfTwo(half) * powerOfTwo(i32(n) - half);
}`,
  },
  logarithm: {
    text: `fn logarithm(x: f32) -> f32 {
  // A subnormal number counts as zero.
  if (x < 1.1754944e-38) { var large = -3.0e38; large = large * 10.0; return select(large, large - large, x < 0.0); }
  let bits = bitcast<u32>(x);
  if (bits >= 0x7f800000u) { return x; }
  var e = f32(i32(bits >> 23u) - 126);
  var m = bitcast<f32>((bits & 0x007fffffu) | 0x3f000000u);
  if (m < 0.707106781186547524) { e = e - 1.0; m = m + m - 1.0; } else { m = m - 1.0; }
  let z = m * m;
  var y = (((((((7.0376836292e-2 * m - 1.1514610310e-1) * m + 1.1676998740e-1) * m - 1.2420140846e-1) * m
    + 1.4249322787e-1) * m - 1.6668057665e-1) * m + 2.0000714765e-1) * m - 2.4999993993e-1) * m + 3.3333331174e-1;
  y = y * m * z - 2.12194440e-4 * e - 0.5 * z;
  return (m + y) + 0.693359375 * e;
}`,
  },
  sineOfQuarters: {
    text: `// Sine of x and a number of quarter turns.
fn sineOfQuarters(x: f32, quarters: i32) -> f32 {
  let n = floor(x * 0.636619772367581343 + 0.5);
  let r = ((((x - n * 1.5703125) - n * 4.8351287841796875e-4) - n * 3.1385570764541626e-7) - n * 6.077100506506192e-11);
  let quadrant = (i32(n) + quarters) & 3;
  let z = r * r;
  let cosine = ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z * z - 0.5 * z + 1.0;
  let sine = ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z * r + r;
  let y = select(sine, cosine, (quadrant & 1) == 1);
  return select(y, -y, quadrant >= 2);
}`,
  },
  hyperbolicTangent: {
    needs: ['exponential'],
    text: `fn hyperbolicTangent(x: f32) -> f32 {
  let size = abs(x);
  if (size < 0.625) {
    let z = x * x;
    return ((((-5.70498872745e-3 * z + 2.06390887954e-2) * z - 5.37397155531e-2) * z + 1.33314422036e-1) * z
      - 3.33332819422e-1) * z * x + x;
  }
  if (size > 10.0) { return sign(x); }
  let y = 1.0 - 2.0 / (exponential(2.0 * size) + 1.0);
  return select(y, -y, x < 0.0);
}`,
  },
  power: {
    needs: ['exponential', 'logarithm'],
    text: `fn power(base: f32, exponent: f32) -> f32 {
  let size = abs(exponent);
  if (size <= 64.0 && floor(size) == size) {
    var result = 1.0;
    var square = base;
    for (var count = u32(size); count > 0u; count = count >> 1u) {
      if ((count & 1u) == 1u) { result = result * square; }
      square = square * square;
    }
    return select(result, 1.0 / result, exponent < 0.0);
  }
  if (size == 0.5) { return select(sqrt(base), 1.0 / sqrt(base), exponent < 0.0); }
  if (base == 0.0) { var large = 3.0e38; large = large * 10.0; return select(0.0, large, exponent < 0.0); }
  if (base < 0.0 && floor(exponent) == exponent) {
    let y = exponential(exponent * logarithm(-base));
    return select(y, -y, exponent - 2.0 * floor(exponent * 0.5) == 1.0);
  }
  return exponential(exponent * logarithm(base));
}`,
  },
};

/** Pointwise ops as expressions of their operands, which are names or numbers. */
const expressions = {
  neg: (a: string) => `-${a}`,
  sqrt: (a: string) => `sqrt(${a})`,
  exp: (a: string) => `exponential(${a})`,
  log: (a: string) => `logarithm(${a})`,
  sin: (a: string) => `sineOfQuarters(${a}, 0)`,
  cos: (a: string) => `sineOfQuarters(${a}, 1)`,
  tanh: (a: string) => `hyperbolicTangent(${a})`,
  add: (a: string, b: string) => `${a} + ${b}`,
  sub: (a: string, b: string) => `${a} - ${b}`,
  mul: (a: string, b: string) => `${a} * ${b}`,
  div: (a: string, b: string) => `${a} / ${b}`,
  pow: (a: string, b: string) => `power(${a}, ${b})`,
  max: (a: string, b: string) => `select(${a}, ${b}, ${a} < ${b})`,
  // Masks are 0 and 1.
  less: (a: string, b: string) => `select(0.0, 1.0, ${a} < ${b})`,
  select: (mask: string, a: string, b: string) => `select(${b}, ${a}, ${mask} > 0.5)`,
} as const;

export type PointwiseName = keyof typeof expressions;
export const pointwiseNames = Object.keys(expressions) as readonly PointwiseName[];

export function isPointwise(op: string): op is PointwiseName {
  return Object.hasOwn(expressions, op);
}

export function expressionOf(op: PointwiseName, operands: readonly string[]): string {
  return (expressions[op] as (...names: string[]) => string)(...operands);
}

/** The functions that a text calls, in an order in which each is defined before it is used. */
export function functionsOf(text: string): string {
  const found = new Set<string>();
  const add = (name: string): void => {
    library[name]!.needs?.forEach(add);
    found.add(name);
  };
  for (const name of Object.keys(library)) if (text.includes(`${name}(`)) add(name);
  return [...found].map((name) => library[name]!.text).join('\n');
}
