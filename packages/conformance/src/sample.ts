/**
 * As much of the kit as is run after every change: every promise of the contract, and of each suite what catches every kind of
 * fault that the tests of this package plant. A backend that passes it is not proved right; the whole kit does that.
 */
export const sample: readonly string[] = [
  'contract',
  'ops/*/*/0-rows',
  'ops/*/*/1-to-35-rows',
  'polynomials/*/1-to-70-rows',
  'sizes/*/*/small',
  'values/*/whole-numbers',
  'values/*/special',
  'values/table/at-the-cutoff*',
  'values/exp',
  'values/sin',
  'values/pow',
  'gradients/*/*/vjp',
  'gradients/parameters/B',
  'fusion/each-occurs',
  'fusion/models/D',
  'physics/*/B',
  'golden/B-molecule',
  'golden/B-crystal',
  'golden/stages/B',
];

/** Less, for engines whose kernels are other people's: every promise of the contract, every op, one model. */
export const smallSample: readonly string[] = [
  'contract',
  'ops/*/*/1-to-35-rows',
  'fusion/models/B',
  'physics/reference/B',
  'golden/B-crystal',
];
