/**
 * The functions that kernels call, as GLSL of WebGL 1 and 2.
 *
 * GLSL promises little of its own sine, exponential and logarithm (2⁻¹¹ is allowed), so they are computed here from sums
 * and products: range reductions and polynomials of Cephes (Moshier), accurate to about one unit in the last place.
 */

/** A function in the language of the mode. */
export interface NativeFunction {
  readonly name: string;
  readonly returnType: 'Number' | 'Integer';
  readonly source: string;
}

/** What the functions below share; it stands before them in every shader. */
export const glslLibrary = `
float maceScale(float x, float exponent) {
  float count = abs(exponent);
  bool down = exponent < 0.0;
  if (count >= 64.0) { x *= down ? 5.421010862427522e-20 : 18446744073709551616.0; count -= 64.0; }
  if (count >= 64.0) { x *= down ? 5.421010862427522e-20 : 18446744073709551616.0; count -= 64.0; }
  if (count >= 32.0) { x *= down ? 2.3283064365386963e-10 : 4294967296.0; count -= 32.0; }
  if (count >= 16.0) { x *= down ? 0.0000152587890625 : 65536.0; count -= 16.0; }
  if (count >= 8.0) { x *= down ? 0.00390625 : 256.0; count -= 8.0; }
  if (count >= 4.0) { x *= down ? 0.0625 : 16.0; count -= 4.0; }
  if (count >= 2.0) { x *= down ? 0.25 : 4.0; count -= 2.0; }
  if (count >= 1.0) { x *= down ? 0.5 : 2.0; }
  return x;
}
float maceExponential(float x) {
  if (!(x > -104.0)) return x < 0.0 ? 0.0 : x;
  if (x > 89.0) return x * 3.0e38;
  float n = floor(x * 1.44269504088896341 + 0.5);
  float r = (x - n * 0.693359375) + n * 2.12194440e-4;
  float y = ((((1.9875691500e-4 * r + 1.3981999507e-3) * r + 8.3334519073e-3) * r + 4.1665795894e-2) * r
    + 1.6666665459e-1) * r + 5.0000001201e-1;
  return maceScale(y * r * r + r + 1.0, n);
}
float maceLogarithm(float x) {
  if (!(x > 0.0)) return x == 0.0 ? -3.0e38 * 3.0e38 : sqrt(x);
  if (x > 3.4028234e38) return x;
  float e = floor(log2(x)) + 1.0;
  float m = maceScale(x, -e);
  if (m >= 1.0) { m *= 0.5; e += 1.0; }
  if (m < 0.5) { m *= 2.0; e -= 1.0; }
  if (m < 0.707106781186547524) { e -= 1.0; m = m + m - 1.0; } else { m = m - 1.0; }
  float z = m * m;
  float y = (((((((7.0376836292e-2 * m - 1.1514610310e-1) * m + 1.1676998740e-1) * m - 1.2420140846e-1) * m
    + 1.4249322787e-1) * m - 1.6668057665e-1) * m + 2.0000714765e-1) * m - 2.4999993993e-1) * m + 3.3333331174e-1;
  y = y * m * z - 2.12194440e-4 * e - 0.5 * z;
  return (m + y) + 0.693359375 * e;
}
float maceSine(float x, float quarterTurns) {
  float n = floor(x * 0.636619772367581343 + 0.5);
  float r = ((((x - n * 1.5703125) - n * 4.8351287841796875e-4) - n * 3.1385570764541626e-7) - n * 6.077100506506192e-11);
  float quadrant = n + quarterTurns;
  quadrant = quadrant - 4.0 * floor(quadrant * 0.25);
  float z = r * r;
  bool odd = quadrant == 1.0 || quadrant == 3.0;
  float y = odd
    ? ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z * z - 0.5 * z + 1.0
    : ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z * r + r;
  return quadrant >= 2.0 ? -y : y;
}
float maceTangent(float x) {
  float size = abs(x);
  if (size < 0.625) {
    float z = x * x;
    return ((((-5.70498872745e-3 * z + 2.06390887954e-2) * z - 5.37397155531e-2) * z + 1.33314422036e-1) * z
      - 3.33332819422e-1) * z * x + x;
  }
  float y = size > 10.0 ? 1.0 : 1.0 - 2.0 / (maceExponential(2.0 * size) + 1.0);
  return x < 0.0 ? -y : y;
}
float macePower(float base, float exponent) {
  if (exponent == 0.0) return 1.0;
  float count = abs(exponent);
  if (count <= 64.0 && floor(count) == count) {
    float result = 1.0;
    float square = base;
    for (int i = 0; i < 7; i++) {
      float half_ = floor(count * 0.5);
      if (count > 2.0 * half_) result *= square;
      square *= square;
      count = half_;
    }
    return exponent < 0.0 ? 1.0 / result : result;
  }
  if (count == 0.5) return exponent < 0.0 ? 1.0 / sqrt(base) : sqrt(base);
  if (base == 0.0) return exponent < 0.0 ? 3.0e38 * 3.0e38 : 0.0;
  if (base < 0.0 && floor(exponent) == exponent) {
    float size = maceExponential(exponent * maceLogarithm(-base));
    return exponent - 2.0 * floor(exponent * 0.5) == 1.0 ? -size : size;
  }
  return maceExponential(exponent * maceLogarithm(base));
}
`;

function unary(name: string, code: string): NativeFunction {
  return { name, returnType: 'Number', source: `float ${name}(float x) { return ${code}; }` };
}

function binary(name: string, code: string): NativeFunction {
  return { name, returnType: 'Number', source: `float ${name}(float a, float b) { return ${code}; }` };
}

/** Index arithmetic and the pointwise ops. Masks are 0 and 1. */
export const elementaryGlsl: readonly NativeFunction[] = [
  { name: 'quotient', returnType: 'Integer', source: 'int quotient(int a, int b) { return a / b; }' },
  { name: 'whole', returnType: 'Integer', source: 'int whole(float x) { return int(x + 0.5); }' },
  unary('negative', '-x'),
  unary('root', 'sqrt(x)'),
  unary('exponential', 'maceExponential(x)'),
  unary('logarithm', 'maceLogarithm(x)'),
  unary('sine', 'maceSine(x, 0.0)'),
  unary('cosine', 'maceSine(x, 1.0)'),
  unary('hyperbolicTangent', 'maceTangent(x)'),
  binary('plus', 'a + b'),
  binary('minus', 'a - b'),
  binary('times', 'a * b'),
  binary('ratio', 'a / b'),
  binary('power', 'macePower(a, b)'),
  binary('larger', 'a < b ? b : a'),
  binary('lesser', 'a < b ? 1.0 : 0.0'),
  {
    name: 'chosen',
    returnType: 'Number',
    source: 'float chosen(float mask, float a, float b) { return mask > 0.5 ? a : b; }',
  },
];
