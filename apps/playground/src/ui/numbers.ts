/** Numbers as people read them. */

/** An error in two digits: `2.8 × 10⁻⁷`. */
export function numberText(value: number | undefined): string {
  if (value === undefined) return '—';
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return 'not a number';
  const [digits, exponent] = value.toExponential(1).split('e') as [string, string];
  return `${digits} × 10${raised(Number(exponent))}`;
}

/** A share of what is allowed. */
export function fractionText(value: number | null): string {
  if (value === null) return '—';
  return value >= 1000 ? 'far beyond 1000' : value < 0.005 && value > 0 ? 'under 0.01' : value.toFixed(2);
}

/** Four significant digits at most, without an exponent. */
export function digitsText(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}

function raised(exponent: number): string {
  return [...String(exponent)].map((one) => (one === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(one)])).join('');
}
