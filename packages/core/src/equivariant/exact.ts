/**
 * Factorials and square roots of ratios in exact integers, so that every coupling coefficient is rounded only once or twice.
 */

const factorials: bigint[] = [1n];

/** n! */
export function factorial(n: number): bigint {
  for (let k = factorials.length; k <= n; k++) factorials.push(factorials[k - 1]! * BigInt(k));
  return factorials[n]!;
}

/** n! / (k! (n − k)!) */
export function binomial(n: number, k: number): bigint {
  return factorial(n) / (factorial(k) * factorial(n - k));
}

/** √(numerator / denominator) in double precision, at most about one unit in the last place off; both are positive. */
export function squareRootOfRatio(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  // An even number of extra bits, so that the quotient keeps at least 100 and the shift has an exact root.
  const missing = 100 + bitLength(denominator) - bitLength(numerator);
  const shift = missing > 0 ? missing + (missing & 1) : 0;
  return Math.sqrt(Number((numerator << BigInt(shift)) / denominator)) * 2 ** (-shift / 2);
}

function bitLength(x: bigint): number {
  return x.toString(2).length;
}
