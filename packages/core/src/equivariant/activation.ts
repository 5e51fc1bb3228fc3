/**
 * The factors by which e3nn multiplies activation functions so that their second moment is 1.
 *
 * They are not the exact integrals: upstream estimates them with 10⁶ samples from a fixed seed, and every published
 * model was trained with these estimates.
 */

/**
 * (E f(z)²)^(−1/2) as upstream computes it, by name of the function.
 *
 * Source: e3nn 0.4.4 `math/_normalize_activation.py` with torch's generator at seed 0. Exact: silu 1.676532470,
 * tanh 1.592537420, sigmoid 1.846228545, abs 1.
 */
export const activationConstants = {
  silu: 1.6791767923989418,
  tanh: 1.5937334472592695,
  sigmoid: 1.8467055342154763,
  abs: 1.001110600838467,
} as const;
