/** Tables that end elsewhere than at their cutoff. */
import type { Fault } from './fault.js';

export const tableFaults: readonly Fault[] = [
  {
    name: 'table-that-goes-on',
    caughtBy: ['values/table/at-the-cutoff'],
    neighbourhood: /below/,
    node: withCutoff(() => 1e30),
  },
  {
    name: 'table-that-ends-one-place-late',
    caughtBy: ['values/table/at-the-cutoff-by-pair'],
    node: withCutoff((cutoff) => cutoff * (1 + 2 ** -52)),
  },
  {
    name: 'table-that-ends-one-place-late-in-float32',
    caughtBy: ['values/table/at-the-cutoff'],
    precision: 'f32',
    node: withCutoff((cutoff) => Math.fround(cutoff) * (1 + 2 ** -23)),
  },
];

function withCutoff(change: (cutoff: number) => number): NonNullable<Fault['node']> {
  return (build, { op, attributes }, [r, pieces]) =>
    op === 'table' ? build.table(r!, pieces!, { ...attributes, cutoff: change(attributes.cutoff) }) : null;
}
