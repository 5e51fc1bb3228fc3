/** Numbers as people read them. */

/** An error in two digits: `2.8 × 10⁻⁷`. */
export function numberText(value: number | undefined): string {
  if (value === undefined) return '—';
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return 'not a number';
  const [digits, exponent] = value.toExponential(1).split('e') as [string, string];
  return `${digits} × 10${raised(Number(exponent))}`;
}

/** eV that rounding in float32 may change in the energy of an atom: six times what any backend has done so far. */
const roundingOfAnAtom = 2e-6;

/** An energy in as many decimals as its precision has, eV. */
export function energyText(energy: number, precision: 'f32' | 'f64', atoms: number): string {
  const certain = Math.floor(-Math.log10(roundingOfAnAtom * Math.max(atoms, 1)));
  return energy.toFixed(precision === 'f64' ? 6 : Math.max(certain, 0));
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
