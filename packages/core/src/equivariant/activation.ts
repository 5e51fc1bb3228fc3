/**
 * Second-moment constants of activations: e3nn multiplies f by E[f(z)²]^(−1/2), estimated with a fixed seed, so these
 * are not the exact integrals (spec 2.8; e3nn 0.4.4, `math/_normalize_activation.py`).
 */
export const activationConstants = {
  silu: 1.6791767923989418,
  tanh: 1.5937334472592695,
  sigmoid: 1.8467055342154763,
  abs: 1.001110600838467,
} as const;
