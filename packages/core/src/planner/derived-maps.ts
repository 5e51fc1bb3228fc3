/** Index maps made of others, named after their parts so that equal ones are one. */
import type { IndexMap } from '../ir/index.js';

/** row → second(first(row)), under the name that the model gives such maps: `sender` and `species` make `senderSpecies`. */
export function composedMap(first: IndexMap, second: IndexMap): IndexMap {
  const name = `${first.name}${second.name.charAt(0).toUpperCase()}${second.name.slice(1)}`;
  return { name, from: first.from, to: second.to, derivation: { kind: 'compose', first, second } };
}

/** row → first(row) · |second| + second(row). Both have targets of fixed size. */
export function pairMap(first: IndexMap, second: IndexMap): IndexMap {
  return {
    name: `${first.name}And${second.name}`,
    from: first.from,
    to: (first.to as number) * (second.to as number),
    derivation: { kind: 'pair', first, second },
  };
}
