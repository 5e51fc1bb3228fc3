/**
 * A sum of products with common factors taken out: Σ x·y·c + x·z becomes x·(y·c + z). The factor that occurs in most
 * terms comes out first (greedy multivariate Horner scheme: M. Ceberio, V. Kreinovich, Greedy algorithms for optimizing
 * multivariate Horner schemes, ACM SIGSAM Bulletin 38, 2004), so a merged symmetric contraction costs about one multiply-add a monomial.
 */

/** A product: names of factors, an occurrence each, times a coefficient. */
export interface Term<Coefficient> {
  readonly factors: readonly string[];
  readonly coefficient: Coefficient;
}

/** Σ of `constants` and of factor · rest. */
export interface Factored<Coefficient> {
  readonly constants: readonly Coefficient[];
  readonly products: readonly { readonly factor: string; readonly rest: Factored<Coefficient> }[];
}

export function factored<Coefficient>(terms: readonly Term<Coefficient>[]): Factored<Coefficient> {
  const constants = terms.filter(({ factors }) => factors.length === 0).map(({ coefficient }) => coefficient);
  let left = terms.filter(({ factors }) => factors.length > 0);
  const products: { factor: string; rest: Factored<Coefficient> }[] = [];
  while (left.length > 0) {
    const factor = mostCommon(left);
    const inside = left.filter(({ factors }) => factors.includes(factor));
    left = left.filter(({ factors }) => !factors.includes(factor));
    products.push({
      factor,
      rest: factored(inside.map((term) => ({ ...term, factors: without(term.factors, factor) }))),
    });
  }
  return { constants, products };
}

/** The same sums, in which equal parts are the same object, so that they are computed once. */
export function withSharedParts<Coefficient>(sums: readonly Factored<Coefficient>[]): Factored<Coefficient>[] {
  const known = new Map<string, Factored<Coefficient>>();
  const numbers = new Map<Factored<Coefficient>, number>();
  const shared = ({ constants, products }: Factored<Coefficient>): Factored<Coefficient> => {
    const part = { constants, products: products.map(({ factor, rest }) => ({ factor, rest: shared(rest) })) };
    const key = JSON.stringify([constants, part.products.map(({ factor, rest }) => [factor, numbers.get(rest)])]);
    const first = known.get(key);
    if (first) return first;
    known.set(key, part);
    numbers.set(part, numbers.size);
    return part;
  };
  return sums.map(shared);
}

/** The factor of most terms; of equals the first by name, so that sums of the same terms come out the same. */
function mostCommon(terms: readonly Term<unknown>[]): string {
  const counts = new Map<string, number>();
  for (const { factors } of terms)
    for (const factor of new Set(factors)) counts.set(factor, (counts.get(factor) ?? 0) + 1);
  let best = '';
  for (const [factor, count] of counts) {
    const most = counts.get(best) ?? 0;
    if (count > most || (count === most && factor < best)) best = factor;
  }
  return best;
}

function without(factors: readonly string[], factor: string): string[] {
  const at = factors.indexOf(factor);
  return factors.filter((_, i) => i !== at);
}
