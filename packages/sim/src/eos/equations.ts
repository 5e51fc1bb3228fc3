/**
 * Equations of state as ASE 3.29 names and writes them (`ase.eos`), each as E = E₀ + B₀·V₀·g(V/V₀, p) with g(1) = g′(1) = 0 and
 * g″(1) = 1. Sources are of the equations.
 */

export interface EquationOfState {
  readonly g: (v: number, p: number) => number;
  /** p where B₀′ is 4, to begin with. */
  readonly start: number;
  /** B₀′ of p. */
  readonly derivative: (p: number) => number;
}

const plain = { start: 4, derivative: (p: number): number => p };

/** Third order in (V₀/V)^⅔: Birch, Phys. Rev. 71, 809 (1947); Hebbache, Zemzemi, Phys. Rev. B 70, 224107 (2004), equation 3. */
const birchmurnaghan: EquationOfState = {
  ...plain,
  g: (v, p) => {
    const x = v ** (-2 / 3) - 1;
    return (9 / 16) * x * x * (2 + (p - 4) * x);
  },
};

/** Third order in V. */
const taylor: EquationOfState = {
  g: (v, p) => (v - 1) ** 2 / 2 + (p / 6) * (v - 1) ** 3,
  start: -5,
  derivative: (p) => -1 - p,
};

export const equationsOfState = {
  birchmurnaghan,
  /** The same function, written otherwise: Mehl, Klein, Papaconstantopoulos, Intermetallic Compounds 1, 195 (1995). */
  birch: birchmurnaghan,
  /** Fu, Ho, Phys. Rev. B 28, 5480 (1983). */
  murnaghan: {
    ...plain,
    g: (v, p) => (v / p) * (v ** -p / (p - 1) + 1) - 1 / (p - 1),
  },
  /** Hebbache, Zemzemi, Phys. Rev. B 70, 224107 (2004). */
  vinet: {
    ...plain,
    g: (v, p) => {
      const x = v ** (1 / 3) - 1;
      return (2 / (p - 1) ** 2) * (2 - (2 + 3 * (p - 1) * x) * Math.exp(-1.5 * (p - 1) * x));
    },
  },
  /** Hebbache, Zemzemi, Phys. Rev. B 70, 224107 (2004). */
  pouriertarantola: {
    ...plain,
    g: (v, p) => {
      const x = -Math.log(v);
      return ((x * x) / 6) * (3 + x * (p - 2));
    },
  },
  /** Anton, Schmidt, Intermetallics 5, 449 (1997). */
  'anton-schmidt': {
    ...plain,
    g: (v, p) => {
      const n = 1 - p / 2;
      return 1 / n ** 2 + (v ** n / n) * (Math.log(v) - 1 / n);
    },
  },
  taylor,
  /** The same function, as a polynomial. */
  p3: taylor,
  /** Third order in V^-⅓: Alchagirov, Perdew, Boettger, Albers, Fiolhais, Phys. Rev. B 67, 026103 (2003). */
  sj: {
    g: (v, p) => {
      const s = v ** (-1 / 3) - 1;
      return 4.5 * s * s + p * s ** 3;
    },
    start: 4.5,
    derivative: (p) => 3 + (2 / 9) * p,
  },
} as const satisfies Readonly<Record<string, EquationOfState>>;

export type EquationName = keyof typeof equationsOfState;
